import type { ApplicationFailure } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import { withLateness, type SubmissionHeartbeat } from '../../../src/activities/submit/lateness.ts';
import { KubernetesError, KubernetesErrorType } from '../../../src/kubernetes/index.ts';
import { SubmitterError, SubmitterErrorType } from '../../../src/submitters/index.ts';
import { DEFAULT_TIMINGS } from '../../../src/timings/index.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const heartbeatTimeoutMs = DEFAULT_TIMINGS.heartbeatTimeoutMs;
const { lateCreationMs } = DEFAULT_TIMINGS;

interface Try {
  readonly attempt?: number;
  readonly scheduledTimestampMs?: number;
  readonly currentAttemptScheduledTimestampMs?: number;
  readonly heartbeatDetails?: SubmissionHeartbeat | undefined;
}

/** The failure of a try, and what it leaves for the next one. */
async function failureOf(error: Error, info: Try = {}): Promise<{ error: unknown; left: unknown }> {
  const environment = new ActivityEnvironment({ heartbeatTimeoutMs, ...info });
  let left: unknown;
  environment.on('heartbeat', (details: unknown) => (left = details));
  const failed: unknown = await environment
    .run(() => withLateness(DEFAULT_TIMINGS, () => Promise.reject(error)))
    .catch((reason: unknown) => reason);
  return { error: failed, left };
}

async function latenessAfter(error: Error, info: Try = {}): Promise<number | undefined> {
  const { error: failure } = await failureOf(error, info);
  return (failure as ApplicationFailure).details?.map((detail) => (detail as SubmissionHeartbeat).lateForMs)[0];
}

const kubernetes = (type: KubernetesErrorType): Error => new KubernetesError({ type, message: type });
const refused = kubernetes(KubernetesErrorType.QuotaExceeded);

describe('the failure of a submission', () => {
  it.each([
    KubernetesErrorType.QuotaExceeded,
    KubernetesErrorType.Unreachable,
    KubernetesErrorType.TooManyRequests,
    KubernetesErrorType.Forbidden,
    KubernetesErrorType.Invalid,
  ])('records that no driver can appear after %s', async (type) => {
    expect(await latenessAfter(kubernetes(type))).toBe(0);
  });

  it.each([
    KubernetesErrorType.ConnectionLost,
    KubernetesErrorType.Timeout,
    KubernetesErrorType.ClientClosed,
    KubernetesErrorType.ServerError,
  ])('records that the API server may still create the driver after %s', async (type) => {
    expect(await latenessAfter(kubernetes(type))).toBe(lateCreationMs);
  });

  it('records the same of a submitter that failed, or did not stop', async () => {
    for (const type of [SubmitterErrorType.SubmitterFailed, SubmitterErrorType.SubmitterTimeout]) {
      expect(await latenessAfter(new SubmitterError(type, 'broken'))).toBe(lateCreationMs);
    }
  });

  it('records the same of an error of a custom submitter', async () => {
    const own = Object.assign(new Error('broken'), { type: 'MyError', retryable: true });
    expect(await latenessAfter(own)).toBe(lateCreationMs);
  });

  it('counts the whole time of a lost try after the activity was reset', async () => {
    const info = { attempt: 1, scheduledTimestampMs: 1, currentAttemptScheduledTimestampMs: 60_000 };
    expect(await latenessAfter(refused, info)).toBeGreaterThan(heartbeatTimeoutMs + lateCreationMs - 5_000);
  });

  it('keeps its type, and whether another try can help', async () => {
    const { error } = await failureOf(kubernetes(KubernetesErrorType.AdmissionDenied));
    expect(error).toMatchObject({ type: 'AdmissionDenied', message: 'AdmissionDenied' });
  });

  it('counts the time that the try before may still take', async () => {
    const info = { attempt: 2, heartbeatDetails: { attempt: 1, lateForMs: 50_000 } };
    const late = await latenessAfter(refused, info);
    expect(late).toBeGreaterThan(45_000);
    expect(late).toBeLessThanOrEqual(50_000);
  });

  it.each<[what: string, details: SubmissionHeartbeat | undefined]>([
    ['nothing', undefined],
    ['only that it was under way', { attempt: 1 }],
    ['what the one before it had left', { attempt: 0, lateForMs: 0 }],
  ])('counts the whole time of a lost try that left %s', async (_, heartbeatDetails) => {
    const late = await latenessAfter(refused, { attempt: 2, heartbeatDetails });
    expect(late).toBeGreaterThan(heartbeatTimeoutMs + lateCreationMs - 5_000);
  });

  it('leaves the time to the next try', async () => {
    const { left } = await failureOf(kubernetes(KubernetesErrorType.Timeout), { attempt: 3 });
    expect(left).toMatchObject({ attempt: 3 });
    expect((left as SubmissionHeartbeat).lateForMs).toBeGreaterThanOrEqual(lateCreationMs);
  });
});
