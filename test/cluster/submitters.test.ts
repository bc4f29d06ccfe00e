import { describe, expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import {
  NativeSubmitter,
  SubmitterCapability,
  SubmitterError,
  Submitters,
  type SparkApplicationSubmitter,
} from '../../src/submitters/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('submitters');
const { pi, driverOf } = cluster;
const native = new NativeSubmitter();
const submitNatively: SparkApplicationSubmitter['submit'] = (request, context) => native.submit(request, context);

function submitter(name: string, submit: SparkApplicationSubmitter['submit']): SparkApplicationSubmitter {
  return { name, submit };
}

/** Rejects with what need not be an Error. */
function rejecting(reason: unknown): () => Promise<never> {
  return async () => {
    throw reason;
  };
}

/** What becomes of an application whose submitter does this. */
async function failureWith(name: string, submit: SparkApplicationSubmitter['submit'], deadline?: string) {
  const manifest = pi(name, RUN_FOREVER);
  if (deadline !== undefined) manifest.metadata.annotations = { 'temporal-spark/submission-deadline': deadline };
  return withWorker(
    cluster.env,
    async () => (await failureOf((await cluster.env.spark.start(manifest)).result())).result!,
    { submitter: submitter('bad', submit) },
  );
}

/** A protected pod of the same submission. */
async function madeBeside(...[request, { kubernetes }]: Parameters<SparkApplicationSubmitter['submit']>): Promise<Pod> {
  const { pod } = await native.render(request);
  const { namespace, name, finalizers } = pod.metadata!;
  const labels = { 'temporal-spark/submission-id': request.identity.submissionId };
  const metadata = { namespace: namespace!, name: `${name}-second`, finalizers: finalizers!, labels };
  return kubernetes.create(Resources.pods, { ...pod, metadata });
}

async function gone(pod: string): Promise<void> {
  const { kubernetes, namespace } = cluster.env;
  await eventually(`pod ${pod} to go`, async () => {
    return (await kubernetes.get(Resources.pods, namespace, pod)) === undefined;
  });
}

describe('verifies a submitter', () => {
  it.each<[string, unknown]>([
    ['a-text', 'broken'],
    ['undefined', undefined],
    ['an-object', { code: 7 }],
    ['what-can-not-be-shown', Object.create(null)],
  ])('that throws %s is retried, and the failure reports it', async (name, thrown) => {
    const result = await failureWith(`throws-${name}`, rejecting(thrown), '3s');
    expect(result).toMatchObject({ state: 'FAILED', reason: 'SubmissionDeadlineExceeded' });
    expect(result.message).toContain('The submitter "bad" failed');
  });

  it('that throws before it returns a promise is retried, too', async () => {
    const result = await failureWith(
      'throws-at-once',
      () => {
        throw new Error('at once');
      },
      '2s',
    );
    expect(result.message).toContain('at once');
  });

  it('that triggers a defect of the translation is not called again', async () => {
    const containers = 5 as never;
    const result = await failureWith('meets-a-defect', (request, context) => {
      const submission = { ...request.submission, driverPodTemplate: { spec: { containers } } };
      return native.submit({ ...request, submission }, context);
    });
    expect(result).toMatchObject({ state: 'FAILED', reason: 'TranslationFailed', attempts: 1 });
    expect(result.message).toContain('TypeError');
    expect(await driverOf('meets-a-defect')).toBeUndefined();
  });

  it('that returns a malformed value', async () => {
    const result = await failureWith('returns-rubbish', () => Promise.resolve({ ok: true } as never));
    expect(result).toMatchObject({ state: 'FAILED', reason: 'SubmitterContractViolation', attempts: 1 });
  });

  it('that reports a driver and created none', async () => {
    const result = await failureWith('makes-none', async ({ identity }) => ({
      driverPodName: identity.driverPodName,
      driverPodUid: '00000000-0000-0000-0000-000000000000',
      sparkApplicationId: identity.sparkApplicationId,
      adopted: false,
    }));
    expect(result).toMatchObject({ reason: 'SubmitterContractViolation' });
    expect(result.message).toContain('does not exist');
  });

  it('that creates it under another name: that pod is removed', async () => {
    const result = await failureWith('misnames', async (request, context) =>
      native.submit({ ...request, identity: { ...request.identity, driverPodName: 'another-driver' } }, context),
    );
    expect(result).toMatchObject({ reason: 'SubmitterContractViolation' });
    expect(result.message).toContain(`created pod ${cluster.env.namespace}/another-driver, which was removed`);
    await gone('another-driver');
  });

  it('that creates a second pod with only the submission ID: that pod is removed', async () => {
    const result = await failureWith('doubles', async (request, context) => {
      const second = await madeBeside(request, context);
      expect(second.metadata!.finalizers).toEqual(request.identity.finalizers);
      return native.submit(request, context);
    });
    expect(result).toMatchObject({ reason: 'SubmitterContractViolation', attempts: 1 });
    expect(result.message).toContain(`it also created pod ${cluster.env.namespace}/doubles-driver-second`);
    await gone('doubles-driver-second');
    await gone('doubles-driver');
  });

  it('that creates one under another name, and then fails: that pod is removed', async () => {
    const result = await failureWith('makes-and-fails', async (request, context) => {
      await madeBeside(request, context);
      throw new SubmitterError('DriverNameConflict', 'so it says');
    });
    expect(result).toMatchObject({ reason: 'DriverNameConflict', attempts: 1 });
    await gone('makes-and-fails-driver-second');
  });

  it('that reports another UID than that of the pod', async () => {
    const result = await failureWith('misquotes', async (request, context) => ({
      ...(await native.submit(request, context)),
      driverPodUid: 'wrong',
    }));
    expect(result).toMatchObject({ reason: 'SubmitterContractViolation' });
    expect(result.message).toContain('UID');
    await eventually('the pod to go', async () => (await driverOf('misquotes')) === undefined);
  });
});

describe('several submitters', () => {
  it('an attempt keeps the one that began it, the next takes what is configured then', async () => {
    const submitters = new Submitters([submitter('first', submitNatively), submitter('second', submitNatively)], {
      default: 'first',
    });
    const manifest = pi('swapped', RUN_FOREVER);
    await withWorker(
      cluster.env,
      async () => {
        const application = await cluster.env.spark.start(manifest);
        const runs = (attempt: number) =>
          eventually(`attempt ${attempt} to run`, async () => {
            const { status } = await application.describe();
            return status?.state === 'RUNNING' && status.attempts === attempt && status;
          });
        expect((await runs(1)).submitter).toBe('first');
        submitters.exchange([submitter('first', submitNatively), submitter('second', submitNatively)], {
          default: 'second',
        });
        expect((await runs(1)).submitter).toBe('first');
        await application.restart();
        expect(await runs(2)).toMatchObject({ submitter: 'second', attemptHistory: [{ submitter: 'first' }] });
        await application.kill();
        await failureOf(application.result());
      },
      { submitter: submitters },
    );
  });

  it('an unknown one is rejected with the list of known names', async () => {
    const manifest = pi('unknown');
    manifest.metadata.annotations = { 'temporal-spark/submitter': 'natve' };
    await withWorker(
      cluster.env,
      async () => {
        const { result } = await failureOf((await cluster.env.spark.start(manifest)).result());
        expect(result).toMatchObject({ reason: 'UnknownSubmitter', attempts: 1 });
        expect(result!.message).toContain('(did you mean "native"?); known: native.');
      },
      { submitter: new Submitters([native]) },
    );
  });

  it('a missing capability is refused before the submission, with a submitter that has it', async () => {
    const manifest = pi('local-file');
    manifest.spec.mainApplicationFile = '/home/me/app.jar';
    let asked = 0;
    const capable = {
      ...submitter('uploading', () => Promise.reject(new Error('asked'))),
      capabilities: [SubmitterCapability.LocalFiles],
    };
    const incapable = submitter('native', () => {
      asked += 1;
      return Promise.reject(new Error('asked'));
    });
    await withWorker(
      cluster.env,
      async () => {
        const { result } = await failureOf((await cluster.env.spark.start(manifest)).result());
        expect(result).toMatchObject({ reason: 'SubmissionRefused' });
        expect(result!.message).toContain('temporal-spark/submitter: uploading');
      },
      { submitter: new Submitters([incapable, capable]) },
    );
    expect(asked).toBe(0);
  });
});
