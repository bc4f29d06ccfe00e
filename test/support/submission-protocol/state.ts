/** The state of the model: one application, its attempts, and its drivers on each cluster. */

export interface Attempt {
  /** Index in {@link State.pods}. */
  readonly cluster: number;
  /** A driver of a previous attempt may be on its cluster, or one of its own: until it has a driver, as far as is known. */
  readonly isPinned: boolean;
  /** Its tries make a Job, which creates the driver. */
  readonly byJob: boolean;
  /** `may remain`: what a failed submission left could not be removed. `unconfirmed`: the driver may still run. */
  readonly record: 'nothing' | 'never created' | 'may remain' | 'unconfirmed' | 'ended';
  /** Ticks in which a request for its driver may still be carried out that no try waits for; of tries that are over, any. */
  readonly late: number;
  /** The same of requests for its Job. */
  readonly lateJob: number;
  readonly job: 'absent' | 'runs' | 'is deleted';
  /** How many it had so far. */
  readonly drivers: number;
}

/** A driver pod; each cluster has one name for it. */
export interface Pod {
  /** Index of its attempt. */
  readonly of: number;
  readonly runs: boolean;
  readonly deleted: boolean;
  /** By the finalizer. */
  readonly held: boolean;
}

export interface State {
  /** `removing`: what a failed submission left. `closing`: the outcome is recorded; `closing deleted`: of a deleted driver. */
  readonly workflow:
    'submitting' | 'waiting' | 'stopping' | 'removing' | 'closing' | 'closing deleted' | 'between' | 'ended';
  /** What a request wants after this attempt, which it interrupts. */
  readonly interrupted: 'no' | 'another attempt' | 'the end';
  readonly attempts: readonly Attempt[];
  /** Tries of the last attempt that have begun. */
  readonly begun: number;
  /** What the try does that the server counts on. `clears`: the name, of the previous driver. */
  readonly at: 'none' | 'clears' | 'works' | 'sent' | 'answered';
  /** Ticks in which its request may be carried out; 0 without one. */
  readonly request: number;
  /** Ticks in which a driver may still appear, as the submission under way knows it. */
  readonly reported: number;
  /** The same, as the workflow knows it. */
  readonly unsettled: number;
  readonly pods: readonly (Pod | undefined)[];
  /** A driver runs whose pod is gone. */
  readonly ghost: boolean;
}

/** `isDue`: it happens sooner or later, unless another event prevents it. The others may happen. */
export type Event = readonly [name: string, to: State, isDue: boolean];

export const due = (name: string, to: State): Event => [name, to, true];
export const may = (name: string, to: State): Event => [name, to, false];

const NOT_BEGUN = { begun: 0, at: 'none', request: 0, reported: 0, unsettled: 0, interrupted: 'no' } as const;

export function withNewAttempt(state: State, begun: Pick<Attempt, 'cluster' | 'byJob' | 'isPinned'>): State {
  const attempt: Attempt = { ...begun, record: 'nothing', late: 0, lateJob: 0, job: 'absent', drivers: 0 };
  return { ...state, ...NOT_BEGUN, workflow: 'submitting', attempts: [...state.attempts, attempt] };
}

export function initial(clusters: number): State {
  const pods = Array.from({ length: clusters }, () => undefined);
  return { ...NOT_BEGUN, workflow: 'between', attempts: [], pods, ghost: false };
}

export function withAttempt(state: State, index: number, change: Partial<Attempt>): State {
  return { ...state, attempts: state.attempts.map((each, at) => (at === index ? { ...each, ...change } : each)) };
}

/** A pod is gone once it is deleted and has ended, and nothing holds it. */
export function withPod(state: State, cluster: number, pod: Pod): State {
  const isGone = pod.deleted && !pod.runs && !pod.held;
  return { ...state, pods: state.pods.map((each, at) => (at === cluster ? (isGone ? undefined : pod) : each)) };
}

/** Whether a driver may remain, as its record has it: until then its cluster is the only one, and housekeeping stops it. */
export const mayLeaveDriver = ({ record }: Attempt): boolean => record === 'may remain' || record === 'unconfirmed';

/** A request for the driver of an attempt is carried out: the API server refuses a second pod of its name. */
export function created(state: State, of: number): State {
  const { cluster, drivers } = state.attempts[of]!;
  if (state.pods[cluster] !== undefined) return state;
  const one = withAttempt(state, of, { drivers: Math.min(2, drivers + 1) });
  return withPod(one, cluster, { of, runs: true, deleted: false, held: true });
}

/** The finalizer of a pod is removed. Without it a pod can be deleted by force, while its driver runs. */
export function released(state: State, cluster: number): State {
  const pod = state.pods[cluster]!;
  if (!pod.runs || !pod.deleted) return withPod(state, cluster, { ...pod, held: false });
  return { ...withPod(state, cluster, { ...pod, runs: false, held: false }), ghost: true };
}

const WORDS: readonly (State['workflow' | 'interrupted' | 'at'] | Attempt['record' | 'job'])[] = [
  ...(['submitting', 'waiting', 'stopping', 'removing', 'closing', 'closing deleted', 'between', 'ended'] as const),
  ...(['no', 'another attempt', 'the end', 'none', 'clears', 'works', 'sent', 'answered'] as const),
  ...(['nothing', 'never created', 'may remain', 'unconfirmed', 'absent', 'runs', 'is deleted'] as const),
];
const CODES = new Map<string, number>(WORDS.map((word, index) => [word, index + 1]));
const codeOf = (word: string): number => CODES.get(word)!;
const bit = (flag: boolean): number => (flag ? 1 : 0);

/** The same for the same state. A character for each field: the search would take several times as long with JSON. */
export function keyOf(state: State): string {
  const { workflow, interrupted, at, begun, request, reported, unsettled, ghost } = state;
  let key = String.fromCharCode(codeOf(workflow), codeOf(interrupted), codeOf(at));
  key += String.fromCharCode(begun, request, reported, unsettled, bit(ghost));
  for (const pod of state.pods) {
    key += String.fromCharCode(
      pod === undefined ? 0 : 1 + bit(pod.runs) + 2 * bit(pod.deleted) + 4 * bit(pod.held) + 8 * pod.of,
    );
  }
  for (const { cluster, isPinned, byJob, record, late, lateJob, job, drivers } of state.attempts) {
    key += String.fromCharCode(
      cluster + 2 * bit(byJob) + 4 * drivers + 16 * bit(isPinned),
      codeOf(record),
      late,
      lateJob,
      codeOf(job),
    );
  }
  return key;
}
