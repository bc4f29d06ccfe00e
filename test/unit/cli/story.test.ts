import { expect, it } from 'vitest';
import { Story } from '../../../src/cli/commands/run/story.ts';
import type { SparkApplicationDescription } from '../../../src/client/index.ts';
import type { SparkApplicationStatus } from '../../../src/protocol/index.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

const status = (fields: Partial<SparkApplicationStatus>): Partial<SparkApplicationDescription> => ({
  status: {
    ...{ state: 'SUBMITTED', namespace: 'etl', name: 'pi', attempts: 1, attemptHistory: [] },
    ...{ driverPodName: 'pi-driver', ...fields },
  },
});

const failed = (attempt: number) => ({
  ...{ attempt, submissionId: '', state: 'FAILED' as const, exitCode: 7, reason: 'Error' },
  finishedAt: '2026-01-01T00:00:00Z',
});

function reader(attemptsAtMost?: number): (fields: Partial<SparkApplicationDescription>) => readonly string[] {
  const story = new Story(attemptsAtMost);
  return (fields) => story.changes({ pending: [], ...fields } as unknown as SparkApplicationDescription, NOW);
}

it('reports why a driver does not start, once', () => {
  const read = reader();
  const problem = { reason: 'Unschedulable', message: '0/3 nodes are available' };
  expect(read(status({}))).toEqual(['SUBMITTED  driver etl/pi-driver']);
  expect(read(status({ problem }))).toEqual(['Unschedulable: 0/3 nodes are available']);
  expect(read(status({ problem }))).toEqual([]);
});

it('reports texts of other users without what controls a terminal', () => {
  const problem = { reason: 'Unschedulable', message: '\u001b[2Jno node' };
  const pending = [{ activity: 'submit', attempt: 2, lastFailure: '\u009b2Jrefused' }];
  const read = reader();
  expect(read({ ...status({ problem, attemptHistory: [{ ...failed(1), reason: '\u001bc' }] }), pending })).toEqual([
    'attempt 1 ended FAILED: exit code 7,  c',
    'SUBMITTED  driver etl/pi-driver',
    'Unschedulable:  [2Jno node',
    'attempt 2 of submit:  2Jrefused',
  ]);
});

it('reports each attempt that ended, and when the next begins', () => {
  const read = reader(3);
  read(status({ state: 'RUNNING' }));
  const nextAttemptAt = '2026-01-01T00:00:03Z';
  const waiting = status({ state: 'PENDING_RERUN', attemptHistory: [failed(1)], nextAttemptAt });
  expect(read(waiting)[0]).toBe('attempt 1 of 3 ended FAILED: exit code 7, Error; next in 3s');
  expect(read(status({ state: 'RUNNING', attempts: 2, attemptHistory: [failed(1)] }))).toEqual([
    'RUNNING  attempt 2 of 3  driver etl/pi-driver',
  ]);
});

it('leaves the end to its result', () => {
  const read = reader();
  expect(read(status({ state: 'COMPLETED', finishedAt: '2026-01-01T00:00:00Z' }))).toEqual([]);
});
