import { join } from 'node:path';
import { execa } from 'execa';
import { eventually } from '../lab/eventually.ts';
import { startLab } from '../lab/lab.ts';
import { progressPrinter } from '../lab/progress.ts';
import { ensureTools } from '../lab/toolchain/toolchain.ts';
import { tools } from '../lab/toolchain/tools.ts';
import { Resources } from '../src/kubernetes/index.ts';
import type { Pod } from '../src/kubernetes/objects.ts';
import { connectEnvironment, type Environment } from '../test/support/environment.ts';
import { sparkPi } from '../test/support/manifests.ts';
import { withManifestFiles } from './manifest-files.ts';
import { measure, median } from './measure.ts';
import { newNamespace } from './submission.ts';

const APPLICATIONS = Number(process.env['APPLICATIONS'] ?? 10_000);
const IN_FLIGHT = 64;
const ROUNDS = 5;
const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

/**
 * What users of the built command wait for, in seconds: `--help`, `validate` of 15,000 files, and `list` of 10,000
 * applications, a tenth of them closed, with the memory that it takes; and in the same environment `temporal workflow
 * list` of these workflows, and `kubectl get pods` of as many drivers. Medians, except for `validate`. No worker runs, and
 * no scheduler takes the pods.
 */
export async function cli(): Promise<Record<string, number>> {
  await execa('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const help = await rounds(() => temporalSpark(['--help']));
  const validated = await withManifestFiles((directory) => temporalSpark(['validate', directory]));
  const lab = await startLab({ mode: 'simulated', onProgress: progressPrinter() });
  const env = await connectEnvironment({
    kubeconfig: lab.kubeconfig,
    temporalAddress: lab.temporal!.address,
    namespace: 'bench',
  });
  try {
    await newNamespace(env.kubernetes, env.namespace);
    const [kubectl, temporal] = await ensureTools([tools.kubectl, tools.temporal]);
    await measure(APPLICATIONS, IN_FLIGHT, (index) => start(env, index));
    const listed = async () => (await env.spark.list({ limit: APPLICATIONS })).executions.length === APPLICATIONS;
    await eventually('the list to have every application', listed, { intervalMs: 1_000 });
    const address = { TEMPORAL_ADDRESS: env.temporalAddress };
    const list = await rounds(() => temporalSpark(['list', '--limit', String(APPLICATIONS)], address));
    const temporalList = await rounds(() =>
      run(temporal!, ['workflow', 'list', '--limit', String(APPLICATIONS), '--page-size', '1000'], address),
    );
    const getPods = await rounds(() =>
      run(kubectl!, ['get', 'pods', '-n', env.namespace], { KUBECONFIG: env.kubeconfig }),
    );
    return {
      applications: APPLICATIONS,
      helpSeconds: secondsOf(help),
      validateFilesSeconds: secondsOf([validated]),
      listSeconds: secondsOf(list),
      listPeakMiB: Math.round(Math.max(...list.map(({ peakMiB }) => peakMiB))),
      temporalListSeconds: secondsOf(temporalList),
      kubectlGetPodsSeconds: secondsOf(getPods),
    };
  } finally {
    await env.close();
    await lab.stop();
  }
}

/** A workflow that no worker takes, and the pod of its driver. */
async function start({ spark, client, kubernetes, namespace }: Environment, index: number): Promise<void> {
  const name = `pi-${index}`;
  const { workflowId } = await spark.start(sparkPi({ name, namespace }));
  if (index % 10 === 0) await client.workflow.getHandle(workflowId).terminate();
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-driver`, namespace, labels: { 'spark-role': 'driver' } },
    spec: {
      schedulerName: 'no-such-scheduler',
      serviceAccountName: 'spark',
      containers: [{ name: 'spark-kubernetes-driver', image: 'spark:4.1.4' }],
    },
  };
  await kubernetes.create(Resources.pods, pod);
}

interface Run {
  readonly seconds: number;
  /** Of the process: the most memory that was resident. */
  readonly peakMiB: number;
}

const secondsOf = (runs: readonly Run[]): number =>
  Math.round(median(runs.map(({ seconds }) => seconds)) * 1000) / 1000;

async function rounds(once: () => Promise<Run>): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let round = 0; round < ROUNDS; round += 1) runs.push(await once());
  return runs;
}

// A process knows its own peak; it writes it where the command writes nothing.
const REPORT_PEAK = `data:text/javascript,import{writeSync}from'node:fs';process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))`;

const temporalSpark = (args: readonly string[], env: Record<string, string> = {}): Promise<Run> =>
  run(process.execPath, ['--import', REPORT_PEAK, MAIN, ...args], env);

async function run(file: string, args: readonly string[], env: Record<string, string>): Promise<Run> {
  const begun = performance.now();
  const { stdio } = await execa(file, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const seconds = (performance.now() - begun) / 1000;
  return { seconds, peakMiB: Number(stdio[3] ?? 0) / 1024 };
}
