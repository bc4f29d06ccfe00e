import { workflowInfo } from '@temporalio/workflow';

/** The logical time of a run, for expressions. */
export interface ScheduleFacts {
  /** RFC 3339. */
  readonly time: string;
  /** YYYY-MM-DD in the schedule's zone. */
  readonly date: string;
}

/**
 * When a run was due: the time that its caller gives, else that of its Temporal Schedule, else its start. A backfilled run
 * is due at the time that it is run for.
 */
export function scheduleFacts(given: string | undefined, timeZone: string): ScheduleFacts {
  const { searchAttributes, startTime } = workflowInfo();
  const [scheduled] =
    (searchAttributes as Record<string, (string | Date)[] | undefined>)['TemporalScheduledStartTime'] ?? [];
  const due = given ?? scheduled ?? startTime;
  const time = new Date(due);
  return {
    time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
    // The Swedish way to write a day is ISO's.
    date: new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
      time,
    ),
  };
}
