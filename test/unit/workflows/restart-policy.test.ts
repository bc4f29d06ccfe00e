import { describe, expect, it } from 'vitest';
import { readRunSettings, type FailureClass, type RunSettings } from '../../../src/manifest/run-settings.ts';
import { AttemptEnd } from '../../../src/workflows/application/attempt-end.ts';
import { restartDelayMs, type RestartInput } from '../../../src/workflows/application/restart-policy.ts';

type Policy = RestartInput['policy'];

const linear: RestartInput['settings'] = { backoff: 'linear', jitter: 0, retries: {} };

function afterFailures(
  policy: Policy,
  failures: Partial<Record<FailureClass, number>>,
  settings: Partial<RunSettings> = {},
  failureClass: FailureClass = 'application',
  random = 0.5,
): number | undefined {
  return restartDelayMs({
    policy,
    settings: { ...linear, ...settings },
    end: AttemptEnd.Failed,
    failureClass,
    counts: { failures, submissionFailures: 0 },
    random,
  });
}

function afterSubmissionFailures(policy: Policy, submissionFailures: number): number | undefined {
  const counts = { failures: { application: 7 }, submissionFailures };
  return restartDelayMs({ policy, settings: linear, end: AttemptEnd.SubmissionFailed, counts, random: 0.5 });
}

function afterCompletion(policy: Policy): number | undefined {
  const counts = { failures: {}, submissionFailures: 0 };
  return restartDelayMs({ policy, settings: linear, end: AttemptEnd.Completed, counts, random: 0.5 });
}

describe('restart policy', () => {
  it('never restarts without one, or with Never', () => {
    for (const policy of [undefined, { type: 'Never' }] as const) {
      expect(afterFailures(policy, { application: 1 })).toBeUndefined();
      expect(afterCompletion(policy)).toBeUndefined();
      expect(afterSubmissionFailures(policy, 1)).toBeUndefined();
    }
  });

  it('OnFailure makes N + 1 attempts for N retries', () => {
    const policy = { type: 'OnFailure', onFailureRetries: 2, onFailureRetryInterval: 10 } as const;
    const delays = [1, 2, 3].map((application) => afterFailures(policy, { application }));
    expect(delays).toEqual([10_000, 20_000, undefined]);
    expect(afterCompletion(policy)).toBeUndefined();
  });

  it('waits at most a year, whatever a manifest in a history contains', () => {
    const { settings } = readRunSettings({ 'temporal-spark/restart-max-interval': `${'9'.repeat(200)}h` });
    for (const onFailureRetryInterval of [2 ** 53 - 1, Number.MAX_VALUE]) {
      const policy = { type: 'Always', onFailureRetryInterval } as const;
      for (const { settings: read } of [readRunSettings({}), { settings }]) {
        expect(afterFailures(policy, { application: 1_000 }, read)).toBe(365 * 24 * 3_600_000);
      }
    }
  });

  it('OnFailure without retries makes one attempt', () => {
    expect(afterFailures({ type: 'OnFailure' }, { application: 1 })).toBeUndefined();
  });

  it('counts submissions apart from runs', () => {
    const policy = { type: 'OnFailure', onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 3 } as const;
    expect(afterSubmissionFailures(policy, 1)).toBe(3_000);
    expect(afterSubmissionFailures(policy, 2)).toBeUndefined();
    expect(afterFailures(policy, { application: 1 })).toBeUndefined();
  });

  it('Always restarts at once after success, and with a delay that grows by 5 s with each failure', () => {
    expect(afterCompletion({ type: 'Always' })).toBe(0);
    expect(afterFailures({ type: 'Always' }, { application: 2, infrastructure: 1 })).toBe(15_000);
  });
});

describe('retries by class of failure', () => {
  const policy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 } as const;
  const retries = { infrastructure: 3, 'out-of-memory': 0 };

  it('count by themselves, and do not use up the policy’s', () => {
    const failures = { infrastructure: 3, application: 1 };
    expect(afterFailures(policy, failures, { retries }, 'infrastructure')).toBe(3_000);
    expect(afterFailures(policy, failures, { retries }, 'application')).toBe(1_000);
    expect(afterFailures(policy, { infrastructure: 4 }, { retries }, 'infrastructure')).toBeUndefined();
  });

  it('can forbid a class, and allow one although the policy is Never', () => {
    expect(afterFailures(policy, { 'out-of-memory': 1 }, { retries }, 'out-of-memory')).toBeUndefined();
    expect(afterFailures(undefined, { infrastructure: 1 }, { retries }, 'infrastructure')).toBe(5_000);
    expect(afterFailures(undefined, { application: 1 }, { retries }, 'application')).toBeUndefined();
  });
});

describe('backoff', () => {
  const always = { type: 'Always', onFailureRetryInterval: 10 } as const;

  it('doubles up to its cap where it is exponential', () => {
    const settings = { backoff: 'exponential', maxIntervalMs: 60_000 } as const;
    const delays = [1, 2, 3, 4, 50].map((application) => afterFailures(always, { application }, settings));
    expect(delays).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('spreads by its jitter, to both sides', () => {
    const delay = (random: number) => afterFailures(always, { application: 1 }, { jitter: 0.2 }, 'application', random);
    expect([delay(0), delay(0.5), delay(1)]).toEqual([8_000, 10_000, 12_000]);
  });
});
