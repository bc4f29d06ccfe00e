import { durationMs } from '../validation/duration.ts';
import { LONGEST_MS } from '../validation/lengths.ts';
import { OverlapPolicy } from './overlap-policy.ts';
import type { Violation } from '../validation/problem.ts';
import { shorten } from '../validation/problems.ts';

/** Features of Temporal's schedules for which a ScheduledSparkApplication has no field. */
export const ScheduleAnnotation = {
  /** One of `OverlapPolicy`; wins over `concurrencyPolicy`. */
  Overlap: 'temporal-spark/overlap',
  /** Duration a run may be late that was missed while Temporal was down. Default: 1h. */
  CatchUp: 'temporal-spark/catch-up',
  /** Longest random delay of each start. Default: 0s. */
  Jitter: 'temporal-spark/jitter',
  /** `true` or `false`. */
  PauseOnFailure: 'temporal-spark/pause-on-failure',
} as const;

const rules: Readonly<Record<string, { readonly fits: (text: string) => boolean; readonly allowed: string }>> = {
  [ScheduleAnnotation.Overlap]: {
    fits: (text) => Object.values(OverlapPolicy).some((policy) => policy === text),
    allowed: Object.values(OverlapPolicy).join(', '),
  },
  // Temporal's minimum.
  [ScheduleAnnotation.CatchUp]: {
    fits: (text) => isWithin(text, 10_000),
    allowed: 'a duration from 10s to a year (8760h)',
  },
  [ScheduleAnnotation.Jitter]: {
    fits: (text) => isWithin(text, 0),
    allowed: 'a duration such as 30s, up to a year (8760h)',
  },
  [ScheduleAnnotation.PauseOnFailure]: {
    fits: (text) => text === 'true' || text === 'false',
    allowed: '"true" or "false"',
  },
};

const isWithin = (text: string, minimum: number): boolean => {
  const duration = durationMs(text) ?? -1;
  return duration >= minimum && duration <= LONGEST_MS;
};

/** The annotations of a schedule with an invalid value. */
export function checkScheduleAnnotations(annotations: Readonly<Record<string, unknown>>): Violation[] {
  return Object.entries(rules).flatMap(([name, { fits, allowed }]) => {
    const value = annotations[name];
    if (typeof value !== 'string' || fits(value)) return [];
    return [
      {
        path: ['metadata', 'annotations', name],
        code: 'invalid_format',
        message: `must not be "${shorten(value)}"`,
        allowed,
      },
    ];
  });
}
