import {
  isKubernetesError,
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
  type Resource,
} from '../kubernetes/index.ts';
import type { KubernetesObject, Pod } from '../kubernetes/objects.ts';
import { describePools, isControlPlane, nodeFacts, type NodeFacts, type Placement } from '../placement/index.ts';
import { Label } from '../spark/metadata.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { APPLICATION_PERMISSIONS, checkPermissions, CLUSTER_PERMISSIONS } from './permissions.ts';

export interface ClusterCheck {
  /** Namespace of applications. */
  readonly namespace: string;
  readonly placement: Placement;
  /** That of this program. */
  readonly version: string;
}

const OLDEST_MINOR = 28;
const WORKER_SELECTOR = 'app.kubernetes.io/name=temporal-spark,app.kubernetes.io/component=worker';

/**
 * The cluster's side: version, rights, nodes and pools, where the workers run, what is not scheduled.
 *
 * @throws KubernetesError where the API server can't be asked
 */
export async function checkCluster(
  kubernetes: KubernetesClient,
  { namespace, placement, version }: ClusterCheck,
): Promise<Finding[]> {
  const serverVersion = await kubernetes.version();
  const minor = Number(/^\d+\.(\d+)/.exec(serverVersion)?.[1]);
  const server =
    minor >= OLDEST_MINOR
      ? ok(`Kubernetes (${kubernetes.cluster})`, `version ${serverVersion}`)
      : warning(`Kubernetes (${kubernetes.cluster})`, `version ${serverVersion}`, `use 1.${OLDEST_MINOR} or later`);
  const exists = await readable(() => kubernetes.get(Resources.namespaces, undefined, namespace));
  const nodes = await readable(async () => (await listed(kubernetes, Resources.nodes, undefined)).map(nodeFacts));
  return [
    server,
    ...('value' in exists && exists.value === undefined
      ? [failed(`namespace ${namespace}`, 'does not exist', `kubectl create namespace ${namespace}`)]
      : []),
    ...(await checkPermissions(kubernetes, APPLICATION_PERMISSIONS, namespace)),
    ...(await checkPermissions(kubernetes, CLUSTER_PERMISSIONS, undefined)),
    ...('value' in nodes ? checkNodes(nodes.value, placement) : [unseen('nodes', nodes.problem)]),
    ...(await checkWorkers(kubernetes, 'value' in nodes ? nodes.value : undefined, version)),
    ...(await checkUnscheduled(kubernetes, namespace)),
  ];
}

type Read<T> = { readonly value: T } | { readonly problem: string };

/** What this account may not see is no defect of the cluster. */
async function readable<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!isKubernetesError(error, KubernetesErrorType.Forbidden)) throw error;
    return { problem: error.message };
  }
}

const unseen = (check: string, problem: string): Finding =>
  warning(check, 'not checked: this account may not see them', problem);

async function listed<T extends KubernetesObject>(
  kubernetes: KubernetesClient,
  resource: Resource<T>,
  namespace: string | undefined,
  labelSelector?: string,
): Promise<T[]> {
  const items: T[] = [];
  const options = labelSelector === undefined ? {} : { labelSelector };
  for await (const page of kubernetes.list(resource, namespace, options)) items.push(...page);
  return items;
}

function checkNodes(nodes: readonly NodeFacts[], placement: Placement): Finding[] {
  const controlPlane = nodes.filter((node) => isControlPlane(placement, node)).length;
  const total = ok('nodes', `${nodes.length}, of them ${controlPlane} of the control plane`);
  const pools = describePools(placement, nodes).map(({ pool, profiles, names, largest, autoscaled, problem }) => {
    const check = `pool ${pool} (profile ${profiles.join(', ')})`;
    if (names.length > 0) {
      const size = `the largest has ${largest.cpu} CPUs and ${largest.memory} of memory`;
      return ok(check, `${names.length} ${names.length === 1 ? 'node' : 'nodes'}; ${size}`);
    }
    return autoscaled ? ok(check, 'no node yet; an autoscaler brings them') : failed(check, 'no node', problem);
  });
  return [total, ...pools];
}

async function checkWorkers(
  kubernetes: KubernetesClient,
  nodes: readonly NodeFacts[] | undefined,
  version: string,
): Promise<Finding[]> {
  const check = 'pods of workers';
  const read = await readable(() => listed(kubernetes, Resources.pods, undefined, WORKER_SELECTOR));
  if ('problem' in read) return [unseen(check, read.problem)];
  const pods = read.value.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  if (pods.length === 0) {
    return [warning(check, 'none in this cluster', 'install the chart (docs/deploy.md), unless workers run elsewhere')];
  }
  const problems = [...misplaced(pods, nodes), ...unready(pods), ...crowded(pods), ...outdated(pods, version)];
  const hosts = new Set(pods.map(({ spec }) => spec?.nodeName));
  return problems.length > 0 ? problems : [ok(check, `${pods.length}, ready, on ${hosts.size} hosts`)];
}

const nameOf = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

/** Not for those whose Deployment names a pool of its own. */
function misplaced(pods: readonly Pod[], nodes: readonly NodeFacts[] | undefined): Finding[] {
  const controlPlane = nodes?.filter(({ labels }) => 'node-role.kubernetes.io/control-plane' in labels) ?? [];
  if (controlPlane.length === 0) return [];
  const names = new Set(controlPlane.map(({ name }) => name));
  return pods
    .filter(({ spec }) => spec?.nodeName !== undefined && !names.has(spec.nodeName))
    .filter(({ spec }) => spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution === undefined)
    .map((pod) =>
      failed(
        `worker ${nameOf(pod)}`,
        `runs on ${pod.spec!.nodeName}, no node of the control plane`,
        'give its Deployment the node affinity of the chart (docs/deploy.md)',
      ),
    );
}

function unready(pods: readonly Pod[]): Finding[] {
  return pods
    .filter(({ status }) => !status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .map((pod) => {
      const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      const why = scheduled?.status === 'False' ? `: ${scheduled.message ?? scheduled.reason ?? ''}` : '';
      const look = `kubectl -n ${pod.metadata?.namespace} describe pod ${pod.metadata?.name}`;
      return failed(`worker ${nameOf(pod)}`, `is not ready${why}`, look);
    });
}

function crowded(pods: readonly Pod[]): Finding[] {
  const hosts = new Set(pods.flatMap(({ spec }) => spec?.nodeName ?? []));
  return [...hosts]
    .map((host) => [host, pods.filter(({ spec }) => spec?.nodeName === host)] as const)
    .filter(([, there]) => there.length > 1)
    .map(([host, there]) =>
      warning(
        `workers on ${host}`,
        `${there.length} of ${pods.length}: they go down together`,
        `delete one of them once another host has room: ${there.map(nameOf).join(', ')}`,
      ),
    );
}

function outdated(pods: readonly Pod[], version: string): Finding[] {
  const versions = new Set(pods.map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/version'] ?? 'unknown'));
  if (versions.size === 1 && versions.has(version)) return [];
  return [
    warning(
      'versions',
      `this is ${version}, workers are ${[...versions].join(', ')}`,
      'finish the rollout, or use the same version here',
    ),
  ];
}

async function checkUnscheduled(kubernetes: KubernetesClient, namespace: string): Promise<Finding[]> {
  const read = await readable(() => listed(kubernetes, Resources.pods, namespace, Label.SubmissionId));
  if ('problem' in read) return [unseen(`pods of applications in namespace ${namespace}`, read.problem)];
  const waiting = read.value.flatMap((pod) => {
    const scheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
    return scheduled === undefined ? [] : [{ pod, message: scheduled.message ?? scheduled.reason ?? '' }];
  });
  const [first] = waiting;
  if (first === undefined) return [ok(`scheduling in namespace ${namespace}`, 'no pod of an application waits')];
  return [
    warning(
      `scheduling in namespace ${namespace}`,
      `${waiting.length} of ${read.value.length} pods wait; ${nameOf(first.pod)}: ${first.message}`,
      'add nodes to the pool, ask for less, or choose another profile (docs/placement.md)',
    ),
  ];
}
