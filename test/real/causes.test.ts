import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Resources } from '../../src/kubernetes/index.ts';
import { CauseKind } from '../../src/protocol/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { root } from '../support/build.ts';
import { cli } from '../support/cli.ts';
import { failureOf } from '../support/environment.ts';
import { pipelineFailureOf, pipelineOf } from '../support/pipelines.ts';
import { useRealSpark } from './real-spark.ts';

const spark = useRealSpark();
const SCRIPTS = 'failing-scripts';
/** As a volume has them: a driver reads /opt/app. */
const scripts = join(root, 'test', 'support', 'causes', 'apps');

type Change = (manifest: SparkApplicationManifest) => void;

interface Failing {
  /** What a person would name, as the whole line or its beginning. */
  readonly cause: string;
  readonly kind?: CauseKind;
  readonly make: Change;
}

const python =
  (how: string, change: Change = () => undefined): Change =>
  (manifest) => {
    const { spec } = manifest;
    spec.type = 'Python';
    delete spec.mainClass;
    spec.mainApplicationFile = 'local:///opt/app/orders.py';
    spec.arguments = how === '' ? [] : [how];
    spec.driver.configMaps = [{ name: SCRIPTS, path: '/opt/app' }];
    change(manifest);
  };

const file =
  (name: string): Change =>
  ({ spec }) =>
    void (spec.mainApplicationFile = `local:///opt/app/${name}`);

/** More than twelve ways to fail. Each runs on a real kubelet, with real Spark. */
const failing: Readonly<Record<string, Failing>> = {
  'jvm-exception': {
    cause: 'java.lang.IllegalStateException: no orders',
    make: ({ spec }) => {
      spec.mainClass = 'org.apache.spark.examples.ExitWith';
      spec.arguments = ['no orders'];
    },
  },
  'main-class': {
    cause: 'Failed to load class com.acme.Orders.',
    kind: CauseKind.MainClassNotFound,
    make: ({ spec }) => void (spec.mainClass = 'com.acme.Orders'),
  },
  'heap-space': {
    cause: 'java.lang.OutOfMemoryError: Java heap space',
    kind: CauseKind.JavaHeapSpace,
    make: ({ spec }) => {
      spec.mainClass = 'org.apache.spark.examples.OutOfMemory';
      spec.arguments = ['heap'];
    },
  },
  'container-memory': {
    cause: "The driver's container exceeded its memory limit and was killed (OOMKilled).",
    kind: CauseKind.ContainerOutOfMemory,
    make: ({ spec }) => {
      spec.mainClass = 'org.apache.spark.examples.OutOfMemory';
      spec.arguments = ['container'];
    },
  },
  'no-rights': {
    cause: 'io.fabric8.kubernetes.client.KubernetesClientException: pods "no-rights-driver" is forbidden: User ',
    kind: CauseKind.KubernetesForbidden,
    make: ({ spec }) => void (spec.driver.serviceAccount = 'default'),
  },
  'python-exception': { cause: "KeyError: '2026-11-30'", make: python('exception') },
  'python-from': {
    cause: "KeyError: '2026-11-30' (reported as RuntimeError: cannot load the orders of 2026-11-30)",
    make: python('from'),
  },
  'python-path': {
    cause: 'AnalysisException: [PATH_NOT_FOUND] Path does not exist: file:/data/orders/2026-11-30.',
    kind: CauseKind.PathNotFound,
    make: python('path'),
  },
  'python-task': { cause: 'ZeroDivisionError: integer division or modulo by zero', make: python('task') },
  'python-exit': {
    cause: 'The application ended with exit code 3; its last output: no orders for 2026-11-30',
    make: python('exit'),
  },
  'python-syntax': { cause: "SyntaxError: '(' was never closed", make: python('', file('syntax.py')) },
  'python-module': {
    cause: "ModuleNotFoundError: No module named 'pandas_of_nobody'",
    kind: CauseKind.ModuleNotFound,
    make: python('', file('module.py')),
  },
  'no-script': {
    cause: "can't open file '/opt/app/missing.py': [Errno 2] No such file or directory",
    kind: CauseKind.FileNotFound,
    make: python('', file('missing.py')),
  },
};

function applicationOf(name: string): SparkApplicationManifest {
  const manifest = spark.application(name);
  failing[name]!.make(manifest);
  return manifest;
}

beforeAll(async () => {
  const data = Object.fromEntries(
    ['orders.py', 'syntax.py', 'module.py'].map((name) => [name, readFileSync(join(scripts, name), 'utf8')]),
  );
  const metadata = { name: SCRIPTS, namespace: 'default' };
  await spark.env.kubernetes.create(Resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
});

describe('a driver that fails', { timeout: 300_000 }, () => {
  it.each(Object.keys(failing))('is described with its cause: %s', async (name) => {
    const { cause, kind } = failing[name]!;
    const handle = await spark.env.spark.start(applicationOf(name));
    const failure = await failureOf(handle.result());
    expect(failure.result!.failure!.cause.slice(0, cause.length)).toBe(cause);
    expect(failure.result!.failure!.kind).toBe(kind);
    expect(failure.message).toContain(`Spark application default/${name} failed: ${cause}`);
    const env = { TEMPORAL_ADDRESS: spark.env.temporalAddress };
    const { stdout } = await cli(['describe', handle.workflowId], { env });
    const [state, why] = stdout.split('\n');
    expect(state).toMatch(/^State +FAILED$/);
    expect(why!.replace(/^Cause +/, '').slice(0, cause.length)).toBe(cause);
  });

  it('is named by the stage of a pipeline, and by the failure of the pipeline', async () => {
    const { cause } = failing['python-exception']!;
    const application = applicationOf('python-exception');
    const pipeline = pipelineOf('failing', [{ name: 'load', application: { spec: application.spec } }]);
    const handle = await spark.env.spark.pipelines.start(pipeline);
    const failure = await pipelineFailureOf(handle.result());
    expect(failure.message).toContain(`load (${cause})`);
    expect(failure.result!.unsuccessful).toMatchObject([{ name: 'load', reason: 'Error', message: cause }]);
    expect((await handle.status()).stages).toMatchObject([{ name: 'load', state: 'FAILED', message: cause }]);
  });
});
