import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLab } from '../lab/lab.ts';
import { progressPrinter } from '../lab/progress.ts';
import { sparkHome } from '../lab/spark-home.ts';
import { connectKubernetes, type KubernetesClient } from '../src/kubernetes/index.ts';
import {
  BatchSubmitter,
  IsolatedSubmitter,
  NativeSubmitter,
  SparkSubmitSubmitter,
  type SparkApplicationSubmitter,
} from '../src/submitters/index.ts';
import type { Growth } from './flat-memory.ts';
import { measure, type Cost } from './measure.ts';
import { nodeOptionsOfImage } from './node-options.ts';
import { application, newNamespace, round, SPARK_VERSION } from './submission.ts';

const APPLICATIONS = 500;
/** spark-submit takes seconds for each. */
const SPARK_SUBMITS = 12;

/**
 * The built-in submitters on the same API server: 500 applications at once (spark-submit: 12), per second, writes and CPU
 * milliseconds each, of this process and the JVMs it starts; and by how many MiB a process grows from the 100th to the
 * 2,000th native submission: its heap and its resident set after a collection. The drivers name a scheduler that does not exist, as in `submission`.
 */
export async function submitters(): Promise<Record<string, number>> {
  const home = await sparkHome(SPARK_VERSION);
  const lab = await startLab({ mode: 'simulated', temporal: false, onProgress: progressPrinter() });
  const kubernetes = await connectKubernetes({ kubeconfig: lab.kubeconfig });
  try {
    const { rssGrownMiB, heapGrownMiB } = await growth(lab.kubeconfig);
    await submitAll(kubernetes, new NativeSubmitter(), 'warm-up', 50);
    const sparkSubmit = await submitAll(kubernetes, new SparkSubmitSubmitter({ home }), 'spark-submit', SPARK_SUBMITS);
    const native = await submitAll(kubernetes, new NativeSubmitter(), 'native', APPLICATIONS);
    const batch = await submitAll(kubernetes, new BatchSubmitter(), 'batch', APPLICATIONS);
    const isolated = await submitAll(kubernetes, new IsolatedSubmitter(), 'isolated', APPLICATIONS);
    return {
      nativePerSecond: round(native.perSecond),
      nativeCpuMs: round(native.cpuMs),
      batchPerSecond: round(batch.perSecond),
      batchCpuMs: round(batch.cpuMs),
      nativeWrites: round(native.writes),
      batchWrites: round(batch.writes),
      batchWritesSavedPercent: round(100 * (1 - batch.writes / native.writes)),
      isolatedPerSecond: round(isolated.perSecond),
      isolatedCpuMs: round(isolated.cpuMs),
      sparkSubmitPerSecond: round(sparkSubmit.perSecond),
      sparkSubmitCpuMs: round(sparkSubmit.cpuMs),
      nativeRateOverSparkSubmit: round(native.perSecond / sparkSubmit.perSecond),
      batchRateOverSparkSubmit: round(batch.perSecond / sparkSubmit.perSecond),
      sparkSubmitCpuOverNative: round(sparkSubmit.cpuMs / native.cpuMs),
      sparkSubmitCpuOverBatch: round(sparkSubmit.cpuMs / batch.cpuMs),
      rssGrownMiB: round(rssGrownMiB),
      heapGrownMiB: round(heapGrownMiB),
    };
  } finally {
    kubernetes.close();
    await lab.stop();
  }
}

/** Of a process that runs with the options of Node that the image of the workers has. */
async function growth(kubeconfig: string): Promise<Growth> {
  const child = fork(join(import.meta.dirname, 'flat-memory.ts'), [kubeconfig], { execArgv: nodeOptionsOfImage() });
  const [grown] = (await once(child, 'message')) as [Growth];
  return grown;
}

async function submitAll(
  kubernetes: KubernetesClient,
  submitter: SparkApplicationSubmitter,
  name: string,
  count: number,
  inFlight = count,
): Promise<Cost & { readonly writes: number }> {
  const namespace = await newNamespace(kubernetes, name);
  await letSubmit(kubernetes, namespace);
  const { signal } = new AbortController();
  const ofChildren = childCpuMs();
  const counted = countingWrites(kubernetes);
  const cost = await measure(count, inFlight, (index) =>
    submitter.submit(application(namespace, index), { kubernetes: counted.client, signal }),
  );
  const writes = counted.writes() / count;
  const total = { ...cost, writes, cpuMs: cost.cpuMs + (childCpuMs() - ofChildren) / count };
  const each = `${total.cpuMs.toFixed(2)} ms CPU and ${writes.toFixed(2)} writes each`;
  console.error(`  ${name}: ${count}, ${total.perSecond.toFixed(2)}/s, ${each}`);
  return total;
}

function countingWrites(kubernetes: KubernetesClient): { readonly client: KubernetesClient; writes(): number } {
  let writes = 0;
  const counting = (inner: KubernetesClient): KubernetesClient => {
    const counted = (name: 'create' | 'patch') => ({
      value: (...args: never[]): unknown => {
        writes += 1;
        return (inner[name] as (...args: never[]) => unknown)(...args);
      },
    });
    return Object.create(inner, {
      create: counted('create'),
      patch: counted('patch'),
      as: { value: (identity: Parameters<KubernetesClient['as']>[0]) => counting(inner.as(identity)) },
    }) as KubernetesClient;
  };
  return { client: counting(kubernetes), writes: () => writes };
}

/** The rights that Spark's drivers have: `isolated` submits with them. */
async function letSubmit(kubernetes: KubernetesClient, namespace: string): Promise<void> {
  const rbac = (kind: string, plural: string) =>
    ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind, plural, namespaced: true }) as const;
  const metadata = { name: 'spark', namespace };
  const resources = ['pods', 'services', 'configmaps'];
  const role = { metadata, rules: [{ apiGroups: [''], resources, verbs: ['create', 'get'] }] };
  await kubernetes.create(rbac('Role', 'roles'), role);
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'spark' };
  const subjects = [{ kind: 'ServiceAccount', name: 'spark', namespace }];
  await kubernetes.create(rbac('RoleBinding', 'rolebindings'), { metadata, roleRef, subjects });
}

/** User and system time of the children that have ended, from `/proc/self/stat`, in ticks of 10 ms. */
function childCpuMs(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
