import { mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { sparkPi } from '../support/manifests.ts';
import { pipelineOf } from '../support/pipelines.ts';
import { recordedField, type RecordedField } from '../support/recorded-field.ts';
import type { TerminalRecording } from '../support/terminal-recording.ts';

// The first ten minutes of the people who use temporal-spark, as docs/recordings shows them. Write them again, and read
// what changed:  RECORD=1 node scripts/with-node.mjs test/runner/run.ts --project cluster test/cluster/recordings.test.ts

const cluster = useCluster('etl');
let field: RecordedField;

beforeAll(async () => {
  field = await recordedField(cluster.env);
});
afterAll(() => field?.stop());

const NO_CLASS = { exitCode: 101, log: '4.1.4/submit-no-class.exit-101.txt' };
const NO_COLUMN = { exitCode: 1, log: '4.1.4/python-column.exit-1.txt' };

/** An application in the namespace of the recordings. */
function application(name: string, spec: object = {}): object {
  const { spec: of, ...manifest } = sparkPi({
    name,
    namespace: cluster.env.namespace,
    image: 'registry.example.com/etl:1.7',
  });
  delete (of.driver as { annotations?: object }).annotations;
  return { ...manifest, spec: { ...of, ...spec } };
}

const write = (file: string, ...documents: object[]) =>
  writeFile(file, documents.map((document) => stringify(document)).join('---\n'));

const isIn = (state: string, name: string) =>
  eventually(`${name} to be ${state}`, async () => {
    const { namespace } = cluster.env;
    const { state: now, status, driver } = await field.spark.describe({ namespace, name });
    return now === state || status?.problem?.reason === state || driver?.reason === state;
  });

/** Waits until a worker's wait for a driver has reported what it sees. */
const isWatched = (name: string) =>
  eventually(`the wait for ${name} to report`, async () => {
    const { driver } = await field.spark.describe({ namespace: cluster.env.namespace, name });
    return driver?.executors !== undefined;
  });

/** Waits until the list, which lags behind, has so many ended runs of an application. */
const isListed = (count: number, name: string) =>
  eventually('the list to catch up', async () => {
    const { executions } = await field.spark.list({ namespace: cluster.env.namespace });
    const ended = executions.filter(({ application: of, closeTime }) => of === name && closeTime !== undefined);
    return ended.length >= count;
  });

/** Ends a driver with success as soon as the terminal shows that it runs. */
const ends = (pod: string) => async (shown: () => string) => {
  await eventually('RUNNING to be shown', () => shown().includes('RUNNING'));
  await field.endDriver(pod);
};

/** Waits for the Events of a pod, which come a little later. */
const hasEvents = (pod: string) =>
  eventually(`Events of ${pod}`, async () => {
    const { kubernetes, namespace } = cluster.env;
    const fieldSelector = `involvedObject.name=${pod}`;
    return (await kubernetes.page(Resources.events, namespace, undefined, { fieldSelector })).items.length > 0;
  });

async function isRecorded(recording: TerminalRecording): Promise<void> {
  const { now, recorded } = await recording.compared();
  expect(now).toBe(recorded);
}

// The first one starts the worker of the others, which run in their order.
it("records a platform engineer's first ten minutes", async () => {
  const { namespace } = cluster.env;
  const recording = field.recording({
    name: 'platform-engineer',
    title: 'A platform engineer sets it up',
    introduction: 'A cluster, a service account for drivers and a Temporal namespace are there, and nothing else.',
  });
  recording.say('What is missing? Each problem has a remedy:');
  await recording.run(`temporal-spark doctor -n ${namespace}`, { code: 1 });
  recording.say('Search attributes, and the schedule of housekeeping:');
  await recording.run(`temporal-spark setup -n ${namespace}`);
  await field.startWorker();
  recording.show('temporal-spark worker &');
  await recording.run(`temporal-spark doctor -n ${namespace}`);
  recording.say('Defaults of the team, and what an application gets from them:');
  const sparkConf = { 'spark.sql.adaptive.enabled': 'true' };
  await write('defaults.yaml', { rules: [{ name: 'everyone', set: { timeToLiveSeconds: 86_400, sparkConf } }] });
  await write('job.yaml', application('hourly-report'));
  await recording.run('temporal-spark validate job.yaml --defaults defaults.yaml');
  await recording.run('temporal-spark render job.yaml --defaults defaults.yaml --explain');
  recording.say('Do its pods fit on the nodes? Then the first run:');
  field.setCourse('hourly-report', {});
  await recording.run(`temporal-spark doctor -n ${namespace} --manifest job.yaml`);
  await recording.run('temporal-spark run job.yaml --follow', { meanwhile: ends('hourly-report-driver') });
  recording.say('Before the cluster is deleted, the drivers are released:');
  await recording.run(`temporal-spark release -n ${namespace} --dry-run`);
  await isRecorded(recording);
});

it("records a data engineer's first ten minutes", async () => {
  const { namespace } = cluster.env;
  const recording = field.recording({
    name: 'data-engineer',
    title: 'A data engineer comes with spark-submit',
    introduction: 'The scripts have spark-submit in them; a worker runs.',
  });
  recording.say('All problems at once, in the words of the flags:');
  const image = '--conf spark.kubernetes.container.image=registry.example.com/etl:1.7 --spark-version 4.1.4';
  await recording.run(
    `temporal-spark spark-submit --executor-memory 1.5g --num-executors two \\\n    ${image} --class com.acme.etl.Order local:///opt/etl.jar`,
    { code: 2 },
  );
  recording.say('The manifest that does the same as the script:');
  const options = [
    '--name load-orders --class com.acme.etl.Order',
    `--conf spark.kubernetes.namespace=${namespace}`,
    image,
    '--conf spark.kubernetes.authenticate.driver.serviceAccountName=spark',
    'local:///opt/etl.jar 2026-11-20 > load-orders.yaml',
  ];
  await recording.run(`temporal-spark spark-submit --dry-run -o manifest ${options.join(' \\\n    ')}`);
  await recording.run('temporal-spark validate load-orders.yaml');
  field.setCourse('load-orders', NO_CLASS);
  await recording.run('temporal-spark run load-orders.yaml --follow', { code: 1 });
  await hasEvents('load-orders-driver');
  await recording.run(`temporal-spark describe -n ${namespace} load-orders`);
  recording.say('The class has another name. The manifest in the history is enough to run it again:');
  field.setCourse('load-orders', {});
  const again = `temporal-spark retry -n ${namespace} load-orders --set spec.mainClass=com.acme.etl.Orders --follow`;
  await recording.run(again, { meanwhile: ends('load-orders-driver') });
  await isListed(2, 'load-orders');
  await recording.run(`temporal-spark list -n ${namespace}`);
  await isRecorded(recording);
});

it('records the first ten minutes of a user of the Spark operator', async () => {
  const { namespace } = cluster.env;
  const recording = field.recording({
    name: 'operator-user',
    title: 'A user of the Spark operator brings manifests',
    introduction: 'The folder jobs has manifests of the Kubeflow operator; a worker runs.',
  });
  await mkdir('jobs', { recursive: true });
  const { driver } = (application('clicks') as { spec: { driver: object } }).spec;
  await write('jobs/clicks.yaml', application('clicks', { driver: { ...driver, memory: '512mb', coress: 1 } }));
  const scheduled = { schedule: '0 3 * * *', timeZone: 'Europe/Berlin', concurrencyPolicy: 'Forbid' };
  const { metadata, spec, apiVersion } = application('nightly') as Record<string, object>;
  await write('jobs/nightly.yaml', {
    ...{ apiVersion, kind: 'ScheduledSparkApplication', metadata },
    spec: { ...scheduled, template: spec },
  });
  recording.say('Are they valid here? Every problem, with line and column:');
  await recording.run('temporal-spark validate jobs/', { code: 2 });
  await write('jobs/clicks.yaml', application('clicks'));
  recording.show("sed -i 's/512mb/512m/; s/coress/cores/' jobs/clicks.yaml");
  await recording.run('temporal-spark validate jobs/');
  field.setCourse('clicks', {});
  await recording.run('temporal-spark run jobs/clicks.yaml');
  await isIn('RUNNING', 'clicks');
  recording.say('Words of kubectl are answered with ours:');
  await recording.run('temporal-spark get clicks', { code: 2 });
  await recording.run(`temporal-spark suspend -n ${namespace} clicks`);
  await isIn('SUSPENDED', 'clicks');
  await recording.run(`temporal-spark resume -n ${namespace} clicks`);
  await isIn('RUNNING', 'clicks');
  await recording.run(`temporal-spark kill -n ${namespace} clicks --reason "wrong input"`);
  await isIn('CANCELLED', 'clicks');
  await hasEvents('clicks-driver');
  await recording.run(`temporal-spark describe -n ${namespace} clicks`);
  recording.say('The schedule, with a run by hand:');
  await recording.run('temporal-spark schedule create jobs/nightly.yaml');
  await recording.run(`temporal-spark schedule trigger -n ${namespace} nightly`);
  await eventually('the run to be listed', async () => {
    const [nightly] = (await field.spark.schedules.list()).filter(({ scheduleId }) => scheduleId.endsWith('/nightly'));
    const { lastRun } = nightly ?? {};
    return lastRun !== undefined && (await field.spark.schedules.outcome(lastRun))?.state === 'COMPLETED';
  });
  await recording.run(`temporal-spark schedule describe -n ${namespace} nightly`);
  await recording.run('temporal-spark schedule list');
  await field.spark.schedules.delete(`spark/${namespace}/nightly`);
  await isRecorded(recording);
});

it("records a pipeline author's first ten minutes", async () => {
  const { namespace } = cluster.env;
  const recording = field.recording({
    name: 'pipeline-author',
    title: 'An author of a pipeline',
    introduction: 'Three stages, of which the second one fails at first; a worker runs.',
  });
  const stage = (name: string, dependsOn: string[], rest: object = {}) => {
    const { spec } = application(name) as { spec: { arguments: string[] } };
    return { name, dependsOn, application: { spec: { ...spec, arguments: ['${{ params.day }}'], ...rest } } } as never;
  };
  const stages = (wrong: string) => [
    stage('extract', []),
    stage('score', ['extract'], { arguments: [`\${{ params.${wrong} }}`] }),
    stage('report', ['score']),
  ];
  const weekly = (wrong: string) =>
    pipelineOf('weekly', stages(wrong), { parameters: { day: { type: 'string' } } }, namespace);
  await write('weekly.yaml', weekly('dya + params.mode'));
  recording.say('Expressions are checked before anything runs:');
  await recording.run('temporal-spark validate weekly.yaml', { code: 2 });
  await write('weekly.yaml', weekly('day'));
  recording.show("sed -i 's/params.dya + params.mode/params.day/' weekly.yaml");
  await recording.run('temporal-spark validate weekly.yaml');
  await recording.run('temporal-spark graph weekly.yaml -o mermaid');
  field.setCourse('weekly-score', NO_COLUMN);
  await recording.run('temporal-spark run weekly.yaml -p day=2026-11-20 --run monday --follow', { code: 1 });
  await recording.run(`temporal-spark describe -n ${namespace} weekly/monday`);
  await recording.run(`temporal-spark describe -n ${namespace} weekly/monday/score`);
  recording.say('The job is repaired. What would run again?');
  await recording.run(`temporal-spark pipeline rerun -n ${namespace} weekly/monday --dry-run`);
  field.setCourse('weekly-score', { exitCode: 0 });
  await recording.run(`temporal-spark pipeline rerun -n ${namespace} weekly/monday --run tuesday --follow`);
  await isRecorded(recording);
});

it('records ten minutes of an engineer on call', async () => {
  const { namespace, kubernetes } = cluster.env;
  const recording = field.recording({
    name: 'on-call',
    title: 'On call at 3 a.m.',
    introduction: 'An alert names a failed application, and one that does not start.',
  });
  field.setCourse('daily-score', NO_COLUMN);
  const failed = await field.spark.start(application('daily-score') as never);
  await failed.result().catch(() => undefined);
  const nowhere = {
    ...(application('train') as { spec: { driver: object } }).spec.driver,
    nodeSelector: { gpu: 'a100' },
  };
  await field.spark.start(application('train', { driver: nowhere }) as never);
  await isIn('Unschedulable', 'train');
  await eventually('both to be listed', async () => {
    const { executions } = await field.spark.list({ namespace });
    const isListedAs = (name: string, state: string) =>
      executions.some((each) => each.application === name && each.state === state);
    return isListedAs('daily-score', 'FAILED') && isListedAs('train', 'SUBMITTED');
  });
  await recording.run(`temporal-spark list -n ${namespace} --no-stages --since 1h`);
  await recording.run(`temporal-spark describe -n ${namespace} daily-score`);
  recording.say('The driver is deleted, but the end of its log is recorded:');
  recording.show(`kubectl -n ${namespace} delete pod daily-score-driver`, 'pod "daily-score-driver" deleted\n');
  await kubernetes.delete(Resources.pods, namespace, 'daily-score-driver');
  await eventually('the pod to be gone', async () => (await cluster.driverOf('daily-score')) === undefined);
  await recording.run(`temporal-spark logs -n ${namespace} daily-score --tail 4`);
  recording.say('The other one:');
  await hasEvents('train-driver');
  await isWatched('train');
  await recording.run(`temporal-spark describe -n ${namespace} train`);
  await recording.run(`temporal-spark kill -n ${namespace} train --reason "no GPU node"`);
  await isIn('CANCELLED', 'train');
  await isListed(1, 'train');
  await recording.run(`temporal-spark list -n ${namespace} --state CANCELLED -o wide`);
  await isRecorded(recording);
});
