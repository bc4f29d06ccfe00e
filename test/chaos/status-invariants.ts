import { missingFact, type Fact } from './history-facts.ts';
import type { Evidence, Invariant } from './invariants.ts';
import type { ShownStatus } from './resource-observer.ts';

/** What is known of the resource that an application serves. */
export interface ResourceEvidence {
  /** What a watch of our own showed, in order. */
  readonly shown: readonly ShownStatus[];
  /** Requests that wrote a state, from the audit log. */
  readonly writes: readonly WrittenStatus[];
  /** Of all runs of its workflow. */
  readonly facts: readonly Fact[];
  /** UIDs of the resources that the runs served, one for each run. */
  readonly runs: readonly (string | undefined)[];
  /** When its run had ended, and its time to be shown was over; absent where it was deleted. */
  readonly end?: {
    readonly shown: EndStatus;
    readonly recorded: EndStatus;
  };
}

export interface WrittenStatus {
  readonly state: string;
  readonly submissionId?: string;
  /** When the API server received the request, in milliseconds since the epoch. */
  readonly at: number;
}

/** What status and history must agree on in the end. */
export interface EndStatus {
  readonly state: string;
  readonly submissionId: string;
  readonly finishedAt: string;
  /** Since the last edit. */
  readonly submissions: number;
  readonly executions: number;
}

/** How far a submission is in a state. Those of one rank may follow each other. */
const RANKS: Readonly<Record<string, number>> = {
  RESUMING: 0,
  SUBMITTED: 1,
  RUNNING: 2,
  UNKNOWN: 2,
  INVALIDATING: 3,
  SUSPENDING: 3,
  SUCCEEDING: 4,
  FAILING: 4,
  SUBMISSION_FAILED: 4,
  SUSPENDED: 5,
  PENDING_RERUN: 5,
  COMPLETED: 6,
  FAILED: 6,
};

/** What holds for the status of every resource besides. */
export const STATUS_INVARIANTS: readonly Invariant[] = [
  {
    harm: 'ahead',
    name: 'what the status shows is in history by then, by the watch',
    check: ({ resource }: Evidence): string | undefined =>
      first(resource?.shown ?? [], ({ missing, ...shown }) => missing && `${named(shown)}: no ${missing}`),
  },
  {
    harm: 'ahead',
    name: 'what the status shows is in history before it is written, by the audit log',
    check: ({ resource }: Evidence): string | undefined =>
      resource &&
      first(resource.writes, (written) => {
        const before = resource.facts.filter(({ at }) => at <= written.at);
        const missing = missingFact(written, before);
        return missing && `${named(written)}: no ${missing}`;
      }),
  },
  {
    harm: 'back',
    name: 'no status is followed by an older one',
    check: ({ resource }: Evidence): string | undefined => eachResource(resource?.shown ?? [], wentBack),
  },
  {
    harm: 'back',
    name: 'no counter goes back without an edit',
    check: ({ resource }: Evidence): string | undefined => eachResource(resource?.shown ?? [], countedBack),
  },
  {
    harm: 'behind',
    name: 'the status is that of history in the end',
    check: ({ resource, workflowStatus }: Evidence): string | undefined => {
      const { shown, recorded } = resource?.end ?? {};
      if (workflowStatus === 'RUNNING' || shown === undefined || recorded === undefined) return undefined;
      const [is, mustBe] = [JSON.stringify(shown), JSON.stringify(recorded)];
      return is === mustBe ? undefined : `it shows ${is}, not ${mustBe}`;
    },
  },
  {
    harm: 'doubled',
    name: 'a resource has one run',
    check: ({ resource }: Evidence): string | undefined => {
      const runs = resource?.runs ?? [];
      const twice = runs.find((uid, index) => runs.indexOf(uid) !== index);
      return twice === undefined ? undefined : `resource ${twice} had more than one`;
    },
  },
];

const named = ({ state, submissionId }: { readonly state: string; readonly submissionId?: string }): string =>
  `${state} of attempt ${submissionId ?? 'none'}`;

/** One resource may follow another under the same name. */
function eachResource(
  shown: readonly ShownStatus[],
  check: (before: ShownStatus, after: ShownStatus, all: readonly ShownStatus[]) => string | undefined,
): string | undefined {
  const uids = [...new Set(shown.map(({ uid }) => uid))];
  return first(uids, (uid) => {
    const all = shown.filter((each) => each.uid === uid);
    return first(all.slice(1), (after) => check(all[all.indexOf(after) - 1]!, after, all));
  });
}

function wentBack(before: ShownStatus, after: ShownStatus): string | undefined {
  const { begunAt = 0 } = after;
  const isOlder =
    begunAt < (before.begunAt ?? 0) ||
    (before.submissionId !== undefined &&
      after.submissionId === before.submissionId &&
      (RANKS[after.state] ?? 0) < (RANKS[before.state] ?? 0));
  return isOlder ? `${named(before)} is followed by ${named(after)}` : undefined;
}

/** They begin again once for each edit. */
function countedBack(before: ShownStatus, after: ShownStatus, all: readonly ShownStatus[]): string | undefined {
  const isLess = ({ submissions, executions }: ShownStatus, than: ShownStatus) =>
    submissions < than.submissions || executions < than.executions;
  if (!isLess(after, before)) return undefined;
  const until = all.indexOf(after);
  const falls = all.filter((each, index) => index > 0 && index <= until && isLess(each, all[index - 1]!));
  const counts = ({ submissions, executions }: ShownStatus) => `${submissions} and ${executions}`;
  return falls.length < after.generation
    ? undefined
    : `${counts(before)} is followed by ${counts(after)} at generation ${after.generation}`;
}

function first<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined && problem !== '') return problem;
  }
  return undefined;
}
