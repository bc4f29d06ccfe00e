/** The events of a submission: `src/activities/submit` and `src/submitters`. */
import { FOREVER, type Rules, type Surroundings } from './rules.ts';
import { created, due, may, released, withAttempt, withPod, type Event, type State } from './state.ts';

/** How long tries that the server has given up may still create something. */
const lateAfterLoss = ({ lease, standstill, lateCreation }: Rules): number =>
  Math.min(FOREVER, lease + standstill + lateCreation);

/** How long the workflow takes that for. */
export const lostFor = ({ heartbeatTimeout, lateCreation }: Rules): number => heartbeatTimeout + lateCreation;

/** The workflow learns what the submission reports. */
export function learned(state: State, { keepsLongestLateness }: Rules): State {
  const { reported, unsettled } = state;
  const latest = reported === 0 || keepsLongestLateness ? Math.max(reported, unsettled) : reported;
  return { ...state, reported: 0, unsettled: latest };
}

interface Failure {
  /** Ticks in which the API server may still carry out what the try has sent. */
  readonly late?: number;
  /** What the try reports of that. */
  readonly reported?: number;
  /** No other try follows. */
  readonly isFinal?: boolean;
}

/** The try that the server counts on is over. */
function failed(state: State, rules: Rules, { late = 0, reported = 0, isFinal = false }: Failure = {}): State {
  const last = state.attempts.length - 1;
  const { byJob, late: ofDriver, lateJob: ofJob } = state.attempts[last]!;
  const change = byJob ? { lateJob: Math.max(ofJob, late) } : { late: Math.max(ofDriver, late) };
  const over = { ...state, at: 'none', request: 0, reported: Math.max(state.reported, reported) } as const;
  const known = withAttempt(over, last, change);
  if (state.interrupted !== 'no') return { ...learned(known, rules), workflow: 'stopping' };
  return isFinal ? { ...learned(known, rules), workflow: 'removing' } : known;
}

export function* submissionEvents(state: State, rules: Rules, { tries }: Surroundings): Iterable<Event> {
  const { at, begun, request, workflow, interrupted } = state;
  if (workflow !== 'submitting') return;
  if (at === 'none') {
    if (interrupted === 'no' && begun < tries) yield due('a try begins', { ...state, at: 'clears', begun: begun + 1 });
    return;
  }
  yield may(
    'the server gives the try up',
    failed(state, rules, { late: lateAfterLoss(rules), reported: lostFor(rules) }),
  );
  if (at === 'clears') yield* clearing(state, rules);
  else if (at === 'works') {
    yield due('the try sends its request', { ...state, at: 'sent', request: rules.lateCreation });
    yield may('the try is refused', failed(state, rules));
    yield may('the try is refused for good', failed(state, rules, { isFinal: true }));
  } else if (at === 'sent') yield* waitingForAnswer(state, rules);
  if (request > 0) yield may('the API server carries the request out', carriedOut(state, rules));
}

/** `activities/submit/previous-driver.ts` */
function* clearing(state: State, rules: Rules): Iterable<Event> {
  const last = state.attempts.length - 1;
  const { cluster } = state.attempts[last]!;
  const pod = state.pods[cluster];
  if (pod === undefined || pod.of === last) {
    yield due('the name is free for the try', { ...state, at: 'works' });
    return;
  }
  if (!pod.deleted && rules.deletesPrevious)
    yield due('the try deletes the previous driver', withPod(state, cluster, { ...pod, deleted: true }));
  if (pod.deleted && pod.held && (!pod.runs || !rules.waitsForPrevious))
    yield due('the try removes the finalizer of the previous driver', released(state, cluster));
  // Its time is up: the workflow tries again.
  yield may('the previous driver does not go in time', failed(state, rules));
}

/** `submitters/create-driver.ts`, and for a Job `submitters/spark-submit-job` */
function carriedOut(state: State, rules: Rules): State {
  const last = state.attempts.length - 1;
  const { byJob, job, cluster } = state.attempts[last]!;
  const done = { ...state, request: 0 };
  if (byJob) return job === 'absent' ? withAttempt(done, last, { job: 'runs' }) : done;
  const pod = state.pods[cluster];
  if (pod === undefined || pod.of === last || !rules.adoptsOwnOnly) return { ...created(done, last), at: 'answered' };
  // A late driver of the previous attempt: the next try removes it.
  return failed(state, rules);
}

function* waitingForAnswer(state: State, rules: Rules): Iterable<Event> {
  const { request } = state;
  const last = state.attempts.length - 1;
  const { byJob, job, cluster } = state.attempts[last]!;
  const pod = state.pods[cluster];
  const failure: Failure = { late: request, reported: rules.reportsLateness ? rules.lateCreation : 0 };
  const lost = failed(state, rules, failure);
  const isOver = request === 0 && (!byJob || job === 'absent');
  yield ['the answer is lost', lost, isOver];
  yield may('the answer is lost, and no other try follows', failed(state, rules, { ...failure, isFinal: true }));
  if (!byJob || request > 0) return;
  if (job === 'runs')
    yield may('the answer is lost, and the try deletes its Job', withAttempt(lost, last, { job: 'is deleted' }));
  // Its own Job has ended by then; one that another try makes is not deleted by this one.
  if (pod?.of === last) yield due('the try reads what the Job made', { ...state, at: 'answered' });
  else if (job === 'absent') yield may('the try finds no Job', { ...state, at: 'works' });
}

const withoutJob = (state: State, index: number): State =>
  state.attempts[index]!.job === 'runs' ? withAttempt(state, index, { job: 'is deleted' }) : state;

/** What runs without a try that the server counts on: a Job, and the tries that it has given up. */
export function* unwatchedEvents(state: State, rules: Rules): Iterable<Event> {
  for (const [index, { late, lateJob, job }] of state.attempts.entries()) {
    const which = `of attempt ${index + 1}`;
    if (job !== 'absent') {
      const acted = withAttempt(created(state, index), index, { job: 'absent' });
      yield may(`the Job ${which} creates its driver`, acted);
      if (job === 'is deleted') yield due(`the pod of the Job ${which} ends`, jobEnded(state, index, rules));
      else if (rules.jobsEndQuietly)
        yield due(`the Job ${which} exceeds its deadline`, withAttempt(state, index, { job: 'absent' }));
      else yield due(`the Job ${which} exceeds its deadline`, withoutJob(state, index));
    }
    if (late > 0) yield may(`a late request ${which} is carried out`, created(state, index));
    if (lateJob > 0 && job === 'absent')
      yield may(`a late request ${which} makes a Job`, withAttempt(state, index, { job: 'runs' }));
    if (Math.max(late, lateJob) === FOREVER)
      yield due(`a try ${which} that stands still ends`, withAttempt(state, index, { late: 0, lateJob: 0 }));
  }
}

/** What it has sent may be carried out later: a stop, or a release, waits as much longer. */
function jobEnded(state: State, index: number, { lateCreation, stopWaitsForJob, releaseEndsJob }: Rules): State {
  const ended = withAttempt(state, index, {
    job: 'absent',
    late: Math.max(state.attempts[index]!.late, lateCreation),
  });
  const isStopped = state.workflow === 'stopping' || state.workflow === 'removing';
  const isWaitedFor = isStopped ? stopWaitsForJob : releaseEndsJob && state.workflow.startsWith('closing');
  if (!isWaitedFor || index !== state.attempts.length - 1) return ended;
  return { ...ended, unsettled: Math.max(state.unsettled, lateCreation) };
}
