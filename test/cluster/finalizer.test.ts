/**
 * Kubernetes' Job controller tracks pods with a finalizer as we do (KEP-2307). Each bug of it that left one behind, or
 * that could not take one off, is a test here.
 */
import { describe, expect, it, onTestFinished } from 'vitest';
import { DriverSweep } from '../../src/activities/housekeeping/driver-sweep.ts';
import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  removeFinalizer,
  Resources,
  type KubernetesObject,
  type Resource,
} from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { DRIVER_FINALIZER } from '../../src/spark/metadata.ts';
import { DEFAULT_TIMINGS } from '../../src/timings/index.ts';
import { createNamespace } from '../support/lab-fixture.ts';
import { cli } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { failureOf, withWorker } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

// That a refusal is not tried again soon is a claim about a default.
const cluster = useCluster('finalizer', { timings: DEFAULT_TIMINGS, worker: {} });

async function finalizersOf(name: string): Promise<readonly string[] | undefined> {
  return (await cluster.driverOf(name))?.metadata?.finalizers;
}

/** What housekeeping does, on the drivers of these applications. */
async function sweep(...names: string[]) {
  const pods = await Promise.all(names.map((name) => cluster.driverOf(name)));
  const { kubernetes, client } = cluster.env;
  return new DriverSweep(kubernetes, client, { graceMs: 0 }).page(pods.filter((pod): pod is Pod => pod !== undefined));
}

const policies: Resource = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  namespaced: false,
};
const bindings: Resource = {
  ...policies,
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
};

/** Lets the API server refuse every change of pods in the namespace; resolves, once it does, with how to end that. */
async function refuseUpdates(reason: 'Invalid' | 'Forbidden'): Promise<() => Promise<void>> {
  const { kubernetes, namespace } = cluster.env;
  const name = `${namespace}-${reason.toLowerCase()}`;
  const { apiVersion } = policies;
  const policy = {
    apiVersion,
    kind: policies.kind,
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
      validations: [{ expression: 'false', message: 'pods may not be changed', reason }],
    },
  } as KubernetesObject;
  const binding = {
    apiVersion,
    kind: bindings.kind,
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  } as KubernetesObject;
  await kubernetes.create(policies, policy);
  await kubernetes.create(bindings, binding);
  const end = async () => {
    await kubernetes.delete(bindings, undefined, name);
    await kubernetes.delete(policies, undefined, name);
  };
  onTestFinished(end);
  const probe = await kubernetes.create(Resources.pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `probe-${reason.toLowerCase()}`, namespace },
    spec: { containers: [{ name: 'main', image: 'busybox' }] },
  });
  const isRefused = async () => {
    const change = { metadata: { annotations: { probe: String(Date.now()) } } };
    try {
      await kubernetes.patch(Resources.pods, namespace, probe.metadata!.name!, PatchType.Merge, change);
      return false;
    } catch (error) {
      if (isKubernetesError(error)) return true;
      throw error;
    }
  };
  await eventually('changes to be refused', isRefused);
  return async () => {
    await end();
    await eventually('changes to be taken', async () => !(await isRefused()));
  };
}

describe("the Job controller's bugs", () => {
  it('#108645: a pod that was deleted before its owner was, and of which no event comes any more, is released', async () => {
    const namespace = await createNamespace({ prefix: 'finalizer' });
    const env = cluster.separate();
    const { kubernetes, client, spark } = env;
    const read = () => kubernetes.get(Resources.pods, namespace, 'deleted-first-driver');
    const { workflowId } = await withWorker(env, async () => {
      const manifest = sparkPi({ name: 'deleted-first', namespace, annotations: RUN_FOREVER });
      const application = await spark.start(manifest);
      await eventually('the driver to run', async () => (await read())?.status?.phase === 'Running');
      return application;
    });
    // No worker observes its deletion, its end, or the termination of its workflow.
    await kubernetes.delete(Resources.namespaces, undefined, namespace);
    await eventually('it to end', async () => (await read())?.status?.phase === 'Failed');
    await client.workflow.getHandle(workflowId).terminate();
    const { actions } = await new DriverSweep(kubernetes, client, { graceMs: 0 }).page([(await read())!]);
    expect(actions).toMatchObject([{ action: 'release', pod: 'deleted-first-driver' }]);
    await eventually('the namespace to go', async () => {
      return (await kubernetes.get(Resources.namespaces, undefined, namespace)) === undefined;
    });
  });

  it('#108645, again: a worker that comes after the last event releases it, too', async () => {
    const env = cluster.separate();
    const { kubernetes, namespace, spark } = env;
    const application = await withWorker(env, async () => {
      const started = await spark.start(cluster.pi('unattended', RUN_FOREVER));
      await cluster.runningDriver('unattended');
      return started;
    });
    await kubernetes.delete(Resources.pods, namespace, 'unattended-driver');
    await eventually('it to end', async () => (await cluster.driverOf('unattended'))?.status?.phase === 'Failed');
    await withWorker(env, async () => {
      expect((await failureOf(application.result())).result).toMatchObject({ state: 'FAILED', exitCode: 143 });
      await eventually('the pod to go', async () => (await cluster.driverOf('unattended')) === undefined);
    });
  });

  it('#109429: an owner that is deleted during the removal of the finalizer leaves none behind', async () => {
    const { kubernetes, namespace, client, spark } = cluster.env;
    const { workflowId } = await spark.start(cluster.pi('raced', RUN_FOREVER));
    const { metadata } = await cluster.runningDriver('raced');
    await client.workflow.getHandle(workflowId).terminate();
    const target = { namespace, name: 'raced-driver', uid: metadata!.uid!, finalizer: DRIVER_FINALIZER };
    const raced = await Promise.all([
      ...Array.from({ length: 8 }, () => removeFinalizer(kubernetes, target)),
      sweep('raced'),
      sweep('raced'),
      kubernetes.delete(Resources.pods, namespace, 'raced-driver', { uid: metadata!.uid! }),
    ]);
    const removals = raced.slice(0, 8).filter((outcome) => outcome === 'removed').length;
    const releases = raced.flatMap((outcome) => (typeof outcome === 'object' ? outcome.actions : []));
    expect(removals + releases.length).toBe(1);
    expect(releases.filter(({ problem }) => problem !== undefined)).toEqual([]);
    await eventually('the pod to go', async () => (await cluster.driverOf('raced')) === undefined);
  });

  it('#108297: what a controller that was turned off has left is released without it, and without Temporal', async () => {
    const env = cluster.separate();
    const { kubeconfig, kubernetes, namespace, client, spark } = env;
    const { workflowId } = await withWorker(env, async () => {
      const started = await spark.start(cluster.pi('uninstalled', RUN_FOREVER));
      await cluster.runningDriver('uninstalled');
      return started;
    });
    expect(await finalizersOf('uninstalled')).toEqual([DRIVER_FINALIZER]);
    const args = [
      'release',
      '--all',
      '--yes',
      '-n',
      namespace,
      '--address',
      '127.0.0.1:1',
      '--client-connect-timeout',
      '200ms',
    ];
    expect(await cli(args, { env: { KUBECONFIG: kubeconfig } })).toMatchObject({ code: 0 });
    expect(await finalizersOf('uninstalled')).toBeUndefined();
    await kubernetes.delete(Resources.pods, namespace, 'uninstalled-driver');
    await eventually('the pod to go', async () => (await cluster.driverOf('uninstalled')) === undefined);
    await client.workflow.getHandle(workflowId).terminate();
  });

  it.each([
    ['#121828: a webhook that refuses changes of pods', 'Forbidden', KubernetesErrorType.AdmissionDenied],
    ['#127917: validation that the pod itself does not pass any more', 'Invalid', KubernetesErrorType.Invalid],
  ] as const)(
    '%s does not block the others, is reported, and is not retried in a tight loop',
    async (_, reason, type) => {
      const name = `refused-${reason.toLowerCase()}`;
      const { client, spark, kubernetes, namespace } = cluster.env;
      const orphan = await spark.start(cluster.pi(`${name}-orphan`, RUN_FOREVER));
      const { metadata } = await cluster.runningDriver(`${name}-orphan`);
      const application = await spark.start(cluster.pi(name, RUN_FOREVER));
      await cluster.runningDriver(name);
      await client.workflow.getHandle(orphan.workflowId).terminate();
      const allow = await refuseUpdates(reason);

      // By hand, and so by the workflow: the type is not retryable.
      const target = { namespace, name: `${name}-orphan-driver`, uid: metadata!.uid!, finalizer: DRIVER_FINALIZER };
      await expect(removeFinalizer(kubernetes, target)).rejects.toMatchObject({ type, retryable: false });
      const refused = await sweep(`${name}-orphan`, name);
      expect(refused.actions).toMatchObject([{ pod: `${name}-orphan-driver`, problem: expect.any(String) as string }]);
      expect(refused.actions[0]!.problem).toContain('pods may not be changed');

      await kubernetes.delete(Resources.pods, namespace, `${name}-driver`);
      const pending = async () => (await application.describe()).pending.find(({ lastFailure }) => lastFailure);
      const { activity, lastFailure } = await eventually('the refusal to be seen', pending);
      expect(activity).toBe('finalizeSparkApplication');
      expect(lastFailure).toContain('pods may not be changed');
      const before = (await pending())!.attempt;
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      expect((await pending())!.attempt).toBe(before);

      await allow();
      expect((await sweep(`${name}-orphan`)).actions).toMatchObject([{ action: 'release' }]);
      expect(await finalizersOf(`${name}-orphan`)).toBeUndefined();
      await client.workflow.getHandle(application.workflowId).terminate();
      await eventually('the orphan to be released', async () => (await sweep(name)).actions.length === 1);
      await eventually('the pod to go', async () => (await cluster.driverOf(name)) === undefined);
    },
  );
});
