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

/** RFC 3339 without fractions of a second. */
export const shortTime = (time: string | Date): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/** A time for people: when, and how long ago or until then. */
export function timeAndAge(time: string | Date, now = Date.now()): string {
  const ms = now - new Date(time).getTime();
  return `${shortTime(time)} (${ms < 0 ? `in ${shortDuration(-ms)}` : `${shortDuration(ms)} ago`})`;
}
