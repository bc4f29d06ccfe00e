const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const time = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/**
 * The first moment of a day in a time zone: 01:00 where the clock is put forward at midnight.
 *
 * @param day as `isDay` has it
 * @param zone an IANA name
 */
export function startOfDay(day: string, zone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // The zone's offset is one of those a day before and a day after.
  const candidates = [midnight - DAY_MS, midnight + DAY_MS].map((near) => midnight - offsetAt(near, zone));
  const within = candidates.filter((time) => localTime(time, zone).startsWith(day));
  return new Date(Math.min(...within));
}

/** The last moment of a day in a time zone. */
export function endOfDay(day: string, zone: string): Date {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return new Date(startOfDay(next, zone).getTime() - 1);
}

/** Milliseconds that a zone is ahead of UTC. */
function offsetAt(time: number, zone: string): number {
  return Date.parse(`${localTime(time, zone).replace(' ', 'T')}Z`) - time;
}

/** `YYYY-MM-DD HH:MM:SS`: the Swedish way to write a time is nearly ISO's. */
function localTime(time: number, timeZone: string): string {
  return new Date(time).toLocaleString('sv-SE', { timeZone });
}
