import type { Invariant } from './search.ts';
import { mayLeaveDriver, type State } from './state.ts';

const running = ({ pods, ghost }: State): number => pods.filter((pod) => pod?.runs === true).length + (ghost ? 1 : 0);

/** The names are the words of the chaos matrix (docs/lifecycle.md). */
export const INVARIANTS = {
  'doubled: two drivers run at once': { holds: (state) => running(state) <= 1 },
  'doubled: an attempt has two drivers': {
    // A Job that could not be removed is not watched until its deadline.
    holds: ({ attempts }) =>
      attempts.every(({ drivers, byJob, record }) => drivers <= 1 || (byJob && record === 'may remain')),
  },
  'lost: recorded as never created, although it ran': {
    holds: ({ attempts }) => attempts.every(({ record, drivers }) => record !== 'never created' || drivers === 0),
  },
  'early: the finalizer is removed before the record': {
    holds: ({ attempts, pods }) =>
      attempts.every(
        ({ record, drivers, cluster }, index) =>
          record !== 'nothing' || drivers === 0 || (pods[cluster]?.of === index && pods[cluster].held),
      ),
  },
  'running: a driver runs for a workflow that has ended': {
    holds: ({ workflow, pods, attempts, ghost }) =>
      workflow !== 'ended' || (!ghost && pods.every((pod) => pod?.runs !== true || mayLeaveDriver(attempts[pod.of]!))),
  },
  'running: a driver outlives housekeeping': {
    isFinal: true,
    holds: (state) => state.workflow !== 'ended' || running(state) === 0,
  },
  'stuck: a finalizer, or the workflow, stays': {
    isFinal: true,
    holds: ({ workflow, pods }) =>
      workflow === 'ended'
        ? pods.every((pod) => pod?.held !== true)
        : workflow === 'waiting' && pods.some((pod) => pod?.runs === true && !pod.deleted),
  },
} as const satisfies Readonly<Record<string, Invariant>>;
export type InvariantName = keyof typeof INVARIANTS;
