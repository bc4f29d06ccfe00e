import { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { createSparkActivities } from '../../../src/activities/index.ts';
import { withFailures, withPatience } from '../../../src/activities/failure.ts';
import { KubernetesError, KubernetesErrorType, Opinion } from '../../../src/kubernetes/index.ts';

import { confirmBy } from '../../../src/kubernetes/errors/confirmation.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const denied = new KubernetesError({ type: 'AdmissionDenied', message: 'violates PodSecurity' });
const forbidden = new KubernetesError({ type: 'Forbidden', message: 'may not create pods.' });
const throttled = new KubernetesError({ type: 'TooManyRequests', message: 'slow down', retryAfterMs: 7_000 });

async function thrownBy(run: <T>(body: () => Promise<T>) => Promise<T>, error: Error): Promise<unknown> {
  return run(() => Promise.reject(error)).catch((reason: unknown) => reason);
}

describe('what Temporal records of an error', () => {
  it('keeps its type, and whether and when another try can help', async () => {
    expect(await thrownBy(withFailures, denied)).toMatchObject({ type: 'AdmissionDenied', nonRetryable: true });
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
    const failure = await thrownBy(withPatience, denied);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'AdmissionDenied', nonRetryable: false, nextRetryDelay: 60_000 });
    expect(await thrownBy(withPatience, throttled)).toMatchObject({ nextRetryDelay: 7_000 });
    // It may be over in a moment: as soon as Temporal's own policy allows.
    const refused = await thrownBy(withPatience, forbidden);
    expect(refused).toMatchObject({ type: 'Forbidden', nonRetryable: false, nextRetryDelay: undefined });
  });
});

const SCHEDULED = Date.parse('2026-11-30T10:00:00Z');

interface Try {
  readonly attempt: number;
  readonly afterMs: number;
}

/** Tries of one activity, each with what the one before it left; `lost` tries leave nothing. */
function activity(error: Error) {
  let heartbeatDetails: unknown;
  return async ({ attempt, afterMs }: Try): Promise<unknown> => {
    const currentAttemptScheduledTimestampMs = SCHEDULED + afterMs;
    const environment = new ActivityEnvironment({ attempt, currentAttemptScheduledTimestampMs, heartbeatDetails });
    environment.on('heartbeat', (details: unknown) => (heartbeatDetails = details));
    return environment.run(() => thrownBy(withFailures, error));
  };
}

describe('a refusal that an API server also gives while it starts', () => {
  it.each([
    KubernetesErrorType.Unauthorized,
    KubernetesErrorType.Forbidden,
    KubernetesErrorType.NotServed,
    KubernetesErrorType.UntrustedServer,
    KubernetesErrorType.InvalidConfiguration,
  ])('is retried with its reason, and final only after five minutes: %s', async (type) => {
    const tried = activity(new KubernetesError({ type, message: 'No.' }));
    expect(await tried({ attempt: 1, afterMs: 0 })).toMatchObject({
      type,
      nonRetryable: false,
      message: 'No. Refused since 2026-11-30T10:00:00.000Z; retrying until at least 2026-11-30T10:05:00.000Z.',
    });
    expect(await tried({ attempt: 2, afterMs: 299_999 })).toMatchObject({ nonRetryable: false });
    expect(await tried({ attempt: 3, afterMs: 300_000 })).toMatchObject({
      type,
      nonRetryable: true,
      message: 'No. Refused since 2026-11-30T10:00:00.000Z, and confirmed.',
    });
  });

  it('counts from the first of the refusals, not from the start of the activity', async () => {
    const tried = activity(forbidden);
    expect(await tried({ attempt: 90, afterMs: 86_400_000 })).toMatchObject({ nonRetryable: false });
    expect(await tried({ attempt: 91, afterMs: 86_430_000 })).toMatchObject({ nonRetryable: false });
  });

  it('starts the time again after a try that ended otherwise', async () => {
    const tried = activity(forbidden);
    await tried({ attempt: 1, afterMs: 0 });
    expect(await tried({ attempt: 3, afterMs: 600_000 })).toMatchObject({ nonRetryable: false });
    expect(await tried({ attempt: 4, afterMs: 900_000 })).toMatchObject({ nonRetryable: true });
  });

  it.each([
    [undefined, Opinion.Contradicts, true],
    [undefined, Opinion.Undecided, false],
    ['Forbidden', Opinion.Contradicts, false],
  ] as const)(
    'ends after 15 minutes where a proxy refuses what is allowed: reason %s, %s',
    async (reason, opinion, ends) => {
      const refused = new KubernetesError({ type: 'Forbidden', message: 'HTTP 403.', status: 403, reason });
      confirmBy(refused, () => Promise.resolve(opinion));
      const tried = activity(refused);
      await tried({ attempt: 1, afterMs: 0 });
      expect(await tried({ attempt: 2, afterMs: 899_999 })).toMatchObject({ nonRetryable: false });
      expect(await tried({ attempt: 3, afterMs: 900_000 })).toMatchObject({ nonRetryable: ends });
    },
  );

  it('never ends a wait, a stop or a finalization, also where the cluster is not connected yet', async () => {
    const misread = new KubernetesError({ type: 'InvalidConfiguration', message: 'The kubeconfig cannot be used.' });
    const activities = createSparkActivities({ kubernetes: () => Promise.reject(misread) });
    for (const name of ['waitForSparkDriver', 'stopSparkDriver', 'finalizeSparkApplication'] as const) {
      const run: (input: never) => Promise<unknown> = async (input) => activities[name](input);
      const call = new ActivityEnvironment().run(() => run({} as never));
      await expect(call).rejects.toMatchObject({ type: 'InvalidConfiguration', nonRetryable: false });
    }
  });

  it('is the same where a submission Job reports it, by its type', async () => {
    const reported = Object.assign(new Error('No.'), { type: 'Forbidden', retryable: false });
    expect(await activity(reported)({ attempt: 1, afterMs: 0 })).toMatchObject({ nonRetryable: false });
  });
});
