import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { sparkClient } from '../../lab/spark-client.ts';
import { PatchType, Resources, type CustomObject } from '../../src/kubernetes/index.ts';
import { Operator } from '../../src/operator/index.ts';
import { asList, asRecord } from '../../src/validation/unknown-data.ts';
import { sparkConnect } from '../support/connects.ts';
import { installCrds } from '../support/crds.ts';
import { patient } from './patient.ts';
import { SPARK_VERSION, useRealSpark } from './real-spark.ts';

const spark = useRealSpark();
const main = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const timeoutMs = 600_000;
/** The latest of this minor version on PyPI. */
const CLIENT_VERSION = '4.1.3';

let operator: Operator;
let client: string;

beforeAll(async () => {
  const { client: temporal, kubernetes, taskQueue } = spark.env;
  await installCrds(kubernetes);
  client = await sparkClient(CLIENT_VERSION);
  operator = await Operator.start(temporal, kubernetes, { taskQueue, namespaces: ['default'] });
}, timeoutMs);
afterAll(async () => {
  await operator?.stop();
});

/** The address that `temporal-spark connect` prints while it forwards a port. */
async function connect(name: string): Promise<string> {
  const command = spawn(process.execPath, [main, 'connect', name, '--forward'], {
    env: { ...process.env, KUBECONFIG: spark.lab.kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void command.kill('SIGKILL'));
  const shown = { stdout: '', stderr: '' };
  command.stdout.on('data', (chunk: Buffer) => (shown.stdout += chunk.toString()));
  command.stderr.on('data', (chunk: Buffer) => (shown.stderr += chunk.toString()));
  const printed = () => {
    if (command.exitCode !== null) throw new Error(shown.stderr);
    return shown.stdout.includes('\n') && shown.stdout.trim();
  };
  return eventually('the address', printed, { timeoutMs });
}

const query = `
import sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.remote(sys.argv[1]).getOrCreate()
rows = spark.range(100).selectExpr("id", "id * 2 as doubled").repartition(3)
print("sum", rows.groupBy().sum("doubled").collect()[0][0], spark.version)
spark.stop()
`;

async function python(address: string): Promise<string> {
  const { stdout } = await promisify(execFile)('python3', ['-c', query, address], {
    env: { ...process.env, PYTHONPATH: client },
    timeout: 300_000,
  });
  return stdout.trim();
}

const get = () => spark.env.kubernetes.get(Resources.sparkConnects, 'default', 'adhoc');
const isIdle = (object: CustomObject | undefined) =>
  asList(object?.status?.['conditions'])
    .map(asRecord)
    .some(({ type, status }) => type === 'Idle' && status === 'True');

it('a Python client queries a session, which stops while it is idle and starts for the next client', async () => {
  const { kubernetes } = spark.env;
  const template = { spec: { serviceAccountName: 'spark', containers: [{ name: 'spark-kubernetes-driver' }] } };
  const { spec, ...manifest } = patient(
    sparkConnect('adhoc', { image: spark.lab.sparkImage, spec: { server: { memory: '512m', template } } }),
  );
  await kubernetes.create(Resources.sparkConnects, { ...manifest, spec } as unknown as CustomObject);
  expect(await python(await connect('adhoc'))).toBe(`sum 9900 ${SPARK_VERSION}`);
  expect((await get())!.status).toMatchObject({ state: 'Ready', executors: { running: 1 } });

  const idle = { metadata: { annotations: { 'temporal-spark/idle-seconds': '5' } } };
  await kubernetes.patch(Resources.sparkConnects, 'default', 'adhoc', PatchType.Merge, idle);
  await eventually('the server to be stopped', async () => isIdle(await get()), { timeoutMs });
  const busy = { metadata: { annotations: { 'temporal-spark/idle-seconds': '3600' } } };
  await kubernetes.patch(Resources.sparkConnects, 'default', 'adhoc', PatchType.Merge, busy);
  expect(isIdle(await get())).toBe(true);

  expect(await python(await connect('adhoc'))).toBe(`sum 9900 ${SPARK_VERSION}`);
  await kubernetes.delete(Resources.sparkConnects, 'default', 'adhoc', { propagationPolicy: 'Background' });
  await eventually(
    'the server to go',
    async () => (await kubernetes.get(Resources.pods, 'default', 'adhoc-server')) === undefined,
    { timeoutMs },
  );
}, 1_800_000);
