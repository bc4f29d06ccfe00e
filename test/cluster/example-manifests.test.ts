import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { ApiServer } from '../../lab/api-server.ts';
import { renderedObjects } from '../../src/cli/output/rendered-objects.ts';
import type { ConfigMap, KubernetesObject, Pod } from '../../src/kubernetes/objects.ts';
import type { SparkApplication } from '../../src/manifest/index.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { cli } from '../support/cli.ts';
import { connectEnvironment, withWorker, type Environment } from '../support/environment.ts';
import {
  collectionPath,
  exampleApplications,
  exampleManifests,
  exampleText,
  prerequisites,
} from '../support/example-manifests.ts';

/** Those whose driver no simulated node takes, and why. */
const unscheduled: Readonly<Record<string, string>> = {
  'claims-on-demand.yaml': 'nobody provides storage',
  'yunikorn.yaml': 'there is no YuniKorn',
};

let env: Environment;
let api: ApiServer;
let directory: string;

beforeAll(async () => {
  const lab = sharedLab();
  const namespace = await createNamespace({ prefix: 'manifests' });
  env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal.address, namespace });
  api = await ApiServer.connect(lab.kubeconfig);
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-manifests-'));
});

afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  api?.close();
  await env?.close();
});

/** What the API server made of an object, unknown fields being errors; nothing is kept. */
const accepted = <T extends KubernetesObject>(object: T): Promise<T> =>
  api.create<T>(`${collectionPath(object)}?dryRun=All&fieldValidation=Strict`, object);

/** Everything that comes to be for the applications of an example, an executor for each among it. */
const objectsOf = (file: string): KubernetesObject[] =>
  exampleApplications(file, env.namespace).flatMap((application) => {
    const objects = renderedObjects(application) as KubernetesObject[];
    return [...objects, executorPod(application, objects)];
  });

/** An executor as Spark makes it of the template that the driver is given, as far as the API server looks at it. */
function executorPod(application: SparkApplication, objects: readonly KubernetesObject[]): Pod {
  const template = objects
    .map((object) => (object as ConfigMap).data?.['podspec-configmap-key'])
    .find((text) => text !== undefined);
  const { metadata, spec } = (template === undefined ? {} : parse(template)) as Partial<Pod>;
  const name = 'spark-kubernetes-executor';
  const others = spec?.containers.filter((container) => container.name !== name) ?? [];
  const own = spec?.containers.find((container) => container.name === name);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: `${application.metadata.name}-exec-1`, namespace: env.namespace },
    spec: { ...spec, containers: [{ ...own, name, image: 'spark:4.1.4' }, ...others] },
  };
}

test('what the examples need is accepted, every field of it', async () => {
  for (const object of prerequisites(env.namespace)) {
    // The namespace of a test has the service account and its rights already.
    const isThere = ['ServiceAccount', 'Role', 'RoleBinding'].includes(object.kind!);
    const taken = isThere ? { ...object, metadata: { ...object.metadata, name: 'another' } } : object;
    expect(await accepted(taken)).toMatchObject({ kind: object.kind });
  }
});

test('a field that Kubernetes does not know is refused', async () => {
  const [pod] = objectsOf('python.yaml') as [Pod];
  const misspelt = { ...pod, spec: { ...pod.spec!, nodeselector: {} } };
  await expect(accepted(misspelt)).rejects.toThrow('spec.nodeselector');
});

describe.each(exampleManifests)('%s', (file) => {
  it('makes objects that the API server accepts, every field of them', async () => {
    for (const object of objectsOf(file)) {
      expect(await accepted(object)).toMatchObject({ kind: object.kind, metadata: { name: object.metadata!.name } });
    }
  });
});

test('the examples make every kind of object that a plain cluster has', () => {
  const kinds = exampleManifests.flatMap(objectsOf).map(({ kind }) => kind);
  const plain = [
    'ConfigMap',
    'Ingress',
    'NetworkPolicy',
    'PersistentVolumeClaim',
    'Pod',
    'PodDisruptionBudget',
    'Service',
  ];
  expect([...new Set(kinds)].sort()).toEqual(plain);
});

test('those whose driver finds a node complete, each by the command line', async () => {
  const runnable = exampleManifests.filter((file) => !Object.hasOwn(unscheduled, file));
  const target = { TEMPORAL_ADDRESS: env.temporalAddress, TEMPORAL_SPARK_TASK_QUEUE: env.taskQueue };
  const run = (file: string) => {
    const path = join(directory, file);
    writeFileSync(path, exampleText(file, env.namespace));
    return cli(['run', path, '--follow'], { env: target });
  };
  const ended = await withWorker(env, async () => {
    const results: [string, unknown][] = [];
    // A process each: a few at a time.
    for (let at = 0; at < runnable.length; at += 3) {
      const some = runnable.slice(at, at + 3);
      const shown = await Promise.all(some.map(run));
      results.push(
        ...shown.map(({ code, stdout }, index): [string, unknown] => [
          some[index]!,
          { code, isCompleted: /COMPLETED {2}exit code 0/.test(stdout) },
        ]),
      );
    }
    return Object.fromEntries(results);
  });
  expect(ended).toEqual(Object.fromEntries(runnable.map((file) => [file, { code: 0, isCompleted: true }])));
});

test('a worker that knows where UIs are reached creates an Ingress for each, and sets its path in Spark', async () => {
  const [application] = exampleApplications('scala.yaml', env.namespace) as [SparkApplication];
  const named = { ...application, metadata: { ...application.metadata, name: 'reached' } };
  const companions = { uiIngressUrl: 'https://spark.example.org/{{$appNamespace}}/{{$appName}}' };
  await withWorker(env, async () => (await env.spark.start(named)).result(), { companions });

  const ingress = await env.kubernetes.get(Resources.ingresses, env.namespace, 'reached-ui-ingress');
  const path = `/${env.namespace}/reached`;
  expect(ingress?.spec?.rules).toMatchObject([
    { host: 'spark.example.org', http: { paths: [{ path: `${path}(/|$)(.*)` }] } },
  ]);
  const service = await env.kubernetes.get(Resources.services, env.namespace, 'reached-ui-svc');
  expect(service?.spec?.ports).toMatchObject([{ port: 4040 }]);
  const properties: string[] = [];
  for await (const page of env.kubernetes.list(Resources.configMaps, env.namespace)) {
    properties.push(
      ...page.flatMap(({ metadata, data }) =>
        metadata!.name!.startsWith('reached-') ? (data?.['spark.properties'] ?? []) : [],
      ),
    );
  }
  expect(properties).toEqual([expect.stringContaining(`spark.ui.proxyBase=${path}\n`)]);
});
