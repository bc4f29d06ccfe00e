import { expect, test } from 'vitest';
import { PipelineState, StageReason, StageState, type StageStatus } from '../../../src/protocol/index.ts';
import { pipelineDetails } from '../../../src/workflows/pipeline/pipeline-details.ts';

const id = 'pipeline/etl/2026-11-20';
const startedAt = '2026-11-20T03:00:00.000Z';
const finishedAt = '2026-11-20T03:00:42.000Z';

function details(stages: readonly StageStatus[], workflowId = id): string {
  const run = {
    namespace: 'a',
    name: 'etl',
    run: '2026-11-20',
    parameters: {},
    scheduleTime: startedAt,
    timeZone: 'UTC',
  };
  return pipelineDetails({ ...run, state: PipelineState.Running, stages, startedAt }, workflowId);
}

const stage = (name: string, fields: Partial<StageStatus> = {}): StageStatus => ({
  ...{ name, state: StageState.Running, attempts: 1, startedAt },
  ...fields,
});

test('each stage that has a child links to it, a fan-out to the list of its children', () => {
  const items = { total: 3, running: 1, succeeded: 2, failed: 0 };
  const lines = details([
    stage('extract', { state: StageState.Succeeded, finishedAt }),
    stage('each', { items, attempts: 3 }),
    stage('kept', { state: StageState.Succeeded, attempts: 0, kept: true }),
    { name: 'later', state: StageState.Pending },
    { name: 'left', state: StageState.Skipped, reason: StageReason.PipelineStopped },
  ]).split('\n');
  const to = '/namespaces/{namespace}/workflows';
  expect(lines.slice(2)).toEqual([
    '| Stage | State | Time | Details |',
    '|---|---|---|---|',
    `| [extract](${to}/pipeline%2Fetl%2F2026-11-20%2Fextract) | SUCCEEDED | 42s |  |`,
    `| [each](${to}?query=WorkflowId%20STARTS_WITH%20%22pipeline%2Fetl%2F2026-11-20%2Feach%2F%22) | RUNNING | since 2026-11-20T03:00:00Z | 2 of 3 |`,
    '| kept | SUCCEEDED | since 2026-11-20T03:00:00Z | result of an earlier run |',
    '| later | PENDING |  |  |',
    '| left | SKIPPED |  | `the pipeline was stopped before` |',
    '',
    '\u200b',
  ]);
});

test('stays below 4 KB with any names, and shows the most important stages first', () => {
  const names = Array.from({ length: 100 }, (_, index) => `${'n'.repeat(60)}${index}`);
  const stages = names.map((name, index) =>
    stage(name, {
      state: index === 99 ? StageState.Failed : StageState.Succeeded,
      finishedAt,
      reason: '€'.repeat(200),
      waitingFor: 'its semaphore',
    }),
  );
  const text = details(stages, `pipeline/${'p'.repeat(63)}/${'r'.repeat(200)}`);
  expect(Buffer.byteLength(text)).toBeLessThan(4096);
  const rows = text.split('\n').filter((line) => line.startsWith('| ['));
  expect(rows.length).toBeGreaterThan(2);
  expect(rows[0]).toContain(names[99]);
  expect(text).toContain(`and ${100 - rows.length} more`);
});

test('shows up to fifteen stages in their order', () => {
  const text = details(Array.from({ length: 15 }, (_, index) => stage(`stage-${index}`)));
  expect(text.match(/^\| \[stage-/gm)).toHaveLength(15);
  expect(text).not.toContain('more');
});

test('a stage that failed has its cause in one line, and its reason where that does not name it', () => {
  const failed = { state: StageState.Failed, finishedAt, reason: 'Error', message: "KeyError: '2026-11-30'\nmore" };
  expect(details([stage('load', failed)])).toContain("`KeyError: '2026-11-30'` |");
  const killed = { ...failed, reason: 'OOMKilled', message: 'the limit of 1 GiB was exceeded' };
  expect(details([stage('load', killed)])).toContain('`the limit of 1 GiB was exceeded (OOMKilled)` |');
});

test('a reason that is a name of every object is shown as it is', () => {
  expect(details([stage('load', { state: StageState.Failed, reason: 'constructor' })])).toContain('`constructor`');
});
