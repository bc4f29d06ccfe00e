/**
 * Resources that the API server takes and that cannot run: each ends with a state, an Event and a message that states what
 * to do; nothing is left, doubled or stuck. The invalid ones are in `operator.test.ts`, lost watches and API servers that
 * restart in the tests of `src/kubernetes/`.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { WorkflowNotFoundError } from '@temporalio/client';
import { eventually } from '../../lab/eventually.ts';
import { isKubernetesError, KubernetesErrorType, Resources } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { createNamespace } from '../support/lab-fixture.ts';
import { RUN_FOREVER } from '../support/manifests.ts';
import { errorOf, useOperator } from '../support/operator-fixture.ts';

const cluster = useCluster('bad-input', { worker: {} });
const { pi, driverOf } = cluster;
const operator = useOperator(cluster);
const { apply, remove, inState } = operator;

beforeAll(() => operator.start());

const workflowOf = (name: string, namespace = cluster.env.namespace) =>
  cluster.env.client.workflow.getHandle(`spark/${namespace}/${name}`);

/** The Warnings about a resource, once there is one with that reason. */
const warned = (name: string, reason: string): Promise<string> =>
  eventually(`an Event ${reason} about ${name}`, async () => {
    const fieldSelector = `involvedObject.name=${name},reason=${reason},type=Warning`;
    for await (const [event] of cluster.env.kubernetes.list(Resources.events, cluster.env.namespace, {
      fieldSelector,
    })) {
      if (event !== undefined) return event.message;
    }
    return undefined;
  });

/** It ends FAILED, and its status and an Event have the reason. */
async function failsWith(name: string, reason: string): Promise<void> {
  const failed = await inState(name, 'FAILED');
  expect(errorOf(failed)).toContain(reason);
  expect((await warned(name, 'SparkApplicationFailed')).slice(0, 1_000)).toContain(reason.slice(0, 60));
  expect(await driverOf(name)).toBeUndefined();
  await eventually(`the workflow of ${name} to end`, () => isClosed(name));
  expect((await workflowOf(name).describe()).status.name).toBe('FAILED');
}

describe('a SparkApplication', () => {
  it('whose name is too long fails with the rule', async () => {
    const name = `long-${'x'.repeat(90)}`;
    await apply(pi(name));
    await failsWith(name, 'metadata.name  must not be "long-xxx');
  });

  it('that is too large for what Spark makes of it fails with the limit', async () => {
    const manifest = pi('large');
    manifest.spec.sparkConf = Object.fromEntries(
      Array.from({ length: 1_100 }, (_, index) => [`spark.large.${index}`, 'x'.repeat(1_000)]),
    );
    await apply(manifest);
    await failsWith('large', 'and a ConfigMap holds 1,048,576');
  });

  it('whose service account is missing fails with its name and what to create', async () => {
    const manifest = pi('accountless');
    manifest.spec.driver.serviceAccount = 'missing';
    await apply(manifest);
    await failsWith('accountless', `create service account "missing" in namespace "${cluster.env.namespace}"`);
  });

  it('that is deleted while it is submitted leaves no driver and no open workflow', async () => {
    const names = ['a', 'b', 'c', 'd'].map((end) => `deleted-at-once-${end}`);
    for (const [index, name] of names.entries()) {
      await apply(pi(name, RUN_FOREVER));
      // At different moments of the submission.
      if (index > 0) await eventually('its workflow', () => isKnown(name));
      if (index > 1) await eventually('its submission', () => isSubmitting(name));
      await remove(name);
    }
    for (const name of names) {
      await eventually(`the workflow of ${name} to end`, async () => !(await isKnown(name)) || (await isClosed(name)));
      await eventually(`the driver of ${name} to go`, async () => (await driverOf(name)) === undefined);
    }
  });

  it('in a namespace that is being deleted ends with its driver, and does not hold the namespace', async () => {
    const namespace = await createNamespace({ prefix: 'doomed' });
    const { kubernetes } = cluster.env;
    const serving = await operator.start({ namespaces: [namespace] });
    const create = (name: string) => {
      const manifest = pi(name, RUN_FOREVER);
      const metadata = { ...manifest.metadata, namespace };
      const resource: object = { ...manifest, metadata };
      return kubernetes.create(Resources.sparkApplications, resource);
    };
    await create('doomed');
    await eventually('its driver to run', async () => {
      return (await kubernetes.get(Resources.pods, namespace, 'doomed-driver'))?.status?.phase === 'Running';
    });
    await kubernetes.delete(Resources.namespaces, undefined, namespace);
    // One that is created now is refused, by the API server.
    const refusal: unknown = await create('late').catch((error: unknown) => error);
    const { NamespaceTerminating, NotFound } = KubernetesErrorType;
    expect([NamespaceTerminating, NotFound].some((type) => isKubernetesError(refusal, type))).toBe(true);
    await eventually('the namespace to go', async () => {
      return (await kubernetes.get(Resources.namespaces, undefined, namespace)) === undefined;
    });
    await eventually('its workflow to end', async () => (await workflowOf('doomed', namespace).describe()).closeTime);
    await serving.stop();
  });
});

async function isKnown(name: string): Promise<boolean> {
  try {
    await workflowOf(name).describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

const isClosed = async (name: string) => (await workflowOf(name).describe()).closeTime !== undefined;

async function isSubmitting(name: string): Promise<boolean> {
  const { raw } = await workflowOf(name).describe();
  return (raw.pendingActivities ?? []).length > 0;
}
