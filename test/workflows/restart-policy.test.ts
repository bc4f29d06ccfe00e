import { describe, expect, it } from 'vitest';
import { restartDelayMs } from '../../src/workflows/restart-policy.ts';

const first = { runs: 1, submissionFailures: 0 };

describe('restart policy', () => {
  it('never restarts without one, or with Never', () => {
    expect(restartDelayMs(undefined, 'failed', first)).toBeUndefined();
    expect(restartDelayMs({ type: 'Never' }, 'failed', first)).toBeUndefined();
    expect(restartDelayMs({ type: 'Never' }, 'completed', first)).toBeUndefined();
  });

  it('OnFailure makes N + 1 attempts for N retries', () => {
    const policy = { type: 'OnFailure', onFailureRetries: 2, onFailureRetryInterval: 10 } as const;
    const delays = [1, 2, 3].map((runs) => restartDelayMs(policy, 'failed', { runs, submissionFailures: 0 }));
    expect(delays).toEqual([10_000, 20_000, undefined]);
    expect(restartDelayMs(policy, 'completed', first)).toBeUndefined();
  });

  it('OnFailure without retries makes one attempt', () => {
    expect(restartDelayMs({ type: 'OnFailure' }, 'failed', first)).toBeUndefined();
  });

  it('counts submissions apart from runs', () => {
    const policy = { type: 'OnFailure', onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 3 } as const;
    expect(restartDelayMs(policy, 'submission-failed', { runs: 7, submissionFailures: 1 })).toBe(3_000);
    expect(restartDelayMs(policy, 'submission-failed', { runs: 7, submissionFailures: 2 })).toBeUndefined();
    expect(restartDelayMs(policy, 'failed', first)).toBeUndefined();
  });

  it('Always restarts at once after success, and with a growing delay of 5 s after failures', () => {
    expect(restartDelayMs({ type: 'Always' }, 'completed', { runs: 100, submissionFailures: 0 })).toBe(0);
    expect(restartDelayMs({ type: 'Always' }, 'failed', { runs: 3, submissionFailures: 0 })).toBe(15_000);
  });
});
