/** Submissions that create their driver after the workflow has given them up: nothing of it may come to run unwatched. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { KubernetesError, KubernetesErrorType, Resources } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { NativeSubmitter, type SparkApplicationSubmitter } from '../../src/submitters/index.ts';
import { interceptedKubernetes } from '../../src/testing/intercepted-kubernetes.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER } from '../support/manifests.ts';

const cluster = useCluster('late');
const { pi, driverOf } = cluster;
const native = new NativeSubmitter();
/** How much later than it is given up. */
const LATE_MS = 3_000;

async function isGone(name: string): Promise<void> {
  await eventually(`the driver of ${name} to go`, async () => (await driverOf(name)) === undefined);
}

it('stops a driver that the API server creates after its answer was lost and the application was killed', async () => {
  let creation: Promise<unknown> | undefined;
  const unanswered: SparkApplicationSubmitter = {
    name: 'unanswered',
    submit: (request, { kubernetes, signal }) =>
      native.submit(request, {
        signal,
        kubernetes: interceptedKubernetes(kubernetes, async ({ name, args }, proceed) => {
          if (name !== 'create' || args[0] !== Resources.pods) return proceed();
          const type = creation === undefined ? KubernetesErrorType.ConnectionLost : KubernetesErrorType.Unreachable;
          creation ??= sleep(LATE_MS).then(() => kubernetes.create(Resources.pods, args[1] as Pod));
          throw new KubernetesError({ type, message: 'the answer was lost' });
        }),
      }),
  };
  await withWorker(
    cluster.env,
    async () => {
      const application = await cluster.env.spark.start(pi('unanswered', RUN_FOREVER));
      await eventually('the submission to fail', async () => creation);
      await application.kill({ reason: 'not wanted' });
      const { result } = await failureOf(application.result());
      await creation;
      expect(result).toMatchObject({ state: 'CANCELLED' });
      expect(result!.reason).not.toBe('NeverCreated');
      expect(cluster.drivers.attemptsOf('unanswered')).toHaveLength(1);
      await isGone('unanswered');
    },
    { submitter: unanswered },
  );
});

it('removes a driver that is created after the deadline of the submission', async () => {
  const slow: SparkApplicationSubmitter = {
    name: 'slow',
    async submit(request, { kubernetes }) {
      await sleep(2_000 + LATE_MS);
      // It obeys no signal.
      return native.submit(request, { kubernetes, signal: new AbortController().signal });
    },
  };
  await withWorker(
    cluster.env,
    async () => {
      const manifest = pi('overdue', RUN_FOREVER);
      manifest.metadata.annotations = { 'temporal-spark/submission-deadline': '2s' };
      const { result } = await failureOf((await cluster.env.spark.start(manifest)).result());
      expect(result).toMatchObject({ state: 'FAILED', reason: 'SubmissionDeadlineExceeded' });
      expect(cluster.drivers.attemptsOf('overdue')).toHaveLength(1);
      await isGone('overdue');
    },
    { submitter: slow },
  );
});
