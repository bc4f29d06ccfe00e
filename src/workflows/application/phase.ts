import { ApplicationRequest, ApplicationState as State } from '../../protocol/index.ts';

/** What the current attempt does. What people want of the application is its {@link Wish}. */
export const Phase = {
  Submitting: 'submitting',
  /** Submitting, the first time after a suspend. */
  Resubmitting: 'resubmitting',
  /** The pool of its driver takes no more applications at the moment. */
  Queued: 'queued',
  /** The driver pod exists. */
  Starting: 'starting',
  Running: 'running',
  /** The driver's node does not answer. */
  Unseen: 'unseen',
  /** A request interrupted the attempt; its driver is being stopped. */
  Stopping: 'stopping',
  /** The submission failed for good, and nothing is left of it. */
  Refused: 'refused',
  /** The outcome is recorded; the finalizer is being removed, or has just been. */
  Succeeded: 'succeeded',
  Failed: 'failed',
  /** Between two attempts. */
  Delayed: 'delayed',
  /** Suspended with nothing to stop, or resumed from that. */
  Parked: 'parked',
  /** The workflow ends. */
  Completed: 'completed',
  GivenUp: 'given-up',
  Cancelled: 'cancelled',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** What people want of the application. A kill, or Temporal's own cancel, goes before all else. */
export const Wish = { Run: 'run', Suspended: 'suspended', Stopped: 'stopped' } as const;
export type Wish = (typeof Wish)[keyof typeof Wish];

/** The state that people see, by what they want. Without an entry the application stays in the state it was in. */
type Shown = Readonly<Partial<Record<Wish, State>>>;

/** While there is something to stop. */
const live = (run: State): Shown => ({ run, suspended: State.Suspending, stopped: State.Failing });
const whatever = (state: State): Shown => ({ run: state, suspended: state, stopped: state });

/** The state that people see, as a table of what the attempt does and what they want. */
export const states: Readonly<Record<Phase, Shown>> = {
  [Phase.Submitting]: live(State.New),
  [Phase.Resubmitting]: live(State.Resuming),
  [Phase.Queued]: live(State.Queued),
  [Phase.Starting]: live(State.Submitted),
  [Phase.Running]: live(State.Running),
  [Phase.Unseen]: live(State.Unknown),
  [Phase.Stopping]: live(State.Invalidating),
  [Phase.Refused]: { run: State.SubmissionFailed, suspended: State.SubmissionFailed },
  [Phase.Succeeded]: { run: State.Succeeding, suspended: State.Succeeding, stopped: State.Failing },
  [Phase.Failed]: whatever(State.Failing),
  [Phase.Delayed]: { run: State.PendingRerun },
  [Phase.Parked]: { run: State.Resuming, suspended: State.Suspended, stopped: State.Suspended },
  [Phase.Completed]: whatever(State.Completed),
  [Phase.GivenUp]: whatever(State.Failed),
  [Phase.Cancelled]: whatever(State.Cancelled),
};

const { Suspend, Resume, Restart, Kill, UpdateManifest } = ApplicationRequest;
const underWay = [Suspend, Restart, Kill, UpdateManifest];
// The attempt is over: what would stop it comes too late; what begins another, or forbids it, does not.
const ending = [Restart, Kill, UpdateManifest];
const suspended = [Resume, Kill, UpdateManifest];

/** Which requests are possible in which state. From a kill or a cancel on, none is. */
export const possibleRequests: Readonly<Record<State, readonly ApplicationRequest[]>> = {
  [State.New]: underWay,
  [State.Queued]: underWay,
  [State.Submitted]: underWay,
  [State.Running]: underWay,
  [State.Unknown]: underWay,
  [State.PendingRerun]: underWay,
  [State.SubmissionFailed]: underWay,
  [State.Invalidating]: underWay,
  [State.Resuming]: underWay,
  [State.Succeeding]: ending,
  [State.Failing]: ending,
  [State.Suspending]: suspended,
  [State.Suspended]: suspended,
  [State.Completed]: [],
  [State.Failed]: [],
  [State.Cancelled]: [],
};
