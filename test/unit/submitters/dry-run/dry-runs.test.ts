import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../../src/kubernetes/index.ts';
import type { Pod } from '../../../../src/kubernetes/objects.ts';
import { DryRuns, PodsRefused } from '../../../../src/submitters/dry-run/dry-runs.ts';
import type { SubmissionRequest } from '../../../../src/submitters/index.ts';
import { request } from './fixtures.ts';

const { signal } = new AbortController();
const roleOf = ({ metadata }: Pod) => metadata!.labels!['spark-role'];

/** A cluster that judges each pod by a function, and records which roles it was asked about. */
function cluster(judge: (pod: Pod) => KubernetesErrorType | KubernetesError | undefined = () => undefined) {
  const asked: string[] = [];
  const options: unknown[] = [];
  const create = async (_: unknown, pod: Pod, given: object) => {
    asked.push(roleOf(pod)!);
    options.push(given);
    await Promise.resolve();
    const verdict = judge(pod);
    if (verdict instanceof KubernetesError) throw verdict;
    if (verdict !== undefined) throw new KubernetesError({ type: verdict, message: `it is ${verdict}` });
    return pod;
  };
  const client = { cluster: 'test', create } as unknown as KubernetesClient;
  return { asked, options, name: 'test', client: async () => client, signal };
}

const check = (dryRuns: DryRuns, where: ReturnType<typeof cluster>, asked: SubmissionRequest = request()) =>
  dryRuns.check(asked, where);

describe('before a submission', () => {
  it('the API server is asked about the driver and its first executor, strictly, and creates neither', async () => {
    const where = cluster();
    await check(new DryRuns(), where);
    expect(where.asked.toSorted()).toEqual(['driver', 'executor']);
    expect(where.options[0]).toMatchObject({ dryRun: true, fieldValidation: 'Strict' });
  });

  it('a refusal has the type of the API server, and every problem of both pods', async () => {
    const { Invalid } = KubernetesErrorType;
    const causes = [
      { field: 'spec.a', message: 'Required value' },
      { field: 'spec.b', message: 'Invalid value: 1' },
    ];
    const where = cluster((pod) =>
      roleOf(pod) === 'driver'
        ? new KubernetesError({ type: KubernetesErrorType.AdmissionDenied, message: 'denied by a policy.' })
        : new KubernetesError({ type: Invalid, message: 'cut…', causes }),
    );
    const error: unknown = await check(new DryRuns(), where).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PodsRefused);
    expect(error).toMatchObject({ type: 'AdmissionDenied', retryable: false, causes });
    expect((error as Error).message).toBe(
      'Cannot create a driver for default/pi: the API server refuses the driver pod: denied by a policy.; ' +
        'the API server refuses every executor pod: spec.a: Required value; spec.b: Invalid value: 1.',
    );
  });

  it.each([KubernetesErrorType.AlreadyExists, KubernetesErrorType.QuotaExceeded, KubernetesErrorType.Forbidden])(
    '%s does not end it: the submission itself meets it',
    async (type) => {
      await expect(
        check(
          new DryRuns(),
          cluster(() => type),
        ),
      ).resolves.toBeUndefined();
    },
  );

  it('a webhook without dry runs does not end it', async () => {
    const message = 'admission webhook "w" does not support dry run';
    const unable = new KubernetesError({ type: KubernetesErrorType.BadRequest, message });
    await expect(
      check(
        new DryRuns(),
        cluster(() => unable),
      ),
    ).resolves.toBeUndefined();
  });

  it.each([KubernetesErrorType.ServerError, KubernetesErrorType.Unreachable, KubernetesErrorType.Unauthorized])(
    '%s is passed on, because it proves nothing about the pods',
    async (type) => {
      const error: unknown = await check(
        new DryRuns(),
        cluster(() => type),
      ).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ type });
      expect(error).not.toBeInstanceOf(PodsRefused);
    },
  );

  it('nothing is asked about a submission that only the client of Spark can translate', async () => {
    const where = cluster();
    await check(new DryRuns(), where, request({ conf: { 'spark.kubernetes.driver.pod.featureSteps': 'a.B' } }));
    expect(where.asked).toEqual([]);
  });

  it('nothing is asked about an executor that feature steps may change', async () => {
    const where = cluster();
    await check(new DryRuns(), where, request({ conf: { 'spark.kubernetes.executor.pod.featureSteps': 'a.B' } }));
    expect(where.asked).toEqual(['driver']);
  });
});

describe('a template that the API server took', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 0, toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is not asked again for another attempt, within ten minutes', async () => {
    const where = cluster();
    const dryRuns = new DryRuns();
    await check(dryRuns, where);
    vi.advanceTimersByTime(599_000);
    await check(dryRuns, where, request({ name: 'other', attempt: 2 }));
    expect(where.asked).toHaveLength(2);
    vi.advanceTimersByTime(2_000);
    await check(dryRuns, where);
    expect(where.asked).toHaveLength(4);
  });

  it('is asked again of another cluster, and of another namespace', async () => {
    const where = cluster();
    const dryRuns = new DryRuns();
    await check(dryRuns, where);
    await check(dryRuns, { ...where, name: 'west' });
    await check(dryRuns, where, request({ namespace: 'tenant' }));
    expect(where.asked).toHaveLength(6);
  });

  it('is asked once for submissions at the same time', async () => {
    const where = cluster();
    const dryRuns = new DryRuns();
    await Promise.all([1, 2, 3].map((attempt) => check(dryRuns, where, request({ attempt }))));
    expect(where.asked).toHaveLength(2);
  });

  it('is asked for by each of them where the API server refuses it', async () => {
    const where = cluster(({ metadata }) => (metadata!.labels!['spark-role'] === 'executor' ? 'Invalid' : undefined));
    const dryRuns = new DryRuns();
    const tries = await Promise.allSettled([1, 2].map((attempt) => check(dryRuns, where, request({ attempt }))));
    expect(tries.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(where.asked.toSorted()).toEqual(['driver', 'executor', 'executor']);
  });

  it('is forgotten after a thousand others', async () => {
    const where = cluster();
    const dryRuns = new DryRuns();
    const asked = request();
    await check(dryRuns, where, asked);
    for (let index = 0; index < 500; index += 1) await check(dryRuns, { ...where, name: `cluster-${index}` }, asked);
    const before = where.asked.length;
    await check(dryRuns, where, asked);
    expect(where.asked).toHaveLength(before + 2);
  });
});
