import { ApplicationRequest, ApplicationState as State } from '../../protocol/index.ts';

/** What the current attempt does. The requested state of the application is its {@link Wish}. */
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

/** The requested state of the application. A kill, or Temporal's own cancel, takes precedence. */
export const Wish = { Run: 'run', Suspended: 'suspended', Stopped: 'stopped' } as const;
export type Wish = (typeof Wish)[keyof typeof Wish];

/** The visible state by requested state. Without an entry the application keeps its state. */
type Shown = Readonly<Partial<Record<Wish, State>>>;

/** While there is something to stop. */
const live = (run: State): Shown => ({ run, suspended: State.Suspending, stopped: State.Failing });
const whatever = (state: State): Shown => ({ run: state, suspended: state, stopped: state });

/** The visible state, as a table of the attempt's phase and the requested state. */
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
// The attempt is over: a request to stop it comes too late; a request for another, or against one, does not.
const ending = [Restart, Kill, UpdateManifest];
const suspended = [Resume, Kill, UpdateManifest];

/** Which requests are possible in which state. After a kill or a cancel, no request is possible. */
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
