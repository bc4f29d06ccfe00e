import { ApplicationState, type ResourceReference } from '../protocol/index.ts';
import { isOwnSubmissionId } from '../spark/attempt.ts';
import { isFinal } from './resource.ts';

/** The latest run of the workflow that has the id of a resource. */
export interface Run {
  readonly runId: string;
  readonly isOpen: boolean;
  /** Absent while it is open. */
  readonly closedAt?: Date;
  /** The resource that it serves; undefined where it was started without one. */
  readonly resource?: ResourceReference;
}

/** What is known of a resource. */
export interface Observed {
  readonly resource: ResourceReference;
  /** Of its status; undefined before there is one. */
  readonly state?: string;
  /** Of its status. */
  readonly submissionId?: string;
  /** Of its status: when its last attempt began; undefined before there is one. */
  readonly submittedAt?: string;
  /** Undefined where Temporal knows none. */
  readonly run?: Run;
  /** Whether its spec is another than this replica saw before; such a change needs another driver. @default false */
  readonly isEdited?: boolean;
}

/** What is to be done for a resource. */
export type Action =
  | { readonly do: 'nothing' }
  /** Start it. The request id is the same for all who see the same predecessor: one start results. */
  | { readonly do: 'start'; readonly requestId: string }
  /** Hand the edit to its run. */
  | { readonly do: 'update'; readonly runId: string }
  /** Its name is that of a resource that was deleted: end the run of that one first. */
  | { readonly do: 'end-previous'; readonly runId: string }
  /** Its run has ended: its status must show that. */
  | { readonly do: 'compare-status'; readonly runId: string }
  /** Its status is ours, and Temporal has no record of its run: its end is read from its driver. */
  | { readonly do: 'end-lost' }
  /** Another has its name: try again later. */
  | { readonly do: 'wait'; readonly reason: string; readonly message: string };

const NOTHING: Action = { do: 'nothing' };
const { Submitted, Running, Unknown, Succeeding, Failing, Suspending, Invalidating } = ApplicationState;
/** In these another operator is at work on it: its driver may run, or has just ended. */
const LIVE: readonly (string | undefined)[] = [
  ...[Submitted, Running, Unknown],
  ...[Succeeding, Failing, Suspending, Invalidating],
];

/** The one place where resource and workflow are compared. Pure. */
export function decide({ resource, state, submissionId, submittedAt, run, isEdited = false }: Observed): Action {
  const isOwn = run?.resource?.uid === resource.uid && !isOlder(run, submittedAt);
  if (run?.isOpen === true) {
    if (isOwn) return run.resource.generation < resource.generation ? { do: 'update', runId: run.runId } : NOTHING;
    if (run.resource !== undefined) return { do: 'end-previous', runId: run.runId };
    const message = `its name is in use by an application that serves no resource of this task queue; it starts once that has ended (to stop that: temporal-spark kill)`;
    return { do: 'wait', reason: 'NameInUse', message };
  }
  if (isOwn) {
    if (run.resource.digest !== resource.digest) return start(resource, run);
    return isFinal(state) ? NOTHING : { do: 'compare-status', runId: run.runId };
  }
  // Temporal has forgotten its run, or another operator ran it: which edit that had is not known.
  if (isFinal(state)) return isEdited ? start(resource, run) : NOTHING;
  if (LIVE.includes(state)) {
    if (isOwnSubmissionId(submissionId)) return { do: 'end-lost' };
    const message = `its status is ${state}, but it has no workflow: another operator runs it; it starts once that run has ended (without another operator: delete it and create it again)`;
    return { do: 'wait', reason: 'ServedByAnother', message };
  }
  return start(resource, run);
}

/** Whether another operator has submitted the resource since. */
const isOlder = ({ closedAt }: Run, submittedAt = ''): boolean =>
  closedAt !== undefined && Date.parse(submittedAt) > closedAt.getTime();

function start({ uid }: ResourceReference, run: Run | undefined): Action {
  return { do: 'start', requestId: requestIdOf(uid, run?.runId) };
}

/** @param predecessor the latest run before the start */
export const requestIdOf = (uid: string, predecessor = 'none'): string => `${uid}/${predecessor}`;
