import { describe, expect, it } from 'vitest';
import { operatorStatus } from '../../../src/mirror/index.ts';
import { isNewer } from '../../../src/mirror/order.ts';
import type { MirroredAttempt, MirroredStatus } from '../../../src/protocol/index.ts';

const attempt: MirroredAttempt = {
  submissionId: 'id',
  sparkApplicationId: 'spark-id',
  driverPodName: 'pi-driver',
  begunAt: '2026-11-30T12:00:00.000Z',
  submitted: true,
};
const of = (fields: Partial<MirroredStatus>): MirroredStatus => ({
  ...{ namespace: 'default', name: 'pi', uid: 'uid', state: 'RUNNING', submissions: 1, executions: 1, attempt },
  ...fields,
});
const ended = (ending: Partial<NonNullable<MirroredAttempt['ending']>>, submitted = true): Partial<MirroredStatus> => ({
  state: 'FAILED',
  attempt: { ...attempt, submitted, ending: { finishedAt: '2026-11-30T12:01:00Z', succeeded: false, ...ending } },
});

describe('the message of a failure', () => {
  it.each([
    [
      'an exit code',
      ended({ exitCode: 1, reason: 'Error' }),
      'driver container failed with ExitCode: 1, Reason: Error',
    ],
    [
      'an exit code and a cause',
      ended({ exitCode: 137, reason: 'OOMKilled', message: 'heap' }),
      'driver container failed with ExitCode: 137, Reason: OOMKilled; heap',
    ],
    [
      'a pod that vanished',
      ended({ reason: 'DriverVanished', message: 'gone' }),
      'driver pod not found: DriverVanished: gone',
    ],
    ['a pod that never ran', ended({ reason: 'Evicted' }), 'driver container status missing: Evicted'],
    ['a submission', ended({ reason: 'Forbidden', message: 'no' }, false), 'failed to run spark-submit: Forbidden: no'],
    [
      'a name that is taken',
      ended({ reason: 'DriverNameConflict' }, false),
      'driver pod already exist: DriverNameConflict',
    ],
    ['a kill', { state: 'CANCELLED', message: 'was killed: late' } as const, 'was killed: late'],
  ])("begins as the operator's for %s", (_, fields, message) => {
    const { applicationState } = operatorStatus(of(fields));
    expect(applicationState).toEqual({ state: 'FAILED', errorMessage: message });
  });
});

describe('the order of statuses', () => {
  const status = (state: MirroredStatus['state'], begunAt = attempt.begunAt) =>
    operatorStatus(of({ state, attempt: { ...attempt, begunAt } }));
  const later = '2026-11-30T12:05:00.000Z';

  it.each([
    ['any over none', status('SUBMITTED'), undefined, true],
    ['a later state of an attempt', status('COMPLETED'), status('RUNNING'), true],
    ['no earlier state of an attempt', status('RUNNING'), status('COMPLETED'), false],
    ['no state twice', status('RUNNING'), status('RUNNING'), false],
    ['UNKNOWN and RUNNING over each other', status('RUNNING'), status('UNKNOWN'), true],
    ['a later attempt over the end of an earlier one', status('SUBMITTED', later), status('FAILED'), true],
    ['no earlier attempt over a later one', status('FAILED'), status('SUBMITTED', later), false],
  ])('allows %s', (_, wanted, found, expected) => {
    expect(isNewer(wanted, found)).toBe(expected);
  });

  it('allows a status without an attempt over those of previous runs only', () => {
    const suspended = operatorStatus({
      namespace: 'a',
      name: 'b',
      uid: 'c',
      state: 'SUSPENDED',
      submissions: 0,
      executions: 0,
    });
    expect(isNewer(suspended, status('COMPLETED'), later)).toBe(true);
    expect(isNewer(suspended, status('COMPLETED', later), attempt.begunAt)).toBe(false);
  });
});
