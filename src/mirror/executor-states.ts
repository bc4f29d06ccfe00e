import type { Pod } from '../kubernetes/index.ts';
import { asRecord, asText } from '../validation/unknown-data.ts';

/** The operator's words. */
export const ExecutorState = {
  Pending: 'PENDING',
  Running: 'RUNNING',
  Completed: 'COMPLETED',
  Failed: 'FAILED',
  /** Its pod is gone, and its end was not seen. */
  Unknown: 'UNKNOWN',
} as const;
export type ExecutorState = (typeof ExecutorState)[keyof typeof ExecutorState];

/** By the name of the pod. */
export type ExecutorStates = Readonly<Record<string, ExecutorState>>;

/** Executors in a status, at most: those that have not ended, then those that were created last. */
export const MOST_EXECUTORS = 1_000;

const phases: Readonly<Record<string, ExecutorState>> = {
  Pending: ExecutorState.Pending,
  Running: ExecutorState.Running,
  Succeeded: ExecutorState.Completed,
  Failed: ExecutorState.Failed,
};

const hasEnded = (state: ExecutorState): boolean =>
  state === ExecutorState.Completed || state === ExecutorState.Failed || state === ExecutorState.Unknown;

/**
 * The states of executors: of those that have a pod by its phase, of the others what is known. Pure.
 *
 * @param known before
 * @param succeeded whether the driver did; undefined while it runs
 */
export function executorStates(pods: readonly Pod[], known: ExecutorStates, succeeded?: boolean): ExecutorStates {
  const seen = Object.fromEntries(
    pods.map(({ metadata, status }) => [metadata!.name!, phases[status?.phase ?? ''] ?? ExecutorState.Unknown]),
  );
  const gone = Object.fromEntries(
    Object.entries(known)
      .filter(([name]) => !(name in seen))
      .map(([name, state]) => [name, hasEnded(state) ? state : ExecutorState.Unknown]),
  );
  const all = Object.entries({ ...gone, ...seen }).map(([name, state]) => [name, atEnd(state, succeeded)] as const);
  return Object.fromEntries(bounded(all));
}

/** As the operator has it, an executor ends as its driver does. */
function atEnd(state: ExecutorState, succeeded: boolean | undefined): ExecutorState {
  const isOpen = state !== ExecutorState.Completed && state !== ExecutorState.Failed;
  if (succeeded === undefined || !isOpen) return state;
  return succeeded ? ExecutorState.Completed : ExecutorState.Failed;
}

type Entry = readonly [name: string, state: ExecutorState];

function bounded(entries: readonly Entry[]): readonly Entry[] {
  const byName = ([a]: Entry, [b]: Entry) => a.localeCompare(b, 'en', { numeric: true });
  const kept = [...entries]
    .sort((a, b) => Number(hasEnded(a[1])) - Number(hasEnded(b[1])) || byName(b, a))
    .slice(0, MOST_EXECUTORS);
  return kept.sort(byName);
}

/** Those that a status has. */
export function readExecutorStates(status: unknown): ExecutorStates {
  const words: readonly (string | undefined)[] = Object.values(ExecutorState);
  const found = Object.entries(asRecord(asRecord(status)['executorState']));
  return Object.fromEntries(found.filter(([, state]) => words.includes(asText(state)))) as ExecutorStates;
}
