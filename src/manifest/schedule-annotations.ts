import { durationMs } from '../validation/duration.ts';
import { OverlapPolicy } from './overlap-policy.ts';
import type { Violation } from '../validation/problem.ts';

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
    fits: (text) => (durationMs(text) ?? 0) >= 10_000,
    allowed: 'a duration of at least 10s',
  },
  [ScheduleAnnotation.Jitter]: { fits: (text) => durationMs(text) !== undefined, allowed: 'a duration such as 30s' },
  [ScheduleAnnotation.PauseOnFailure]: {
    fits: (text) => text === 'true' || text === 'false',
    allowed: '"true" or "false"',
  },
};

/** The annotations of a schedule with an invalid value. */
export function checkScheduleAnnotations(annotations: Readonly<Record<string, unknown>>): Violation[] {
  return Object.entries(rules).flatMap(([name, { fits, allowed }]) => {
    const value = annotations[name];
    if (typeof value !== 'string' || fits(value)) return [];
    return [
      { path: ['metadata', 'annotations', name], code: 'invalid_format', message: `must not be "${value}"`, allowed },
    ];
  });
}
