import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ApiServer } from '../lab/api-server.ts';
import { startLab } from '../lab/lab.ts';
import { progressPrinter } from '../lab/progress.ts';
import { connectKubernetes, Resources, type KubernetesClient } from '../src/kubernetes/index.ts';
import { parseSparkApplication } from '../src/manifest/index.ts';
import { buildDriverObjects, ownedBy, toSparkSubmission, type SparkSubmission } from '../src/spark/index.ts';
import { DryRuns } from '../src/submitters/dry-run/dry-runs.ts';
import { driverObjects, NativeSubmitter, type SubmissionRequest } from '../src/submitters/index.ts';
import { deepFreeze } from '../src/validation/deep-freeze.ts';
import { attemptIdentity } from '../src/spark/attempt.ts';
import { sparkHome } from '../lab/spark-home.ts';
import { sparkPi } from '../test/support/manifests.ts';
import { BareClient } from './bare-client.ts';
import { measure, median, type Cost } from './measure.ts';

const ROUNDS = 5;
const APPLICATIONS = 200;
const IN_FLIGHT = 32;
export const SPARK_VERSION = '4.1.4';

/**
 * Submissions per second, and CPU milliseconds of the client per submission: our native submitter against a real API
 * server, compared with the same three objects posted by a minimal client, and one real spark-submit. The rounds take
 * turns, because the machine's speed drifts. The drivers name a scheduler that does not exist: what is measured is
 * submitting, not what a scheduler and simulated nodes do with the same cores afterwards.
 */
export async function submission(): Promise<Record<string, number>> {
  const lab = await startLab({ mode: 'simulated', temporal: false, onProgress: progressPrinter() });
  const kubernetes = await connectKubernetes({ kubeconfig: lab.kubeconfig });
  const bare = new BareClient(lab.kubeconfig);
  try {
    await nativeRound(kubernetes, await newNamespace(kubernetes, 'warm-up'));
    const native: Cost[] = [];
    const ceiling: Cost[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      native.push(await nativeRound(kubernetes, await newNamespace(kubernetes, `native-${round}`)));
      ceiling.push(await bareRound(bare, await newNamespace(kubernetes, `bare-${round}`)));
      print(`round ${round + 1}`, native.at(-1)!, ceiling.at(-1)!);
    }
    const knownDryRunMs = await knownDryRunCpu(kubernetes, await newNamespace(kubernetes, 'dry-run'));
    const sparkSubmitCpuMs = await sparkSubmitCpu(lab.kubeconfig, await newNamespace(kubernetes, 'spark-submit'));
    const nativePerSecond = median(native.map(({ perSecond }) => perSecond));
    const ceilingPerSecond = median(ceiling.map(({ perSecond }) => perSecond));
    const nativeCpuMs = median(native.map(({ cpuMs }) => cpuMs));
    return {
      nativePerSecond: round(nativePerSecond),
      ceilingPerSecond: round(ceilingPerSecond),
      ofCeiling: round(median(native.map(({ perSecond }, index) => perSecond / ceiling[index]!.perSecond))),
      nativeCpuMs: round(nativeCpuMs),
      ceilingCpuMs: round(median(ceiling.map(({ cpuMs }) => cpuMs))),
      knownDryRunMs: round(knownDryRunMs),
      knownDryRunPercent: round((100 * knownDryRunMs) / nativeCpuMs),
      sparkSubmitCpuMs: round(sparkSubmitCpuMs),
      sparkSubmitOverNative: round(sparkSubmitCpuMs / nativeCpuMs),
    };
  } finally {
    bare.close();
    kubernetes.close();
    await lab.stop();
  }
}

export async function newNamespace(kubernetes: KubernetesClient, name: string): Promise<string> {
  await kubernetes.create(Resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  await kubernetes.create(Resources.serviceAccounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'spark', namespace: name },
  });
  return name;
}

export function application(namespace: string, index: number): SubmissionRequest {
  const manifest = sparkPi({ name: `pi-${index}`, namespace });
  manifest.spec.driver.schedulerName = 'no-such-scheduler';
  const submission = toSparkSubmission(parseSparkApplication(manifest));
  const identity = attemptIdentity({
    workflowId: `spark/${namespace}/pi-${index}`,
    firstRunId: 'bench',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: `pi-${index}`,
    driverPodName: `pi-${index}-driver`,
    submitTime: 0,
  });
  return { submission, identity };
}

/** From the manifest on: validation and translation are part of what we do. */
function nativeRound(kubernetes: KubernetesClient, namespace: string): Promise<Cost> {
  const submitter = new NativeSubmitter();
  const { signal } = new AbortController();
  return measure(APPLICATIONS, IN_FLIGHT, (index) =>
    submitter.submit(application(namespace, index), { kubernetes, signal }),
  );
}

/** Of the check of pods whose template is known, which are translated already: in the core that comes before. */
async function knownDryRunCpu(kubernetes: KubernetesClient, namespace: string): Promise<number> {
  const prepared = Array.from({ length: APPLICATIONS }, (_, index) => deepFreeze(application(namespace, index)));
  prepared.forEach(driverObjects);
  const dryRuns = new DryRuns();
  const { signal } = new AbortController();
  const check = (index: number) =>
    dryRuns.check(prepared[index]!, { name: 'bench', client: async () => kubernetes, signal });
  await check(0);
  return (await measure(APPLICATIONS, IN_FLIGHT, check)).cpuMs;
}

async function bareRound(bare: BareClient, namespace: string): Promise<Cost> {
  const prepared = Array.from({ length: APPLICATIONS }, (_, index) => {
    const { submission, identity } = application(namespace, index);
    return buildDriverObjects(submission, identity);
  });
  return measure(APPLICATIONS, IN_FLIGHT, async (index) => {
    const { pod, dependents } = prepared[index]!;
    const path = `/api/v1/namespaces/${namespace}`;
    const { metadata } = await bare.post(`${path}/pods`, pod);
    const driver = { ...pod, metadata: { ...pod.metadata, uid: metadata.uid } };
    await Promise.all(
      dependents.map((object) =>
        bare.post(`${path}/${object.kind === 'Service' ? 'services' : 'configmaps'}`, ownedBy(driver, object)),
      ),
    );
  });
}

/** User and system milliseconds of one `spark-submit` of the same application and everything it starts. */
async function sparkSubmitCpu(kubeconfig: string, namespace: string): Promise<number> {
  const home = await sparkHome(SPARK_VERSION);
  const { submission } = application(namespace, 0);
  const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-bench-'));
  try {
    const tokenKubeconfig = join(directory, 'kubeconfig.yaml');
    writeFileSync(tokenKubeconfig, await withToken(kubeconfig, namespace));
    const args = sparkSubmitArguments(submission, serverOf(kubeconfig));
    const costs = Array.from({ length: 3 }, () => {
      const { stdout, stderr, status } = spawnSync(
        'bash',
        ['-c', '"$0" "$@" >&2 && times', `${home}/bin/spark-submit`, ...args],
        {
          cwd: directory,
          encoding: 'utf8',
          env: { ...process.env, SPARK_HOME: home, KUBECONFIG: tokenKubeconfig, SPARK_LOCAL_IP: '127.0.0.1' },
        },
      );
      if (status !== 0) throw new Error(`spark-submit failed:\n${stderr.slice(-4000)}`);
      return childCpuMs(stdout);
    });
    console.error(`  spark-submit: ${costs.map((ms) => `${ms.toFixed(0)} ms`).join(', ')} CPU`);
    return median(costs);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** spark-submit's client reads no client key of ours (EC, PKCS #8): a service account's token serves it. */
async function withToken(kubeconfig: string, namespace: string): Promise<string> {
  const api = await ApiServer.connect(kubeconfig);
  try {
    await api.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: `bench-${namespace}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'spark', namespace }],
    });
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/spark/token`;
    const { status } = await api.create<{ status: { token: string } }>(path, { spec: {} });
    const config = parse(readFileSync(kubeconfig, 'utf8')) as { users: { user: object }[] };
    config.users[0]!.user = { token: status.token };
    return stringify(config);
  } finally {
    api.close();
  }
}

function sparkSubmitArguments(
  { namespace, conf, mainClass, mainApplicationFile }: SparkSubmission,
  server: string,
): string[] {
  return [
    ...['--master', `k8s://${server}`, '--deploy-mode', 'cluster', '--name', 'spark-pi'],
    ...['--class', mainClass!],
    ...Object.entries({
      ...conf,
      'spark.kubernetes.namespace': namespace,
      'spark.kubernetes.driver.scheduler.name': 'no-such-scheduler',
      'spark.kubernetes.submission.waitAppCompletion': 'false',
    })
      .filter(([key]) => key !== 'spark.kubernetes.driver.pod.name')
      .flatMap(([key, value]) => ['--conf', `${key}=${value}`]),
    mainApplicationFile!,
    '2',
  ];
}

function serverOf(kubeconfig: string): string {
  return /server: *"?([^"\s]+)/.exec(readFileSync(kubeconfig, 'utf8'))![1]!;
}

/** The second line of the shell's `times`: user and system time of its children, as `0m6.123s 0m0.456s`. */
function childCpuMs(times: string): number {
  const line = times.trim().split('\n').at(-1)!;
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

function print(what: string, native: Cost, bare: Cost): void {
  const text = ({ perSecond, cpuMs }: Cost) => `${perSecond.toFixed(0)}/s, ${cpuMs.toFixed(2)} ms CPU each`;
  console.error(`  ${what}: native ${text(native)}; bare ${text(bare)}`);
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
