import type { Expected } from './shapes.ts';
import { STATUS_INVARIANTS, type ResourceEvidence } from './status-invariants.ts';

/** What is known of one application from outside: history, audit log, a watch of our own, and what is there at the end. */
export interface Evidence {
  readonly expected: Expected;
  /** Submission IDs of the attempts that were to be, in order. */
  readonly submissionIds: readonly string[];
  /** Temporal's word for the workflow; RUNNING where it did not end in time. */
  readonly workflowStatus: string;
  /** The same of the pipeline that it is a stage of. */
  readonly parentStatus?: string;
  /** Whether no submission got into the history of its last run: it was ended before. */
  readonly unasked?: true;
  /** When the workflow ended, in milliseconds since the epoch. */
  readonly closedAt?: number;
  /** When a kill was sent, when a worker began to carry it out, and until when it must have. */
  readonly kill?: { readonly at: number; readonly heardAt?: number; readonly heardBy: number };
  /** What it waits for, where it did not end in time. */
  readonly standstill?: string;
  /** The events of its last run and when they were recorded. */
  readonly story?: string;
  /** What the workflow reports about its end; absent where it reports nothing. */
  readonly result?: { readonly state: string; readonly exitCode?: number; readonly attempts: number };
  /** Every driver pod that a watch ever showed. */
  readonly pods: readonly SeenPod[];
  /** Requests that created a driver, from the audit log. */
  readonly creations: readonly { readonly submissionId: string }[];
  /** When the kubelet removed a driver of it, or a request took its finalizer off, from the audit log. */
  readonly removals?: readonly number[];
  /** Requests that took the finalizer off, from the audit log. Times in milliseconds since the epoch. */
  readonly releases: readonly { readonly uid: string; readonly at: number }[];
  /** When the end of an attempt got into history, in milliseconds since the epoch. */
  readonly outcomes: readonly { readonly submissionId: string; readonly at: number }[];
  /** What is there when all is over, housekeeping included. */
  readonly left: readonly LeftObject[];
  /** Whether housekeeping released a driver of it. */
  readonly releasedByHousekeeping: boolean;
  /** Of the resource that it serves. */
  readonly resource?: ResourceEvidence;
}

export interface SeenPod {
  readonly uid: string;
  readonly submissionId: string;
  /** When it was first seen without the finalizer, or gone; absent where it never was. */
  readonly releasedAt?: number;
  /** When its driver container ended; absent where that was not seen. */
  readonly endedAt?: number;
  /** When it was seen to be gone. */
  readonly goneAt?: number;
}

export interface LeftObject {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly submissionId?: string;
  readonly held: boolean;
  readonly owners: readonly string[];
}

/**
 * `starved`: a kill was not heard in time. `running`: something ran for a workflow that had ended. The next three are of
 * the status of a resource: it showed what was not in history, an older state after a newer one, or not the end. The
 * last two are of a process of ours: it did not stop when it was asked to, or took too much memory.
 */
export const HARMS = [
  ...(['lost', 'doubled', 'early', 'stuck', 'starved', 'running'] as const),
  ...(['ahead', 'back', 'behind', 'unstopped', 'memory'] as const),
] as const;
export type Harm = (typeof HARMS)[number];

/** A kill is heard within this time after it was sent, and after the end of what was broken meanwhile. */
export const HEARD_WITHIN_MS = 30_000;
/** The end of a container is a whole second, and the end of a workflow is not. */
const SECOND_MS = 1_000;

export interface Violation {
  readonly harm: Harm;
  readonly what: string;
}

export const happenedIn = (where: string, { harm, what }: Violation): Violation => ({
  harm,
  what: `${where}: ${what}`,
});

export interface Invariant {
  readonly harm: Harm;
  readonly name: string;
  /** @returns what is wrong */
  readonly check: (evidence: Evidence) => string | undefined;
}

/** What holds for every application, whatever is broken and whenever. */
const OF_RUNS: readonly Invariant[] = [
  {
    harm: 'stuck',
    name: 'the workflow ends',
    check: ({ workflowStatus, standstill }: Evidence): string | undefined =>
      workflowStatus === 'RUNNING' ? `it still runs: ${standstill}` : undefined,
  },
  {
    harm: 'lost',
    name: 'the final state is right',
    check: ({ expected, result, workflowStatus, parentStatus }: Evidence): string | undefined => {
      if (workflowStatus === 'RUNNING') return undefined;
      if (expected.removed === true) return wasRemoved(expected, workflowStatus, result?.state);
      if (parentStatus !== undefined && parentStatus !== 'COMPLETED') return `the pipeline is ${parentStatus}`;
      if (workflowStatus !== expected.state) return `the workflow is ${workflowStatus}, not ${expected.state}`;
      if (result?.state !== expected.state) return `the result says ${result?.state}, not ${expected.state}`;
      return expected.exitCode === undefined || result.exitCode === expected.exitCode
        ? undefined
        : `the exit code is ${result.exitCode}, not ${expected.exitCode}`;
    },
  },
  {
    harm: 'lost',
    name: 'no attempt is skipped',
    check: ({
      submissionIds,
      pods,
      outcomes,
      expected,
      result,
      workflowStatus,
      unasked,
    }: Evidence): string | undefined => {
      if (workflowStatus === 'RUNNING') return undefined;
      // A workflow task that is given to another worker leaves time for a request before the first submission.
      const mayBeUnbegun = expected.removed === true || expected.firstMayLackDriver === true;
      const isUnbegun = mayBeUnbegun && unasked === true && pods.length === 0;
      const least = expected.attempts - Number(isUnbegun);
      if (result !== undefined && result.attempts < least) return `it counts ${result.attempts} attempts`;
      const hadDriver = (id: string) => pods.some(({ submissionId }) => submissionId === id);
      const needed = submissionIds.filter(
        (id, index) => hadDriver(id) || index > 0 || (expected.firstMayLackDriver === undefined && !isUnbegun),
      );
      const missing = needed.find((id) => !hadDriver(id));
      if (missing !== undefined) return `attempt ${missing} had no driver`;
      const unrecorded = needed.find((id) => !outcomes.some(({ submissionId }) => submissionId === id));
      return unrecorded === undefined ? undefined : `the end of attempt ${unrecorded} is not in history`;
    },
  },
  {
    harm: 'doubled',
    name: 'no attempt is made twice',
    check: ({ submissionIds, pods, expected, result }: Evidence): string | undefined => {
      if (result !== undefined && result.attempts > expected.attempts) return `it counts ${result.attempts} attempts`;
      const extra = pods.find(({ submissionId }) => !submissionIds.includes(submissionId));
      return extra === undefined ? undefined : `there was a driver of submission ${extra.submissionId}`;
    },
  },
  {
    harm: 'doubled',
    name: 'an attempt has one driver pod, by the watch',
    check: ({ pods }: Evidence): string | undefined =>
      twice(new Map(pods.map(({ uid, submissionId }) => [uid, submissionId])).values()),
  },
  {
    harm: 'doubled',
    name: 'an attempt has one driver pod, by the audit log',
    check: ({ creations }: Evidence): string | undefined => twice(creations.map(({ submissionId }) => submissionId)),
  },
  {
    harm: 'early',
    name: 'the outcome is in history before the finalizer goes, by the audit log',
    check: ({ releases, pods, outcomes }: Evidence): string | undefined => {
      const submissions = new Map(pods.map(({ uid, submissionId }) => [uid, submissionId]));
      return first(releases, ({ uid, at }) => beforeRecorded(submissions.get(uid), at, outcomes));
    },
  },
  {
    harm: 'early',
    name: 'the outcome is in history before the finalizer goes, by the watch',
    check: ({ pods, outcomes }: Evidence): string | undefined =>
      first(pods, ({ submissionId, releasedAt }) =>
        releasedAt === undefined ? undefined : beforeRecorded(submissionId, releasedAt, outcomes),
      ),
  },
  {
    harm: 'stuck',
    name: 'no finalizer is left, and housekeeping had nothing to do',
    check: ({ left, releasedByHousekeeping }: Evidence): string | undefined => {
      const held = left.find((object) => object.held);
      if (held !== undefined) return `${held.kind} ${held.name} is held`;
      return releasedByHousekeeping ? 'housekeeping had to release its driver' : undefined;
    },
  },
  {
    harm: 'stuck',
    name: 'nothing is left behind but the last driver, where it stays, and what that owns',
    check: ({ left, expected, submissionIds }: Evidence): string | undefined => {
      const pods = left.filter(({ kind }) => kind === 'Pod');
      const stray = pods.find(({ submissionId }) => !expected.podStays || submissionId !== submissionIds.at(-1));
      if (stray !== undefined) return `pod ${stray.name} is left`;
      const uids = new Set(pods.map(({ uid }) => uid));
      const orphan = left.find(
        ({ kind, owners }) => kind !== 'Pod' && kind !== 'Job' && !owners.some((owner) => uids.has(owner)),
      );
      return orphan === undefined ? undefined : `${orphan.kind} ${orphan.name} is left`;
    },
  },
  {
    harm: 'starved',
    name: 'a kill is heard in time',
    check: ({ kill }: Evidence): string | undefined => {
      if (kill === undefined || (kill.heardAt !== undefined && kill.heardAt <= kill.heardBy)) return undefined;
      const heard = kill.heardAt === undefined ? 'never' : `after ${((kill.heardAt - kill.at) / 1000).toFixed(1)} s`;
      return `it was heard ${heard}; ${((kill.heardBy - kill.at) / 1000).toFixed(1)} s were allowed`;
    },
  },
  {
    harm: 'running',
    name: 'nothing runs for a workflow that has ended',
    check: ({ closedAt, pods, left, removals = [] }: Evidence): string | undefined => {
      const job = left.find(({ kind }) => kind === 'Job');
      if (job !== undefined) return `${job.kind} ${job.name} is left`;
      if (closedAt === undefined) return undefined;
      // A watch that was broken shows late that a pod is gone; what removed it is in the audit log.
      const endOf = ({ endedAt, goneAt }: SeenPod): number | undefined =>
        endedAt ?? (goneAt && (removals.findLast((at) => at <= goneAt) ?? goneAt));
      const late = pods.find((pod) => (endOf(pod) ?? Infinity) > closedAt + SECOND_MS);
      if (late === undefined) return undefined;
      const { submissionId } = late;
      const endedAt = endOf(late);
      const how = endedAt === undefined ? 'does not end' : `ended ${((endedAt - closedAt) / 1000).toFixed(1)} s later`;
      return `the driver of attempt ${submissionId} ${how}`;
    },
  },
];

export const INVARIANTS: readonly Invariant[] = [...OF_RUNS, ...STATUS_INVARIANTS];

/** A resource that was deleted before its run was started has none. */
function wasRemoved({ firstMayLackDriver }: Expected, workflowStatus: string, state?: string): string | undefined {
  if (workflowStatus === 'MISSING' && firstMayLackDriver) return undefined;
  // A kill ends the workflow as FAILED, a cancel as CANCELLED; so does the end of its driver, which goes with it.
  const isEnded = ['FAILED', 'CANCELLED'].includes(workflowStatus);
  return isEnded && (state === 'CANCELLED' || state === 'FAILED') ? undefined : `it is ${workflowStatus}, ${state}`;
}

/** Of each that does not hold; the first has the history. */
export function violations(evidence: Evidence): Violation[] {
  const found = INVARIANTS.flatMap(({ harm, name, check }) => {
    const problem = check(evidence);
    return problem === undefined ? [] : [{ harm, what: `${name}: ${problem}` }];
  });
  const { story } = evidence;
  return found.map(({ harm, what }, index) => ({
    harm,
    what: index === 0 && story !== undefined ? `${what}; history: ${story}` : what,
  }));
}

function twice(submissionIds: Iterable<string>): string | undefined {
  const seen = new Set<string>();
  for (const id of submissionIds) {
    if (seen.has(id)) return `attempt ${id} had more than one`;
    seen.add(id);
  }
  return undefined;
}

function beforeRecorded(
  submissionId: string | undefined,
  at: number,
  outcomes: Evidence['outcomes'],
): string | undefined {
  const recordedAt = outcomes.find((outcome) => outcome.submissionId === submissionId)?.at;
  if (recordedAt === undefined) return `attempt ${submissionId}: it went, and no outcome is in history`;
  return at < recordedAt ? `attempt ${submissionId}: it went ${(recordedAt - at).toFixed(1)} ms early` : undefined;
}

function first<T>(items: readonly T[], check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = check(item);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
