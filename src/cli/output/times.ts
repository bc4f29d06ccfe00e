import { shortDuration } from '../../validation/duration.ts';

/** RFC 3339 without fractions of a second. */
export const shortTime = (time: string | Date): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

/** A time for people: when, and how long ago or until then. */
export function timeAndAge(time: string | Date, now = Date.now()): string {
  const ms = now - new Date(time).getTime();
  return `${shortTime(time)} (${ms < 0 ? `in ${shortDuration(-ms)}` : `${shortDuration(ms)} ago`})`;
}
