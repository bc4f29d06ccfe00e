import { Longest } from './lengths.ts';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Sticky: the parts follow each other. */
const PART = /(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/gy;

/** Milliseconds of a duration as Go, and so the operator and kubectl, write it: `90s`, `1h30m`, `1.5h`. */
export function durationMs(text: string): number | undefined {
  if (text.length > Longest.Setting) return undefined;
  let end = 0;
  let sum = 0;
  for (const [part, number, unit] of text.matchAll(PART)) {
    end += part.length;
    sum += Number(number) * UNIT_MS[unit!]!;
  }
  return end > 0 && end === text.length ? sum : undefined;
}
