/** The events of the workflow: `src/workflows/application`, and its activities in `src/activities/watch`. */
import type { Rules, Surroundings } from './rules.ts';
import {
  due,
  may,
  mayLeaveDriver,
  released,
  withAttempt,
  withNewAttempt,
  withPod,
  type Event,
  type State,
} from './state.ts';
import { learned, lostFor } from './submission.ts';

export function workflowEvents(state: State, rules: Rules, surroundings: Surroundings): Iterable<Event> {
  switch (state.workflow) {
    case 'submitting':
      return submitting(state, rules, surroundings);
    case 'waiting':
      return waiting(state, rules, surroundings);
    case 'stopping':
    case 'removing':
      return stopping(state, rules, surroundings);
    case 'closing':
    case 'closing deleted':
      return closing(state, rules, surroundings);
    case 'between':
      return between(state, rules, surroundings);
    case 'ended':
      return [];
    default:
      return state.workflow satisfies never;
  }
}

/** Of a submission that ends between two tries: what the last one left is not known. */
const endedBetweenTries = (state: State, rules: Rules): State => learned({ ...state, reported: lostFor(rules) }, rules);

function* interrupting(state: State, { attempts }: Surroundings): Iterable<Event> {
  if (state.interrupted !== 'no') return;
  yield may('a kill', { ...state, interrupted: 'the end' });
  if (state.attempts.length < attempts)
    yield may('a restart, or a suspend and a resume', { ...state, interrupted: 'another attempt' });
}

function* submitting(state: State, rules: Rules, surroundings: Surroundings): Iterable<Event> {
  const { at, begun, interrupted } = state;
  const last = state.attempts.length - 1;
  yield* interrupting(state, surroundings);
  if (at === 'answered') {
    const workflow = interrupted === 'no' ? 'waiting' : 'stopping';
    const submitted = withAttempt(learned(state, rules), last, { isPinned: false });
    yield due('the driver is submitted', { ...submitted, at: 'none', workflow });
  }
  if (at !== 'none') return;
  if (interrupted !== 'no') {
    yield due('the submission is cancelled', { ...endedBetweenTries(state, rules), workflow: 'stopping' });
    return;
  }
  const tooLate = { ...endedBetweenTries(state, rules), workflow: 'removing' } as const;
  yield ['the deadline of the submission passes', tooLate, begun === surroundings.tries];
  if (surroundings.deadlines && begun > 0 && begun < surroundings.tries)
    yield may(
      'a new deadline: the submission is asked for again',
      withAttempt(endedBetweenTries(state, rules), last, { isPinned: true }),
    );
}

function* waiting(state: State, rules: Rules, surroundings: Surroundings): Iterable<Event> {
  for (const [name, to] of interrupting(state, surroundings)) yield may(name, { ...to, workflow: 'stopping' });
  yield* observing(state, rules, surroundings);
}

/** Of the driver, in a wait or in a stop. */
function* observing(state: State, rules: Rules, { lostNodes }: Surroundings): Iterable<Event> {
  const last = state.attempts.length - 1;
  const { cluster } = state.attempts[last]!;
  const pod = state.pods[cluster];
  if (pod?.of !== last) return;
  const workflow = pod.deleted ? 'closing deleted' : 'closing';
  const closing = (record: 'ended' | 'unconfirmed'): State => ({ ...withAttempt(state, last, { record }), workflow });
  if (!pod.runs) {
    yield due('the end of the driver is recorded', closing('ended'));
    if (!rules.recordsFirst && pod.held) yield due('the finalizer is removed', released(state, cluster));
  } else if (pod.deleted && !rules.waitsForEnd) yield due('the deletion of the driver is recorded', closing('ended'));
  else if (pod.deleted && lostNodes) yield may('its node is taken for lost', closing('unconfirmed'));
}

/** `activities/watch/stop-spark-driver.ts` */
function* stopping(state: State, rules: Rules, surroundings: Surroundings): Iterable<Event> {
  const last = state.attempts.length - 1;
  const { cluster, job } = state.attempts[last]!;
  const pod = state.pods[cluster];
  const withdrawn = job === 'runs' ? withAttempt(state, last, { job: 'is deleted' }) : state;
  if (pod?.of === last) {
    if (pod.runs && !pod.deleted)
      yield due('the stop deletes the driver', withPod(withdrawn, cluster, { ...pod, deleted: true }));
    yield* observing(state, rules, surroundings);
  } else {
    if (withdrawn !== state) yield due('the stop deletes the Job', withdrawn);
    const waits = (rules.stopWaits && state.unsettled > 0) || (rules.stopWaitsForJob && job !== 'absent');
    const none = withAttempt(state, last, { record: 'never created' });
    if (!waits) yield due('the stop finds no driver', { ...none, workflow: 'closing' });
  }
  // It times out two minutes after nothing more can appear: what blocks the submission may block its removal.
  const remains = withAttempt(state, last, { record: 'may remain' });
  if (state.workflow === 'removing' && state.unsettled === 0)
    yield may('what it left cannot be removed', next(remains, surroundings));
}

/** `Attempt.close`, with the outcome in history */
function* closing(state: State, rules: Rules, surroundings: Surroundings): Iterable<Event> {
  const last = state.attempts.length - 1;
  const { cluster, record, job } = state.attempts[last]!;
  const pod = state.pods[cluster];
  const after = next(state, surroundings);
  if (pod?.of !== last || record === 'never created') {
    yield due('the attempt is over', after);
    return;
  }
  const isHeld = state.workflow === 'closing deleted' ? rules.holdsDeleted : rules.holdsEnded;
  if (isHeld && state.unsettled > 0) return;
  if (job !== 'absent' && rules.releaseEndsJob) {
    if (job === 'runs') yield due('the release deletes the Job', withAttempt(state, last, { job: 'is deleted' }));
    return;
  }
  const isKept = record === 'unconfirmed' && pod.runs && rules.keepsUnconfirmed;
  if (isKept) yield due('the finalizer is kept: the driver may still run', after);
  else yield due('the workflow removes the finalizer', released(after, cluster));
}

/** What follows an attempt that was not interrupted is the restart policy's choice: `between` has both. */
function next(state: State, { attempts }: Surroundings): State {
  const isLast = state.interrupted === 'the end' || state.attempts.length === attempts;
  return { ...state, workflow: isLast ? 'ended' : 'between', interrupted: 'no', unsettled: 0 };
}

function* between(state: State, rules: Rules, { clusters, jobs }: Surroundings): Iterable<Event> {
  const previous = state.attempts.at(-1);
  if (previous !== undefined) yield may('no other attempt follows', { ...state, workflow: 'ended' });
  const isPinned = previous !== undefined && (mayLeaveDriver(previous) || previous.isPinned);
  for (let cluster = 0; cluster < (previous === undefined ? 1 : clusters); cluster += 1) {
    if (isPinned && rules.pinsCluster && cluster !== previous.cluster) continue;
    const byJob = state.attempts.length < jobs;
    const how = byJob ? 'an attempt by a Job' : 'an attempt';
    yield due(`${how} begins on cluster ${cluster + 1}`, withNewAttempt(state, { cluster, byJob, isPinned }));
  }
}
