import { describe, expect, it } from 'vitest';
import { withCanaryTrial } from '../../../src/activities/submit/canary-trial.ts';
import { KubernetesError, KubernetesErrorType } from '../../../src/kubernetes/index.ts';
import { SubmitterError, type SparkApplicationSubmitter } from '../../../src/submitters/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const submitter: SparkApplicationSubmitter = { name: 'canary', submit: () => Promise.reject(new Error('unused')) };

/** How often a trial counts as failed that ends so, and with what the activity fails. */
async function failuresOf(
  submit: (environment: ActivityEnvironment) => Promise<never>,
  signal = new AbortController().signal,
): Promise<{ readonly failures: number; readonly error: unknown }> {
  let failures = 0;
  const trial = {
    submitter,
    succeeded: () => expect.unreachable(),
    failed: () => {
      failures += 1;
      return undefined;
    },
  };
  const environment = new ActivityEnvironment({ startToCloseTimeoutMs: 300_000 });
  const error: unknown = await environment
    .run(() =>
      withCanaryTrial({ submitter, trial }, undefined as never, undefined as never, signal, () => submit(environment)),
    )
    .catch((reason: unknown) => reason);
  return { failures, error };
}

const quota = (): Error => new KubernetesError({ type: KubernetesErrorType.QuotaExceeded, message: 'used up' });
const noAccount = (): Error =>
  new KubernetesError({ type: KubernetesErrorType.ServiceAccountNotFound, message: 'none' });
const taken = (): Error => new SubmitterError('DriverNameConflict', 'taken');
const own = (type: string): Error => Object.assign(new Error(type), { type, retryable: false });

describe('a trial', () => {
  it.each([
    ['a quota is used up', quota],
    ['the service account is missing', noAccount],
    ['the name is taken', taken],
    ['a quota is used up, with an error of its own', () => own('QuotaExceeded')],
  ])('does not count as failed where %s, and is tried again', async (_, failure) => {
    const { failures, error } = await failuresOf(() => Promise.reject(failure()));
    expect(failures).toBe(0);
    expect(error).toMatchObject({ retryable: true });
  });

  it.each(['WORKER_SHUTDOWN', 'CANCELLED'] as const)(
    'does not count as failed, whatever it throws, where it ends by %s',
    async (reason) => {
      const { failures, error } = await failuresOf(async (environment) => {
        environment.cancel(reason);
        throw new SubmitterError('SubmitterFailed', 'the process was killed');
      });
      expect(failures).toBe(0);
      expect(error).toMatchObject({ message: 'the process was killed' });
    },
  );

  it('does not count as failed where the time of the whole submission is up', async () => {
    const signal = AbortSignal.abort(new Error('time is up'));
    const { failures } = await failuresOf(async () => {
      throw signal.reason;
    }, signal);
    expect(failures).toBe(0);
  });

  it.each([
    ['an error', () => new Error('broken')],
    ['a refusal of its own', () => own('SubmissionRefused')],
    ['what is forbidden', () => new KubernetesError({ type: KubernetesErrorType.Forbidden, message: 'no' })],
  ])('counts as failed with %s, and is tried again all the same', async (_, failure) => {
    const { failures, error } = await failuresOf(() => Promise.reject(failure()));
    expect(failures).toBe(1);
    expect(error).toMatchObject({ type: 'SubmitterFailed', retryable: true });
  });
});
