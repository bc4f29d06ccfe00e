import { describe, expect, it } from 'vitest';
import { describeText } from '../../../src/cli/commands/describe/describe-text.ts';
import { shortDuration } from '../../../src/validation/duration.ts';
import type { SparkApplicationDescription } from '../../../src/client/index.ts';

const NOW = Date.parse('2026-01-01T02:00:00Z');

const description = (fields: object): SparkApplicationDescription =>
  ({
    ...{ workflowId: 'spark/etl/pi', runId: 'run', taskQueue: 'spark', workflowStatus: 'RUNNING', state: 'RUNNING' },
    ...{ pending: [], startTime: new Date('2026-01-01T00:00:00Z'), ...fields },
  }) as unknown as SparkApplicationDescription;

const status = (fields: object = {}) => ({
  ...{ state: 'RUNNING', namespace: 'etl', name: 'pi', attempts: 1, attemptHistory: [], driverPodName: 'pi-driver' },
  ...fields,
});
const closed = { closeTime: new Date('2026-01-01T01:00:00Z') };

describe('describe', () => {
  it('shows the state and why first, and the ids last', () => {
    const result = status({ state: 'FAILED', exitCode: 1, reason: 'Error', message: 'two\nlines' });
    const text = describeText(
      description({ ...closed, workflowStatus: 'FAILED', state: 'FAILED', status: result, result }),
      NOW,
    );
    expect(text).toMatch(
      /^State +FAILED\nReason +exit code 1, Error\nMessage +two\n {19}lines\n\nStarted +2026-01-01T00:00:00Z \(2h ago\)\n/,
    );
    expect(text).toMatch(
      /\n\nTo read its log +temporal-spark logs spark\/etl\/pi\nTo run it again +temporal-spark retry spark\/etl\/pi\n\nWorkflow +spark\/etl\/pi\n/,
    );
  });

  it('shows the log of the driver before the ids, and links with them', () => {
    const driver = { namespace: 'etl', podName: 'pi-driver', submissionId: 's' };
    const log = { location: 'pod etl/pi-driver', lines: ['the end'] };
    const links = { temporal: 'http://temporal', history: 'http://history' };
    const text = describeText(description({ status: status() }), NOW, { evidence: { driver, events: [], log }, links });
    expect(text).toMatch(
      /\n\nEnd of its log \(pod etl\/pi-driver\)\n {2}the end\n\nTo follow its log +temporal-spark logs -f spark\/etl\/pi\n/,
    );
    expect(text).toMatch(/\n\nTemporal UI +http:\/\/temporal\nSpark history +http:\/\/history\nWorkflow +spark/);
  });

  it.each([
    ['QUEUED', {}, 'temporal-spark kill spark/etl/pi\n'],
    ['SUBMITTED', {}, 'temporal-spark describe --watch spark/etl/pi\n'],
    ['RUNNING', {}, 'temporal-spark ui spark/etl/pi\n'],
    ['SUSPENDED', {}, 'temporal-spark resume spark/etl/pi\n'],
    ['PENDING_RERUN', {}, 'temporal-spark logs spark/etl/pi\n'],
    ['FAILED', closed, 'temporal-spark logs spark/etl/pi\n'],
    ['TERMINATED', closed, 'kubectl -n etl get pod pi-driver\n'],
  ])('names a command that helps while it is %s', (state, fields, command) => {
    const text = describeText(description({ ...fields, state, status: status({ state }) }), NOW);
    expect(text).toContain(command);
  });

  it('shows the texts of other users without what controls a terminal', () => {
    const problem = { reason: 'Unschedulable', message: 'a\tb\u001b[2J\u009b1Gc\r\nd' };
    const text = describeText(description({ status: status({ problem, cluster: 'x\u0007' }) }), NOW);
    expect(text).toContain('Unschedulable: a\tb [2J 1Gc \n' + ' '.repeat(19) + 'd\n');
    expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
  });

  it('never shows the last state of a terminated workflow as its state', () => {
    const text = describeText(
      description({ ...closed, workflowStatus: 'TERMINATED', state: 'TERMINATED', status: status() }),
      NOW,
    );
    expect(text).toMatch(/^State +TERMINATED, was RUNNING\n/);
    expect(text).toContain('etl/pi-driver may still run: kubectl -n etl get pod pi-driver');
  });

  it('reports whether a worker polls where none answers', () => {
    expect(describeText(description({ state: undefined, pollers: 0 }), NOW)).toMatch(
      /^State +unknown\nNo answer +no worker polls task queue "spark"\. To start one: {2}TEMPORAL_SPARK_TASK_QUEUE=spark /,
    );
    expect(describeText(description({ pollers: 2 }), NOW)).toMatch(
      /^State +RUNNING when last recorded\nNo answer +2 workers poll task queue "spark", but none answered/,
    );
  });

  it.each([
    ['image', { status: status({ problem: { reason: 'ImagePullBackOff' } }) }],
    ['unschedulable', { driver: { reason: 'Unschedulable' }, status: status() }],
    ['queued', { state: 'QUEUED', status: status({ state: 'QUEUED', attempts: 0 }) }],
    ['pending-rerun', { state: 'PENDING_RERUN', status: status({ state: 'PENDING_RERUN' }) }],
    ['no-worker', { state: undefined, pollers: 0 }],
    ['placement', { ...closed, state: 'FAILED', status: status({ reason: 'PlacementRefused' }) }],
    ['service-account', { ...closed, state: 'FAILED', status: status({ failure: { kind: 'KubernetesForbidden' } }) }],
  ])('links the section %s of the troubleshooting page', (section, fields) => {
    expect(describeText(description(fields), NOW)).toMatch(
      new RegExp(`^Help +https://.*/troubleshooting\\.md#${section}$`, 'm'),
    );
  });

  it('links no section where nothing is wrong', () => {
    const done = { ...closed, state: 'COMPLETED', status: status({ problem: { reason: 'ImagePullBackOff' } }) };
    expect(describeText(description(done), NOW)).not.toContain('Help');
    expect(describeText(description({ status: status() }), NOW)).not.toContain('Help');
  });

  it('shows ends that were requested as such', () => {
    const past = { attempt: 1, submissionId: '', exitCode: 143, reason: 'Error', finishedAt: '2026-01-01T01:00:00Z' };
    const text = (state: string) =>
      describeText(description({ status: status({ attempts: 2, attemptHistory: [{ ...past, state }] }) }), NOW);
    expect(text('SUSPENDED')).toMatch(/Attempt 1 +suspended on request, did not run, /);
    expect(text('INVALIDATING')).toMatch(/Attempt 1 +replaced on request, /);
    expect(text('FAILED')).toMatch(/Attempt 1 +FAILED, exit code 143, Error, /);
  });
});

it.each([
  [0, '0s'],
  [42_400, '42s'],
  [192_000, '3m12s'],
  [7_200_000, '2h'],
  [18_120_000, '5h2m'],
  [1_040_000_000, '12d'],
])('%s ms are %s', (ms, text) => {
  expect(shortDuration(ms)).toBe(text);
});
