// `npm run migration`: migrates from spark-submit to native on a running system, as in docs/migration.md, with 200
// applications on simulated nodes. Needs Java, because spark-submit is the real one.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startLab } from '../lab/lab.ts';
import { freePort } from '../lab/ports.ts';
import { progressPrinter } from '../lab/progress.ts';
import { sparkHome } from '../lab/spark-home.ts';
import { benchSubmitters } from '../src/cli/commands/bench/bench-submitters.ts';
import { findApplications } from '../src/cli/commands/diff/find-applications.ts';
import { diffSubmitters } from '../src/cli/commands/diff/diff-submitters.ts';
import type { SparkApplicationResult } from '../src/index.ts';
import { parseSparkApplication } from '../src/manifest/index.ts';
import type { SubmittersConfiguration } from '../src/submitters/index.ts';
import { connectEnvironment, DriverRecorder, type Environment } from '../test/support/environment.ts';
import { eventually } from '../lab/eventually.ts';
import { sparkPi } from '../test/support/manifests.ts';
import { makeNamespace } from '../test/support/namespace.ts';
import { startWorkerProcess } from '../lab/worker-process.ts';

const SPARK_VERSION = '4.1.4';
/** One spark-submit takes seconds of CPU: the share of the applications that it gets is kept small, and so is the bench. */
const SHADOWED = 8;
const WAVES = [
  { percent: 0, applications: 8 },
  { percent: 25, applications: 12 },
  { percent: 50, applications: 16 },
  { percent: 100, applications: 156 },
] as const;
const APPLICATIONS = SHADOWED + WAVES.reduce((sum, { applications }) => sum + applications, 0);
const BENCHED = { 'spark-submit': 4, native: 100 } as const;

const begun = performance.now();
const print = (text: string) =>
  console.log(`${((performance.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${text}`);
const broken: string[] = [];
/** A step that did not go as expected: the run continues, to count the consequences, and fails. */
function expectThat(holds: boolean, what: string): void {
  if (holds) return;
  broken.push(what);
  print(`NOT AS IT SHOULD BE: ${what}`);
}

const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-migration-'));
const submittersFile = join(directory, 'submitters.yaml');
const home = await sparkHome(SPARK_VERSION);
const lab = await startLab({ mode: 'simulated', nodes: 10, onProgress: progressPrinter() });
const namespace = await makeNamespace(lab.kubeconfig, 'migration');
const env = await connectEnvironment({ kubeconfig: lab.kubeconfig, temporalAddress: lab.temporal!.address, namespace });
const drivers = new DriverRecorder(env.kubernetes, namespace);
await drivers.ready;
const metricsAddress = `127.0.0.1:${await freePort()}`;
await configure({});
const worker = await startWorkerProcess({
  temporalAddress: env.temporalAddress,
  kubeconfig: env.kubeconfig,
  taskQueue: env.taskQueue,
  env: { TEMPORAL_SPARK_SUBMITTERS_FILE: submittersFile, TEMPORAL_SPARK_METRICS_ADDRESS: metricsAddress },
});
try {
  const outcomes = new Map<string, SparkApplicationResult | undefined>();
  await proveCompatibility();
  await measure(outcomes);
  const running = await startOne(env, 'pi-runs-through', 'forever');
  await migrate(outcomes);
  const { status } = await running.describe();
  expectThat(status?.submitter === 'spark-submit', 'the application that ran throughout kept its submitter');
  print(`    one that ran through all of it is still ${status?.state}, by ${status?.submitter}`);
  await running.kill({ reason: 'The migration is over.' });
  await running.result().catch(() => undefined);

  const lost = [...outcomes].filter(
    ([name, result]) => result?.state !== 'COMPLETED' || drivers.attemptsOf(name).length === 0,
  );
  const doubled = [...outcomes].filter(([name]) => drivers.attemptsOf(name).length > 1);
  console.log('');
  console.log(`${outcomes.size} applications, ${lost.length} lost, ${doubled.length} doubled`);
  if (lost.length + doubled.length + broken.length > 0 || outcomes.size !== APPLICATIONS) process.exitCode = 1;
} finally {
  await worker.end();
  drivers.stop();
  await env.close();
  await lab.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Phase 1: what would differ, of the examples and of what is run here. */
async function proveCompatibility(): Promise<void> {
  print('Phase 1: what would differ, by `diff` (the real spark-submit against an endpoint that keeps what it sends)');
  const names = ['python', 'pod-template', 'scratch-volumes'];
  const examples = await findApplications(names.map((name) => `examples/manifests/${name}.yaml`));
  const all = [parseSparkApplication(sparkPi({ name: 'pi', namespace })), ...examples.applications];
  for await (const diff of diffSubmitters(all, { from: 'spark-submit', to: 'native', sparkHome: home })) {
    print(`    ${diff.application}: ${diff.result}, ${diff.intended.length} intended differences`);
    expectThat(diff.result === 'same', `${diff.application} would not be the same: ${JSON.stringify(diff)}`);
  }
}

/** Phase 2: native shadows spark-submit on running workers; then both are measured. */
async function measure(outcomes: Map<string, SparkApplicationResult | undefined>): Promise<void> {
  print(`Phase 2: spark-submit submits ${SHADOWED} applications, native is its shadow`);
  await configure({ shadow: [{ submitter: 'native' }] });
  const results = await run('shadowed', SHADOWED, outcomes);
  const same = results.filter((result) => result?.shadow?.result === 'same').length;
  print(`    native would have created the same ${same} times of ${SHADOWED}`);
  expectThat(same === SHADOWED, 'the shadow would have created the same of each');
  const comparisons = await metric('temporal_spark_shadow_comparisons');
  expectThat(comparisons === SHADOWED, `the metric of comparisons is ${comparisons}`);
  print(`    both measured by \`bench\`: ${BENCHED['spark-submit']} and ${BENCHED.native} submissions`);
  for (const [submitter, applications] of Object.entries(BENCHED)) {
    const options = { submitters: [submitter], applications, sparkHome: home };
    const target = {
      namespace: await makeNamespace(lab.kubeconfig, 'bench'),
      kubernetes: { kubeconfig: lab.kubeconfig },
    };
    for await (const result of benchSubmitters({ ...options, ...target })) {
      print(
        `    ${submitter}: ${result.perSecond.toFixed(2)}/s, p50 ${result.latencyMs.p50.toFixed(0)} ms, p95 ${result.latencyMs.p95.toFixed(0)} ms, ${result.cpuMs.toFixed(1)} ms CPU each, ${result.memoryMiB.toFixed(0)} MiB`,
      );
      expectThat(result.failed === 0, `${result.failed} submissions of the bench failed: ${result.failure}`);
    }
  }
}

/** Phase 3: a canary from none to all of them. */
async function migrate(outcomes: Map<string, SparkApplicationResult | undefined>): Promise<void> {
  let tried = 0;
  print('Phase 3: a canary, from 0 % to 100 %, by the file that the worker watches');
  for (const { percent, applications } of WAVES) {
    await configure({ canary: [{ submitter: 'native', percent }] });
    const results = await run(`at-${percent}`, applications, outcomes);
    const by = (name: string) => results.filter((result) => result?.submitter === name).length;
    const [before, after] = [by('spark-submit'), by('native')];
    tried += after;
    print(
      `    ${String(percent).padStart(3)} %: ${applications} applications, ${before} by spark-submit, ${after} by native`,
    );
    if (percent === 0) expectThat(before === applications, 'at 0 % all are by spark-submit');
    if (percent === 100) expectThat(after === applications, 'at 100 % all are by native');
  }
  const counted = await metric('temporal_spark_canary_submissions');
  expectThat(counted === tried, `the canary made ${tried} submissions, and the metric of them is ${counted}`);
  const stepBacks = await metric('temporal_spark_canary_step_backs');
  expectThat(stepBacks === 0, `the canary was stopped ${stepBacks} times`);
}

/** Starts this many at once and waits for all. */
async function run(
  wave: string,
  count: number,
  outcomes: Map<string, SparkApplicationResult | undefined>,
): Promise<(SparkApplicationResult | undefined)[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const name = `pi-${wave}-${index}`;
      outcomes.set(name, undefined);
      const application = await startOne(env, name, '2');
      const result = await application.result().catch(() => undefined);
      outcomes.set(name, result);
      return result;
    }),
  );
}

function startOne({ spark }: Environment, name: string, seconds: string): ReturnType<Environment['spark']['start']> {
  const manifest = sparkPi({ name, namespace, annotations: { 'lab.temporal-spark/run-seconds': seconds } });
  const { driver, executor, ...spec } = manifest.spec;
  return spark.start({
    ...manifest,
    spec: {
      ...spec,
      driver: { ...driver, coreRequest: '10m', memory: '450m' },
      executor: { ...executor, coreRequest: '10m' },
    },
  });
}

/** Writes the file of submitters; where a worker has read it already, waits until it has reloaded it. */
async function configure(how: Pick<SubmittersConfiguration, 'canary' | 'shadow'>): Promise<void> {
  const taken = await metric('temporal_spark_submitters_reloads');
  await writeFile(
    submittersFile,
    stringify({ default: 'spark-submit', sparkSubmit: { home, maxConcurrent: 2 }, ...how }),
  );
  if (taken === undefined) return;
  await eventually(
    'the worker to reload the file of submitters',
    async () => (await metric('temporal_spark_submitters_reloads')) === taken + 1,
    { timeoutMs: 30_000 },
  );
}

/** The sum of a counter over its tags; undefined before the first worker. */
async function metric(name: string): Promise<number | undefined> {
  const text = await fetch(`http://${metricsAddress}/metrics`).then(
    (response) => response.text(),
    () => undefined,
  );
  if (text === undefined) return undefined;
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `) || line.startsWith(`${name}_total`))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
