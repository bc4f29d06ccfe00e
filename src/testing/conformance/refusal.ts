import { KubernetesError, KubernetesErrorType, Resources, type Resource } from '../../kubernetes/index.ts';
import { Label } from '../../spark/metadata.ts';
import { SubmitterCapability, type SubmissionRequest } from '../../submitters/index.ts';
import { interceptedKubernetes } from '../intercepted-kubernetes.ts';
import type { Claim } from './claim.ts';
import type { Changes } from './request.ts';
import { nameOf, type Trial } from './trial.ts';
import { expect, expectEqual, expectKind, failureOf } from './violation.ts';

/** A request that needs the capability. */
const NEEDING: Readonly<Record<SubmitterCapability, Changes>> = {
  [SubmitterCapability.SparkClient]: { conf: { 'spark.kubernetes.driver.pod.featureSteps': 'org.example.Step' } },
  [SubmitterCapability.LocalFiles]: { mainApplicationFile: '/conformance/application.jar' },
};

/** Kinds that the API server refuses, and the type of its error. */
const REFUSALS = [
  ['Pod', KubernetesErrorType.Forbidden],
  ['Pod', KubernetesErrorType.Invalid],
  ['Pod', KubernetesErrorType.QuotaExceeded],
  ['Service', KubernetesErrorType.Forbidden],
] as const;

/** What is refused, and leaves nothing behind. */
export const REFUSAL: readonly Claim[] = [
  {
    name: 'refuses a name that another pod has, and leaves that pod alone',
    check: async (trial: Trial): Promise<void> => {
      await refusesNameOf(trial, trial.request(), { 'conformance.test/stranger': 'true' });
      // Like another attempt of the same application, except for its submission ID. It has another name than the first:
      // this is not a check of pods that reuse the name of a deleted one.
      const request = trial.request();
      await refusesNameOf(trial, request, {
        ...request.identity.labels,
        [Label.SubmissionId]: `${request.identity.submissionId}-other`,
      });
    },
  },
  {
    name: 'leaves nothing behind of an invalid submission',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request({ conf: { 'spark.driver.memory': 'lots' } });
      const error = await failureOf(trial.submit(request), 'a submission with spark.driver.memory=lots');
      expectKind(error, false);
      expectEqual('objects made', await trial.namesOf(request), []);
    },
  },
  {
    name: 'leaves nothing behind of a submission that the cluster refuses, and reports whether to retry',
    check: async (trial: Trial): Promise<void> => {
      const missing = trial.request({ serviceAccount: 'no-such-account-for-conformance' });
      const error = await failureOf(trial.submit(missing), 'a submission with a service account that does not exist');
      expectKind(error, false);
      expectEqual('objects made', await trial.namesOf(missing), []);
      if (!trial.options.usesClient) return;
      for (const [kind, type] of REFUSALS) {
        const request = trial.request();
        const refusal = new KubernetesError({ type, message: `create ${kind}: refused by the conformance suite` });
        const kubernetes = interceptedKubernetes(trial.options.kubernetes, async ({ name, args }, proceed) => {
          if (name === 'create' && (args[0] as Resource).kind === kind) throw refusal;
          return proceed();
        });
        const what = `a submission whose ${kind} the API server refuses as ${type}`;
        expectKind(await failureOf(trial.submit(request, { kubernetes }), what), refusal.retryable, what);
        if (kind === 'Pod') expectEqual(`objects left by ${what}`, await trial.namesOf(request), []);
      }
    },
  },
  {
    name: 'refuses requests that need an undeclared capability',
    check: async (trial: Trial): Promise<void> => {
      const { capabilities = [] } = trial.options.submitter();
      const undeclared = Object.values(SubmitterCapability).filter((capability) => !capabilities.includes(capability));
      for (const capability of undeclared) {
        const request = trial.request(NEEDING[capability]);
        const what = `a submission that needs the undeclared capability ${capability}`;
        expectKind(await failureOf(trial.submit(request), what), false, what);
        expectEqual('objects made', await trial.namesOf(request), []);
      }
    },
  },
];

/** Expects a refusal where a pod with these labels has the driver's name already. */
async function refusesNameOf(
  trial: Trial,
  request: SubmissionRequest,
  labels: Readonly<Record<string, string>>,
): Promise<void> {
  const { namespace, kubernetes } = trial.options;
  const name = request.identity.driverPodName;
  const stranger = await kubernetes.create(Resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { serviceAccountName: 'spark', containers: [{ name: 'main', image: trial.options.image }] },
  });
  try {
    const error = await failureOf(trial.submit(request), 'a submission under a name that another pod has');
    expectEqual('type of the error', (error as { type?: string }).type, 'DriverNameConflict');
    expectEqual('retryable', (error as { retryable?: boolean }).retryable, false);
    const pod = await kubernetes.get(Resources.pods, namespace, name);
    expectEqual('UID of the other pod', pod?.metadata?.uid, stranger.metadata!.uid);
    expect(pod?.metadata?.deletionTimestamp === undefined, 'the other pod was deleted');
    expectEqual('labels of the other pod', pod!.metadata!.labels, stranger.metadata!.labels);
    expectEqual('finalizers of the other pod', pod!.metadata!.finalizers, stranger.metadata!.finalizers);
    const made = (await trial.objectsOf(request)).filter(({ metadata }) => metadata!.uid !== pod!.metadata!.uid);
    expectEqual('objects made', made.map(nameOf), []);
  } finally {
    await kubernetes.delete(Resources.pods, namespace, name, { gracePeriodSeconds: 0 });
  }
}
