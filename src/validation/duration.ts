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

/** A duration in at most two units, such as `42s`, `3m12s`, `5h2m` or `12d`. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const units: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first === -1) return '0s';
  const [size, unit] = units[first]!;
  const count = Math.floor(seconds / size);
  const [nextSize, nextUnit] = units[first + 1] ?? [];
  const rest = nextSize === undefined ? 0 : Math.floor((seconds - count * size) / nextSize);
  // 12 days need no hours.
  return rest === 0 || count >= 10 ? `${count}${unit}` : `${count}${unit}${rest}${nextUnit}`;
}
