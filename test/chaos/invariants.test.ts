import { describe, expect, it } from 'vitest';
import { INVARIANTS, violations, type Evidence, type Harm } from './invariants.ts';
import { FactKind, storyOf, type Fact } from './history-facts.ts';
import { EXPECTED, Shape } from './shapes.ts';
import type { ResourceEvidence } from './status-invariants.ts';

// As it was recorded from a run that failed, was started once more and failed again; times since its start.
const first = { uid: '8f2f1f5e-6a0c-4b0e-9f0a-1c3f7f0d1a11', submissionId: '1c0d8a6e-9d6b-8e42-a1a5-5a2f6f2f9a01' };
const second = { uid: 'c3b5b8d0-7d3e-4a55-8a83-0a4e5c6d2b22', submissionId: '77f1f0f2-3f11-8c0b-9f6e-2f9c1d7c4b02' };
const fact = (kind: FactKind, { submissionId }: { submissionId: string }, at: number): Fact => ({
  ...{ kind, submissionId, at },
});
const shown = (state: string, { submissionId }: { submissionId: string }, attempts: number, begunAt: number) => ({
  ...{ uid: 'r1', generation: 1, state, submissionId, submissions: attempts, executions: attempts, begunAt },
});
const end = { state: 'FAILED', submissionId: second.submissionId, finishedAt: 'T8', submissions: 2, executions: 2 };
const resource: ResourceEvidence = {
  shown: [
    shown('SUBMITTED', first, 1, 500),
    shown('RUNNING', first, 1, 500),
    shown('PENDING_RERUN', first, 1, 500),
    shown('SUBMITTED', second, 2, 5_000),
    shown('FAILED', second, 2, 5_000),
  ],
  writes: [
    { state: 'SUBMITTED', submissionId: first.submissionId, at: 1_300 },
    { state: 'RUNNING', submissionId: first.submissionId, at: 2_200 },
    { state: 'PENDING_RERUN', submissionId: first.submissionId, at: 3_700 },
    { state: 'SUBMITTED', submissionId: second.submissionId, at: 5_900 },
    { state: 'FAILED', submissionId: second.submissionId, at: 8_280 },
  ],
  facts: [
    fact(FactKind.Asked, first, 510),
    fact(FactKind.Submitted, first, 1_200),
    fact(FactKind.Running, first, 2_100),
    fact(FactKind.Failed, first, 3_512),
    fact(FactKind.Asked, second, 5_010),
    fact(FactKind.Submitted, second, 5_800),
    fact(FactKind.Failed, second, 8_102),
  ],
  runs: ['r1'],
  end: { shown: end, recorded: end },
};
const withResource = (change: Partial<ResourceEvidence>): Partial<Evidence> => ({
  resource: { ...resource, ...change },
});
const withStatus = (index: number, change: object): Partial<Evidence> =>
  withResource({ shown: resource.shown.map((each, at) => (at === index ? { ...each, ...change } : each)) });
const withWrite = (index: number, change: object): Partial<Evidence> =>
  withResource({ writes: resource.writes.map((each, at) => (at === index ? { ...each, ...change } : each)) });
const withEnd = (change: object): Partial<Evidence> =>
  withResource({ end: { shown: { ...end, ...change }, recorded: end } });

const recorded: Evidence = {
  expected: EXPECTED[Shape.Restarted],
  submissionIds: [first.submissionId, second.submissionId],
  workflowStatus: 'FAILED',
  result: { state: 'FAILED', exitCode: 3, attempts: 2 },
  pods: [
    { ...first, releasedAt: 3_691, endedAt: 3_000 },
    { ...second, releasedAt: 8_273, endedAt: 8_000 },
  ],
  creations: [{ submissionId: first.submissionId }, { submissionId: second.submissionId }],
  releases: [
    { uid: first.uid, at: 3_686.113 },
    { uid: second.uid, at: 8_270.402 },
  ],
  outcomes: [
    { submissionId: first.submissionId, at: 3_512.25 },
    { submissionId: second.submissionId, at: 8_102.5 },
  ],
  left: [
    { kind: 'Pod', name: 'app-driver', ...second, held: false, owners: [] },
    { kind: 'Service', name: 'app-77f1f0f2-driver-svc', uid: 'aaaa', held: false, owners: [second.uid] },
    { kind: 'ConfigMap', name: 'spark-drv-77f1f0f2-conf-map', uid: 'bbbb', held: false, owners: [second.uid] },
  ],
  closedAt: 8_290,
  kill: { at: 5_000, heardAt: 5_020, heardBy: 35_000 },
  releasedByHousekeeping: false,
  resource,
};

const [pod, service] = recorded.left;
const third = { uid: 'd1d1', submissionId: second.submissionId, endedAt: 8_000 };

const unbegun: Partial<Evidence> = {
  expected: EXPECTED[Shape.Removed],
  submissionIds: [first.submissionId],
  workflowStatus: 'CANCELLED',
  result: { state: 'CANCELLED', attempts: 0 },
  ...{ pods: [], creations: [], releases: [], outcomes: [], left: [] },
  resource: undefined as never,
};

const broken: readonly (readonly [string, Partial<Evidence>, readonly Harm[]])[] = [
  ['a workflow that never ends', { workflowStatus: 'RUNNING' }, ['stuck']],
  ['a failure that became a success', { workflowStatus: 'COMPLETED' }, ['lost']],
  ['a wrong exit code', { result: { state: 'FAILED', exitCode: 143, attempts: 2 } }, ['lost']],
  ['an end without a result', { result: undefined as never }, ['lost']],
  ['a restart that was skipped', { pods: [recorded.pods[0]!], creations: [recorded.creations[0]!] }, ['lost', 'early']],
  ['an outcome that is not in history', { outcomes: [recorded.outcomes[0]!] }, ['lost', 'early', 'early']],
  ['one attempt too many', { result: { state: 'FAILED', exitCode: 3, attempts: 3 } }, ['doubled']],
  [
    'a driver of a submission that nobody made',
    { pods: [...recorded.pods, { uid: 'x', submissionId: 'y', endedAt: 8_000 }] },
    ['doubled'],
  ],
  ['two pods of one attempt', { pods: [...recorded.pods, third] }, ['doubled']],
  [
    'two creations of one attempt, one of which no watch saw',
    { creations: [...recorded.creations, { submissionId: second.submissionId }] },
    ['doubled'],
  ],
  [
    'a finalizer that a rogue took off before the outcome was recorded',
    { releases: [...recorded.releases, { uid: second.uid, at: 8_102.499 }] },
    ['early'],
  ],
  [
    'a finalizer that was seen gone before that, whoever took it off',
    { pods: [recorded.pods[0]!, { ...recorded.pods[1]!, releasedAt: 8_101 }] },
    ['early'],
  ],
  ['a finalizer that is left', { left: [{ ...pod!, held: true }] }, ['stuck']],
  ['a finalizer that only housekeeping took off', { releasedByHousekeeping: true }, ['stuck']],
  ["an earlier attempt's driver that is left", { left: [{ ...pod!, ...first }] }, ['stuck']],
  ['a kill that is heard late', { kill: { at: 5_000, heardAt: 35_001, heardBy: 35_000 } }, ['starved']],
  ['a kill that is never heard', { kill: { at: 5_000, heardBy: 35_000 } }, ['starved']],
  [
    'a driver that runs on after its workflow',
    { pods: [recorded.pods[0]!, { ...recorded.pods[1]!, endedAt: 9_500 }] },
    ['running'],
  ],
  [
    'a driver that is seen to be gone late, and was removed in time',
    { pods: [recorded.pods[0]!, { ...second, releasedAt: 8_273, goneAt: 60_000 }], removals: [3_700, 8_275] },
    [],
  ],
  [
    'a driver that is removed late',
    { pods: [recorded.pods[0]!, { ...second, releasedAt: 8_273, goneAt: 60_000 }], removals: [3_700, 50_000] },
    ['running'],
  ],
  [
    'a driver that goes late, without a request that removed it',
    { pods: [recorded.pods[0]!, { ...second, releasedAt: 8_273, goneAt: 60_000 }] },
    ['running'],
  ],
  ['a run that was cancelled before its first submission', { ...unbegun, unasked: true }, []],
  ['a run that was cancelled after its first submission, and counts none', unbegun, ['lost']],
  ['a driver that does not end', { pods: [recorded.pods[0]!, { ...second, releasedAt: 8_273 }] }, ['running']],
  ['a Job that is left', { left: [...recorded.left, { ...pod!, kind: 'Job', uid: 'j' }] }, ['running']],
  ['a pipeline that failed over its stage', { parentStatus: 'FAILED' }, ['lost']],
  ['a service without its driver', { left: [service!] }, ['stuck']],
  ['a status that history did not have when it was seen', withStatus(1, { missing: 'running' }), ['ahead']],
  ['a status that is written a moment before its fact is recorded', withWrite(1, { at: 2_099.9 }), ['ahead']],
  ['an end that is written while the driver runs', withWrite(1, { state: 'COMPLETED' }), ['ahead']],
  ['a submission that history does not know', withWrite(3, { submissionId: 'unknown' }), ['ahead']],
  ['a state that a resource cannot have', withWrite(0, { state: 'HAPPY' }), ['ahead']],
  ['a late write over the next attempt', withStatus(4, { submissionId: first.submissionId, begunAt: 500 }), ['back']],
  ['an attempt that runs on after its end', withStatus(2, { state: 'SUBMITTED' }), ['back']],
  ['a counter that goes back', withStatus(4, { submissions: 1 }), ['back']],
  ['a counter that begins again at an edit', withStatus(4, { submissions: 1, generation: 2 }), []],
  ['an end that is not shown', withEnd({ state: 'RUNNING', finishedAt: '' }), ['behind']],
  ['an end with a wrong count', withEnd({ submissions: 3 }), ['behind']],
  ['an end of another attempt', withEnd({ submissionId: first.submissionId }), ['behind']],
  ['two runs of one resource', withResource({ runs: ['r1', 'r1'] }), ['doubled']],
  ['a resource that was replaced', withResource({ runs: ['r1', 'r2'] }), []],
  ["a service of another driver's", { left: [pod!, { ...service!, owners: [first.uid] }] }, ['stuck']],
];

describe('the invariants', () => {
  it('hold for a recorded run', () => expect(violations(recorded)).toEqual([]));

  it.each(broken)('judge %s', (_, change, harms) => {
    expect(violations({ ...recorded, ...change }).map(({ harm }) => harm)).toEqual(harms);
  });

  it('report once what is in history', () => {
    const at = (seconds: number) => ({ eventTime: { seconds: seconds as never, nanos: 0 } });
    const story = storyOf([
      { ...at(5), workflowExecutionStartedEventAttributes: {} },
      { ...at(7), activityTaskScheduledEventAttributes: { activityType: { name: 'submitSparkApplication' } } },
    ]);
    const [one, other] = violations({ ...recorded, story, outcomes: [recorded.outcomes[0]!] });
    expect(one!.what).toMatch(
      /; history: workflowExecutionStarted 0.00, activityTaskScheduled submitSparkApplication 2.00$/,
    );
    expect(other!.what).not.toContain('history:');
  });

  it('are each shown to be able to fail', () => {
    const failing = new Set(
      broken.flatMap(([, change]) => violations({ ...recorded, ...change }).map(({ what }) => what)),
    );
    for (const { name } of INVARIANTS)
      expect(
        [...failing].some((what) => what.startsWith(`${name}: `)),
        name,
      ).toBe(true);
  });
});
