/**
 * The protocol by which a driver is created only while its workflow wants it (docs/lifecycle.md), as a model: every order
 * of events is tried. What only delays an event in the product is left out, so the model allows more than can happen: a
 * try may be given up at any moment, was confirmed just before it, and then acts as often as it likes until its time is up.
 */
import { describe, expect, it } from 'vitest';
import { INVARIANTS, type InvariantName } from '../../support/submission-protocol/invariants.ts';
import { FOREVER, RULES, type Rules, type Surroundings } from '../../support/submission-protocol/rules.ts';
import { search } from '../../support/submission-protocol/search.ts';
import type { State } from '../../support/submission-protocol/state.ts';

const APPLICATION: Surroundings = {
  ...{ attempts: 2, tries: 2, clusters: 2, jobs: 0, deletions: true, lostNodes: true, deadlines: false },
};
const DEADLINES: Surroundings = { ...APPLICATION, deadlines: true };
const JOBS: Surroundings = { ...APPLICATION, jobs: 2 };
const ONE_CLUSTER: Surroundings = { ...APPLICATION, clusters: 1, jobs: 1, tries: 1 };

/** The shortest way, an event a line, for the message of a failure. */
const shown = (broken?: { readonly invariant: string; readonly way: readonly string[] }): string =>
  broken === undefined ? 'every invariant holds' : [broken.invariant, ...broken.way].join('\n  ');

describe('a driver is created only while its workflow wants it, in every order of events', () => {
  it.each<[what: string, surroundings: Surroundings, states: number]>([
    ['two attempts, on one or two clusters, and changes of the deadline', DEADLINES, 20_000],
    ['three attempts', { ...APPLICATION, attempts: 3, tries: 1 }, 20_000],
    ['Jobs that create the driver', JOBS, 50_000],
    ['three tries by Jobs', { ...DEADLINES, attempts: 1, tries: 3, jobs: 1 }, 10_000],
  ])('of %s', (_, surroundings, atLeast) => {
    const { broken, states } = search(RULES, surroundings, INVARIANTS);
    expect(broken, shown(broken)).toBeUndefined();
    expect(states).toBeGreaterThan(atLeast);
  });

  it.each<[what: string, reached: (state: State) => boolean]>([
    ['a driver on the other cluster', ({ pods }) => pods[0] !== undefined && pods[1]?.runs === true],
    ['an end with a driver of each attempt', ({ attempts }) => attempts.every(({ drivers }) => drivers === 1)],
    ['a driver that was never created', ({ attempts }) => attempts[1]?.record === 'never created'],
    [
      'what only housekeeping can delete',
      ({ workflow, pods }) => workflow === 'ended' && pods.some((pod) => pod?.runs),
    ],
  ])('reaches %s', (_, reached) => {
    expect(search(RULES, JOBS, { reached: { holds: (state) => !reached(state) } }).broken).toBeDefined();
  });
});

describe('each rule is needed', () => {
  it.each<[what: string, change: Partial<Rules>, broken: InvariantName, surroundings?: Surroundings]>([
    ['a try creates without confirmation', { lease: FOREVER }, 'lost: recorded as never created, although it ran'],
    ['a lease is as long as the heartbeat timeout', { lease: 2 }, 'lost: recorded as never created, although it ran'],
    ['a process stands still for longer', { standstill: 2 }, 'lost: recorded as never created, although it ran'],
    [
      'a try whose answer is lost reports nothing',
      { reportsLateness: false },
      'lost: recorded as never created, although it ran',
    ],
    [
      'the last report counts, also where it is shorter',
      { keepsLongestLateness: false },
      'lost: recorded as never created, although it ran',
      DEADLINES,
    ],
    [
      'a stop records at once that there is no driver',
      { stopWaits: false },
      'lost: recorded as never created, although it ran',
    ],
    [
      'a stop does not wait for a Job',
      { stopWaitsForJob: false },
      'lost: recorded as never created, although it ran',
      JOBS,
    ],
    ['the name of a deleted driver is free at once', { holdsDeleted: false }, 'doubled: an attempt has two drivers'],
    ['the name of an ended driver is free at once', { holdsEnded: false }, 'doubled: an attempt has two drivers'],
    [
      'so is that of a restarted one, which no user deletes',
      { holdsEnded: false },
      'doubled: an attempt has two drivers',
      { ...APPLICATION, deletions: false, lostNodes: false },
    ],
    [
      'a finalizer is removed while the Job runs',
      { releaseEndsJob: false },
      'doubled: an attempt has two drivers',
      JOBS,
    ],
    ['the next attempt chooses any cluster', { pinsCluster: false }, 'doubled: two drivers run at once'],
    [
      'the next attempt releases a driver that may still run',
      { waitsForPrevious: false },
      'doubled: two drivers run at once',
    ],
    ['the finalizer is removed first', { recordsFirst: false }, 'early: the finalizer is removed before the record'],
    [
      'housekeeping releases drivers of open workflows',
      { asksForOwner: false },
      'early: the finalizer is removed before the record',
    ],
    [
      'a stop does not wait for the end of the driver',
      { waitsForEnd: false },
      'running: a driver runs for a workflow that has ended',
    ],
    [
      'a driver whose end is not confirmed is released',
      { keepsUnconfirmed: false },
      'running: a driver runs for a workflow that has ended',
    ],
    ['housekeeping stops no driver', { stopsOrphans: false }, 'running: a driver outlives housekeeping'],
    ['housekeeping releases no driver', { releasesOrphans: false }, 'stuck: a finalizer, or the workflow, stays'],
    [
      'the next attempt does not delete the previous driver',
      { deletesPrevious: false },
      'stuck: a finalizer, or the workflow, stays',
    ],
    [
      'a pod of another attempt is adopted',
      { adoptsOwnOnly: false },
      'stuck: a finalizer, or the workflow, stays',
      { ...APPLICATION, jobs: 1 },
    ],
  ])('an invariant breaks where %s', (_, change, expected, surroundings = APPLICATION) => {
    const { broken } = search({ ...RULES, ...change }, surroundings, INVARIANTS);
    expect(broken?.invariant, shown(broken)).toBe(expected);
  });
});

describe('beyond the time that the rules allow for', () => {
  const {
    'doubled: two drivers run at once': atOnce,
    'early: the finalizer is removed before the record': early,
    'running: a driver outlives housekeeping': outlives,
    'stuck: a finalizer, or the workflow, stays': stuck,
  } = INVARIANTS;

  it('a process that stands still creates a driver, which never runs next to another and ends by housekeeping', () => {
    const { broken } = search({ ...RULES, standstill: FOREVER }, ONE_CLUSTER, { atOnce, early, outlives, stuck });
    expect(broken, shown(broken)).toBeUndefined();
  });

  it.each<[what: string, change: Partial<Rules>, surroundings: Surroundings]>([
    ['one that stands still while the next attempt runs on another cluster', { standstill: FOREVER }, APPLICATION],
    ['a Job that is ended by its deadline during its request', { jobsEndQuietly: false }, JOBS],
  ])('a limit is known: %s', (_, change, surroundings) => {
    expect(search({ ...RULES, ...change }, surroundings, INVARIANTS).broken).toBeDefined();
  });
});
