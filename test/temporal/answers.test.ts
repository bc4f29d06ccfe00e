import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { inProcess } from '../support/in-process-cli.ts';
import { sparkPi } from '../support/manifests.ts';
import { imagePull, startScriptedWorker } from '../support/scripted-worker.ts';
import { useTemporal } from '../support/temporal-fixture.ts';
import type { RunningWorker } from '../support/environment.ts';

const temporal = useTemporal('answers');
let worker: RunningWorker;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-answers-'));
  worker = await startScriptedWorker(temporal.env);
  // No cluster, whatever this machine has.
  vi.stubEnv('KUBECONFIG', join(directory, 'no-kubeconfig'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await worker?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** An exit code, and what the answer must have. */
type Answer = readonly [code: number, ...parts: (RegExp | string)[]];

const ended = (state: string): Answer => [2, new RegExp(`it is ${state}; it ended`), 'temporal-spark retry'];
const refused = (state: string): Answer => [1, new RegExp(`while it is ${state}; allowed: |is ${state}; it`)];
const missing: Answer = [2, 'does not exist', 'temporal-spark list'];
const nowhere: Answer = [3, 'connection refused', 'TEMPORAL_ADDRESS', 'temporal-spark doctor'];
const unanswered: Answer = [
  3,
  'no worker polls task queue "nobody',
  /TEMPORAL_SPARK_TASK_QUEUE=nobody\S* temporal-spark/,
];
const runsAlready: Answer = [2, 'is already running', 'temporal-spark kill'];
const isRunning: Answer = [2, 'again while it is running'];
const started: Answer = [0, /^Started /m, 'temporal-spark describe'];
const printed: Answer = [0, 'kind: SparkApplication'];
/** Nothing here has a cluster or an archive. */
const noLog: Answer = [1, 'There is no log of the driver', 'kubelet: '];
const noUi: Answer = [2, /^The driver of \S+ is not reachable: /m];
const uiLost: Answer = [
  1,
  'its driver has ended; its UI ended with it',
  /spark\.eventLog\.enabled: "true"\n +spark\.eventLog\.dir/,
];

/** Every command that is about one application. */
interface Answers {
  readonly describe: Answer;
  readonly 'describe -o yaml': Answer;
  readonly kill: Answer;
  readonly 'kill --reason why': Answer;
  readonly suspend: Answer;
  readonly resume: Answer;
  readonly restart: Answer;
  readonly update: Answer;
  readonly retry: Answer;
  readonly manifest: Answer;
  readonly logs: Answer;
  readonly ui: Answer;
  readonly run: Answer;
}

const all = (answer: Answer): Omit<Answers, 'run'> => ({
  ...{ describe: answer, kill: answer, 'kill --reason why': answer, suspend: answer, resume: answer },
  ...{ restart: answer, update: answer, retry: answer, manifest: answer, logs: answer, ui: answer },
  'describe -o yaml': answer,
});

/** All that a closed application answers the same. */
const closed = (state: string, described: Answer): Answers => ({
  ...all(ended(state)),
  describe: described,
  'describe -o yaml': [0, `state: ${state}`],
  retry: started,
  manifest: printed,
  logs: noLog,
  ui: uiLost,
  run: started,
});

const table = {
  'never started': { ...all(missing), update: [2, 'no workflow has this id', 'temporal-spark list'], run: started },
  'no worker': {
    ...all(unanswered),
    describe: [0, /State +unknown|State +NEW when last recorded/, 'TEMPORAL_SPARK_TASK_QUEUE=nobody'],
    'describe -o yaml': [0, 'workflowStatus: RUNNING'],
    kill: [0, /will be stopped when a worker runs: no worker polls/],
    manifest: [0, 'no worker answered', 'kind: SparkApplication'],
    logs: [3, 'No worker answered', 'temporal-spark worker'],
    ui: [3, 'No worker answered', 'temporal-spark worker'],
    retry: isRunning,
    run: runsAlready,
  },
  'no Temporal': { ...all(nowhere), run: nowhere },
  queued: {
    ...all([0, /is |kind: /]),
    describe: [0, /State +QUEUED/, /Queue +batch/, /To see its queue +temporal-spark queue batch/],
    'describe -o yaml': [0, 'state: QUEUED'],
    logs: [1, 'has no driver yet: it waits for admission'],
    ui: [1, 'has no driver yet: it waits for admission'],
    resume: refused('QUEUED'),
    update: [0, 'unchanged'],
    retry: isRunning,
    run: runsAlready,
  },
  running: {
    ...all([0, /is |kind: /]),
    describe: [
      0,
      /State +RUNNING/,
      /Events of pod \S+: not read: /,
      /To follow its log +temporal-spark logs -f \S+running-/,
    ],
    'describe -o yaml': [0, 'state: RUNNING'],
    logs: noLog,
    ui: noUi,
    resume: refused('RUNNING'),
    update: [0, 'unchanged'],
    retry: isRunning,
    run: runsAlready,
  },
  terminated: {
    ...closed('TERMINATED', [
      0,
      /State +TERMINATED, was RUNNING/,
      /Driver left +\S+-driver may still run: kubectl -n /,
      'temporal-spark release -n',
      'temporal-spark retry',
    ]),
    ui: noUi,
  },
  'failed at once': {
    ...closed('FAILED', [0, /State +FAILED/, /Failure +InvalidManifest: [^]*metadata\.name is missing/]),
    manifest: [2, 'is not a SparkApplication'],
    retry: [2, 'is not a SparkApplication'],
    logs: [1, 'recorded no attempt: it is FAILED, InvalidManifest: '],
    ui: [1, 'recorded no attempt: it is FAILED, InvalidManifest: '],
  },
  completed: closed('COMPLETED', [0, /State +COMPLETED/, /Executors at end/]),
  failed: closed('FAILED', [
    0,
    /State +FAILED\nCause +exit code 7, Error/,
    /To read its log +temporal-spark logs /,
    'temporal-spark retry',
  ]),
  'killed without a reason': closed('CANCELLED', [0, /State +CANCELLED/, 'temporal-spark retry']),
  'killed with a reason': closed('CANCELLED', [0, /State +CANCELLED/, /Killed +"wrong tag"/, 'temporal-spark retry']),
  'killed before it could start': {
    ...closed('CANCELLED', [0, new RegExp(`Problem +${imagePull.reason}: ${imagePull.message}`), /Killed +"too slow"/]),
    ui: [1, 'is CANCELLED: its driver did not start, ImagePullBackOff', 'temporal-spark describe'],
  },
} as const satisfies Readonly<Record<string, Answers>>;

type State = keyof typeof table;

/** Brings an application of that name into the state. */
async function bring(state: State, name: string): Promise<void> {
  const { spark, client, namespace, taskQueue } = temporal.env;
  const start = (queue = taskQueue, args: unknown[] = [sparkPi({ name, namespace })]) =>
    client.workflow.start('sparkApplication', { workflowId: `spark/${namespace}/${name}`, taskQueue: queue, args });
  const reaches = async (wanted: string) =>
    eventually(`${name} to be ${wanted}`, async () => {
      const { state: now, status } = await spark.describe({ namespace, name });
      return now === wanted || status?.problem?.reason === wanted;
    });
  switch (state) {
    case 'never started':
    case 'no Temporal':
      return;
    case 'no worker':
      await start(`nobody-${namespace}`);
      return;
    case 'failed at once':
      await start(taskQueue, [{ a: 1 }]);
      return void (await reaches('FAILED'));
    case 'killed with a reason':
    case 'killed without a reason':
      await start();
      await reaches('RUNNING');
      await spark.kill({ namespace, name }, state === 'killed with a reason' ? { reason: 'wrong tag' } : undefined);
      return void (await reaches('CANCELLED'));
    case 'killed before it could start':
      await start();
      await reaches(imagePull.reason);
      await spark.kill({ namespace, name }, { reason: 'too slow' });
      return void (await reaches('CANCELLED'));
    case 'terminated':
      await start();
      await reaches('RUNNING');
      await client.workflow.getHandle(`spark/${namespace}/${name}`).terminate('by hand');
      return;
    case 'queued':
    case 'running':
    case 'completed':
    case 'failed':
      await start();
      return void (await reaches(state.toUpperCase()));
  }
}

/** What its name begins with decides what becomes of its driver. */
const scripts: Readonly<Partial<Record<State, string>>> = {
  ...{ queued: 'queued', completed: 'completed', failed: 'failed' },
  'killed before it could start': 'pulling',
};

/** In these a command changes what the next one would find. */
const OPEN: readonly State[] = ['queued', 'running'];
const STARTS: readonly (keyof Answers)[] = ['retry', 'run'];
const brought = new Map<string, Promise<void>>();

/** The name of an application in that state: of its own where the command may change it. */
async function applicationFor(state: State, command: keyof Answers): Promise<string> {
  const isOwn = OPEN.includes(state) || STARTS.includes(command);
  const name = [scripts[state] ?? 'running', state, ...(isOwn ? [command] : [])]
    .join('-')
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .slice(0, 60);
  let ready = brought.get(name);
  if (ready === undefined) brought.set(name, (ready = bring(state, name)));
  await ready;
  return name;
}

afterAll(async () => {
  const { client, namespace } = temporal.env;
  const end = (name: string) => client.workflow.getHandle(`spark/${namespace}/${name}`).terminate();
  await Promise.all([...brought.keys()].map((name) => end(name).catch(() => undefined)));
});

describe.each(Object.keys(table) as State[])('an application that is %s', (state) => {
  it.each(Object.keys(table[state]) as (keyof Answers)[])('gets a true answer from %s', async (command) => {
    const { namespace, temporalAddress, taskQueue } = temporal.env;
    const name = await applicationFor(state, command);
    const file = join(directory, `${name}.yaml`);
    await writeFile(file, stringify(sparkPi({ name, namespace })));
    const object = command === 'run' || command === 'update' ? [file] : ['-n', namespace, name];
    const given = command === 'run' ? ['--task-queue', taskQueue] : [];
    const address = state === 'no Temporal' ? '127.0.0.1:1' : temporalAddress;
    const [word = '', ...flags] = command.split(' ');
    const { code, stdout, stderr } = await inProcess([
      ...[word, ...object, ...flags, ...given, '--address', address, '--answer-timeout', '1s'],
    ]);
    const said = `${stdout}\n${stderr}`;
    const [expected, ...parts]: Answer = table[state][command];
    for (const part of parts) expect(said).toMatch(part);
    expect({ code, said }).toEqual({ code: expected, said });
    if (state !== 'no Temporal') expect(said).toContain(name);
  });
});
