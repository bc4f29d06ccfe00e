import type { Client } from '@temporalio/client';

type Handle = ReturnType<Client['workflow']['getHandle']>;
export type HistoryEvent = NonNullable<Awaited<ReturnType<Handle['fetchHistory']>>['events']>[number];

type EventNames = NonNullable<HistoryEvent['activityTaskScheduledEventAttributes']> &
  NonNullable<HistoryEvent['workflowExecutionUpdateAcceptedEventAttributes']>;

/** What a history has of an application. */
export const FactKind = {
  /** A submission was scheduled: its ID is recorded. */
  Asked: 'asked',
  /** Its driver exists. */
  Submitted: 'submitted',
  Running: 'running',
  Succeeded: 'succeeded',
  /** Its driver ended otherwise, was stopped, or was never created. */
  Failed: 'failed',
  /** A request was taken, whatever it asked for. */
  Requested: 'requested',
  Closed: 'closed',
} as const;
export type FactKind = (typeof FactKind)[keyof typeof FactKind];

export interface Fact {
  readonly kind: FactKind;
  /** Absent where it is not about a submission. */
  readonly submissionId?: string;
  /** When it was recorded, in milliseconds since the epoch. */
  readonly at: number;
}

/** The facts of a history, in their order. Pure. */
export function factsOf(events: readonly HistoryEvent[]): Fact[] {
  const activities = new Map<string, { readonly type: string; readonly submissionId: string }>();
  return events.flatMap((event): Fact[] => {
    const at = timeOf(event);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) {
      const [, submissionId] = /"submissionId":"([^"]+)"/.exec(textOf(scheduled.input)) ?? [];
      const type = scheduled.activityType?.name ?? '';
      if (submissionId === undefined) return [];
      activities.set(String(event.eventId), { type, submissionId });
      return type === 'submitSparkApplication' ? [{ kind: FactKind.Asked, submissionId, at }] : [];
    }
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed != null) {
      const activity = activities.get(String(completed.scheduledEventId));
      const kind = activity && factOfResult(activity.type, textOf(completed.result));
      return kind === undefined ? [] : [{ kind, submissionId: activity!.submissionId, at }];
    }
    const failed =
      event.activityTaskFailedEventAttributes ??
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes;
    if (failed != null) {
      const activity = activities.get(String(failed.scheduledEventId));
      if (activity?.type !== 'submitSparkApplication') return [];
      return [{ kind: FactKind.Failed, submissionId: activity.submissionId, at }];
    }
    const isRequest =
      event.workflowExecutionUpdateAcceptedEventAttributes ?? event.workflowExecutionCancelRequestedEventAttributes;
    if (isRequest != null) return [{ kind: FactKind.Requested, at }];
    const isClosed =
      event.workflowExecutionCompletedEventAttributes ??
      event.workflowExecutionFailedEventAttributes ??
      event.workflowExecutionCanceledEventAttributes ??
      event.workflowExecutionTerminatedEventAttributes;
    return isClosed == null ? [] : [{ kind: FactKind.Closed, at }];
  });
}

function factOfResult(type: string, result: string): FactKind | undefined {
  switch (type) {
    case 'submitSparkApplication':
      return result.includes('"driverPodUid":') ? FactKind.Submitted : undefined;
    case 'waitForSparkDriver':
    case 'stopSparkDriver':
      if (result.includes('"succeeded":true')) return FactKind.Succeeded;
      if (result.includes('"succeeded":') || type === 'stopSparkDriver') return FactKind.Failed;
      return result.includes('"state":"RUNNING"') ? FactKind.Running : undefined;
    default:
      return undefined;
  }
}

/** Alternatives, all of which must be met: of the submission where it has one, else of any. */
type Needed = readonly (readonly FactKind[])[];

const { Submitted, Running, Succeeded, Failed, Requested, Closed } = FactKind;
const ENDED = [Succeeded, Failed];
const NEEDED: Readonly<Record<string, Needed>> = {
  '': [],
  SUBMITTED: [[Submitted]],
  RUNNING: [[Running]],
  UNKNOWN: [[Submitted]],
  SUCCEEDING: [[Succeeded]],
  COMPLETED: [[Succeeded]],
  SUBMISSION_FAILED: [[Failed]],
  // Also of one that is being stopped because it was killed or cancelled.
  FAILING: [[Failed, Requested]],
  PENDING_RERUN: [ENDED],
  FAILED: [ENDED],
  INVALIDATING: [[Requested]],
  SUSPENDING: [[Requested]],
  SUSPENDED: [[Requested], ENDED],
  RESUMING: [[Requested]],
};
/** Before the first submission. */
const NEEDED_WITHOUT_SUBMISSION: Readonly<Record<string, Needed>> = {
  '': [],
  SUSPENDED: [],
  FAILED: [[Requested, Closed]],
};

/** What of a status is not among the facts; undefined where nothing is missing. Pure. */
export function missingFact(
  { state, submissionId }: { readonly state: string; readonly submissionId?: string | undefined },
  facts: readonly Fact[],
): string | undefined {
  const needed = submissionId === undefined ? NEEDED_WITHOUT_SUBMISSION[state] : NEEDED[state];
  if (needed === undefined) return `a state ${state} ${submissionId === undefined ? 'without' : 'of'} a submission`;
  const all = submissionId === undefined ? needed : [[FactKind.Asked], ...needed];
  const has = (kind: FactKind) =>
    facts.some((fact) => fact.kind === kind && (fact.submissionId ?? submissionId) === submissionId);
  return all.find((alternatives) => !alternatives.some(has))?.join(' or ');
}

/** One line: each event, the activity or update that it is of, and the seconds since the first. Pure. */
export function storyOf(events: readonly HistoryEvent[]): string {
  const begun = events.length === 0 ? 0 : timeOf(events[0]!);
  const words = events.map((event) => {
    const [key = '', attributes] =
      Object.entries(event).find(([name, value]) => name.endsWith('Attributes') && value) ?? [];
    const { activityType, acceptedRequest } = attributes as Partial<EventNames>;
    const name = activityType?.name ?? acceptedRequest?.input?.name;
    const type = key.replace(/EventAttributes$/, '');
    return `${name == null ? type : `${type} ${name}`} ${((timeOf(event) - begun) / 1000).toFixed(2)}`;
  });
  return words.join(', ');
}

export const timeOf = ({ eventTime }: HistoryEvent): number =>
  Number(eventTime!.seconds) * 1000 + (eventTime!.nanos ?? 0) / 1e6;

export function textOf(payloads: { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined): string {
  return (payloads?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join('\n');
}
