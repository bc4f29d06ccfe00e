import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { withFailures, withPatience } from '../../../src/activities/failure.ts';
import { KubernetesError } from '../../../src/kubernetes/index.ts';

const forbidden = new KubernetesError({ type: 'Forbidden', message: 'may not create pods' });
const throttled = new KubernetesError({ type: 'TooManyRequests', message: 'slow down', retryAfterMs: 7_000 });

async function thrownBy(run: typeof withFailures, error: Error): Promise<unknown> {
  return run(() => Promise.reject(error)).catch((reason: unknown) => reason);
}

describe('what Temporal records of an error', () => {
  it('keeps its type, and whether and when another try can help', async () => {
    expect(await thrownBy(withFailures, forbidden)).toMatchObject({ type: 'Forbidden', nonRetryable: true });
    expect(await thrownBy(withFailures, throttled)).toMatchObject({
      type: 'TooManyRequests',
      nonRetryable: false,
      nextRetryDelay: 7_000,
    });
  });

  it('passes on what it does not know, to be retried', async () => {
    const defect = new TypeError('undefined is not a function');
    expect(await thrownBy(withFailures, defect)).toBe(defect);
  });

  it('retries for ever where a driver would be left behind, until the cause is fixed', async () => {
    const failure = await thrownBy(withPatience, forbidden);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'Forbidden', nonRetryable: false, nextRetryDelay: 60_000 });
    expect(await thrownBy(withPatience, throttled)).toMatchObject({ nextRetryDelay: 7_000 });
  });
});
