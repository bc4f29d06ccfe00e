import { durationMs } from '../validation/duration.ts';
import { lengthFault, Longest, LONGEST_MS } from '../validation/lengths.ts';

/** A field of a cron expression: its name, its range, and words that stand for numbers. */
interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}

const cronFields: readonly CronField[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  {
    name: 'month',
    min: 1,
    max: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', min: 0, max: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];

export const SCHEDULE_ALLOWED =
  'five cron fields such as "0 3 * * *", a word such as "@daily", or "@every 30m"; "CRON_TZ=Europe/Zurich " may stand before it';

/** Why a schedule in the operator's syntax (cron with five fields, a word, `@every`) is invalid; undefined if valid. */
export function scheduleFault(schedule: string): string | undefined {
  const fault = lengthFault(schedule, Longest.Schedule);
  if (fault !== undefined) return `${fault.message}; the limit is ${Longest.Schedule}`;
  const zone = ZONE_PREFIX.exec(schedule.trim())?.[1];
  const rest = withoutZone(schedule);
  if (zone !== undefined && !isTimeZone(zone)) return `names an unknown time zone, "${zone}"`;
  if (rest.startsWith('@every ')) {
    const interval = durationMs(rest.slice(7).trim());
    if (!interval) return 'has no duration after "@every"';
    return interval > LONGEST_MS ? 'has a duration above a year (8760h) after "@every"' : undefined;
  }
  if (rest.startsWith('@')) {
    return /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(rest) ? undefined : 'is an unknown word';
  }
  const parts = rest.split(/\s+/);
  if (parts.length !== cronFields.length) return `has ${parts.length === 1 && !rest ? 0 : parts.length} fields`;
  const wrong = cronFields.find((field, index) => !isCronField(parts[index] ?? '', field));
  return wrong && `has a wrong ${wrong.name}`;
}

const ZONE_PREFIX = /^(?:CRON_)?TZ=(\S+)\s+/;

/**
 * The zone that a schedule is due in: the one before the cron expression, which wins with the operator too, else the
 * field's. `Local` is UTC, as it is in a container.
 */
export function zoneOfSchedule({
  schedule,
  timeZone = 'UTC',
}: {
  readonly schedule: string;
  timeZone?: string;
}): string {
  const zone = ZONE_PREFIX.exec(schedule.trim())?.[1] ?? timeZone;
  return zone === 'Local' ? 'UTC' : zone;
}

/** A schedule without the zone before it. */
export const withoutZone = (schedule: string): string => schedule.trim().replace(ZONE_PREFIX, '');

/** Intl takes offsets and any case as well; Temporal's server, as Go, takes the names as they are written. */
const ZONE_NAME = /^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/;

/** Whether it is a name of the IANA time zone database. */
export function isTimeZone(name: string): boolean {
  if (name.length > Longest.Setting || !ZONE_NAME.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

function isCronField(text: string, field: CronField): boolean {
  return text.split(',').every((part) => {
    const [range = '', step, ...more] = part.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
    if (range === '*' || range === '?') return true;
    const [from, to, ...rest] = range.split('-').map((bound) => cronNumber(bound, field));
    if (rest.length > 0 || from === undefined) return false;
    return range.includes('-') ? to !== undefined && from <= to : true;
  });
}

function cronNumber(text: string, { min, max, words = [] }: CronField): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  const value = word >= 0 ? word + min : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}
