import { Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import type { Node, Pod } from '../../../kubernetes/objects.ts';
import { constraintsOfPod, nodeFacts, nodeMatches, type NodeFacts } from '../../../placement/index.ts';
import { replicasFor } from '../../../worker/replicas.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { listed, readable, unseen } from './reading.ts';

const WORKER_SELECTOR = 'app.kubernetes.io/name=temporal-spark,app.kubernetes.io/component=worker';
/** Label with the version of a worker, where Temporal routes work by version. */
const BUILD_ID = 'temporal-spark/build-id';

/** Checks the pods of workers: nodes, number, readiness and version. */
export async function checkWorkers(
  kubernetes: KubernetesClient,
  nodes: readonly Node[] | undefined,
  version: string,
): Promise<Finding[]> {
  const check = 'pods of workers';
  const read = await readable(() => listed(kubernetes, Resources.pods, undefined, WORKER_SELECTOR));
  if ('problem' in read) return [unseen(check, read.problem)];
  const pods = read.value.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  if (pods.length === 0) {
    return [warning(check, 'none in this cluster', 'install the chart (docs/deploy.md), unless workers run elsewhere')];
  }
  const problems = [
    ...(nodes === undefined ? [] : [...misplaced(pods, nodes.map(nodeFacts)), ...tooFew(pods, nodes)]),
    ...unready(pods),
    ...crowded(pods),
    ...outdated(pods, version),
  ];
  const hosts = new Set(pods.map(({ spec }) => spec?.nodeName));
  return problems.length > 0 ? problems : [ok(check, `${pods.length}, ready, on ${hosts.size} nodes`)];
}

const nameOf = ({ metadata }: Pod): string => `${metadata?.namespace}/${metadata?.name}`;

/** By the pod's node affinity, which the chart sets; a pod without one must run on the control plane, if any is visible. */
function misplaced(pods: readonly Pod[], nodes: readonly NodeFacts[]): Finding[] {
  const hasControlPlane = nodes.some(isController);
  return pods.flatMap((pod) => {
    const node = nodes.find(({ name }) => name === pod.spec?.nodeName);
    if (node === undefined) return [];
    const check = `worker ${nameOf(pod)}`;
    // The node name is where the pod runs, not a constraint.
    const { nodeName: _, ...constraints } = constraintsOfPod(pod.spec);
    if (!nodeMatches(constraints, node)) {
      const found = `runs on ${node.name}, whose labels no longer match its node affinity`;
      const remedy = `label the node again, or delete the pod: kubectl -n ${pod.metadata?.namespace} delete pod ${pod.metadata?.name}`;
      return [failed(check, found, remedy)];
    }
    if (constraints.alternatives.length + constraints.selector.length > 0 || !hasControlPlane || isController(node))
      return [];
    const found = `runs on ${node.name}, which is not a control plane node`;
    return [failed(check, found, 'set the node affinity of the chart on its Deployment (docs/deploy.md)')];
  });
}

const CONTROLLER_LABEL = 'node-role.kubernetes.io/control-plane';

const isController = ({ labels }: NodeFacts): boolean => Object.hasOwn(labels, CONTROLLER_LABEL);

/** Deployments whose replicas follow the nodes, according to the environment of their pods. */
function tooFew(pods: readonly Pod[], nodes: readonly Node[]): Finding[] {
  return [...groups(pods, (pod) => environmentOf(pod)['TEMPORAL_SPARK_DEPLOYMENT'])].flatMap(([deployment, its]) => {
    if (deployment === undefined) return [];
    const environment = environmentOf(its[0]!);
    const controllers = nodes.filter(isSelectedBy(environment['TEMPORAL_SPARK_CONTROLLER_NODES'] ?? CONTROLLER_LABEL));
    const wanted = replicasFor(controllers, {
      min: Number(environment['TEMPORAL_SPARK_MIN_REPLICAS'] ?? 1),
      max: Number(environment['TEMPORAL_SPARK_MAX_REPLICAS'] ?? 3),
    });
    if (its.length >= wanted) return [];
    return [
      warning(
        `workers of ${deployment}`,
        `${its.length} of ${wanted} replicas for ${controllers.length} controller nodes`,
        'workers set the replicas themselves; check their log for the cause (permission to patch deployments/scale, quota)',
      ),
    ];
  });
}

const environmentOf = ({ spec }: Pod): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(spec?.containers.flatMap(({ env = [] }) => env.map(({ name, value }) => [name, value])) ?? []);

/** A label selector of the workers: `key=value` or `key`, comma-separated. */
function isSelectedBy(selector: string): (node: Node) => boolean {
  const terms = selector.split(',').map((term) => term.split('=') as [string, string?]);
  return ({ metadata: { labels = {} } = {} }) =>
    terms.every(([key, value]) => Object.hasOwn(labels, key) && (value === undefined || labels[key] === value));
}

function unready(pods: readonly Pod[]): Finding[] {
  return pods
    .filter(({ status }) => !status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .map((pod) => {
      const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      const why = scheduled?.status === 'False' ? `: ${scheduled.message ?? scheduled.reason ?? ''}` : '';
      const remedy = `kubectl -n ${pod.metadata?.namespace} describe pod ${pod.metadata?.name}`;
      return failed(`worker ${nameOf(pod)}`, `is not ready${why}`, remedy);
    });
}

function crowded(pods: readonly Pod[]): Finding[] {
  const placed = pods.filter(({ spec }) => spec?.nodeName !== undefined);
  // During a rollout, another version on the same node does not count.
  const together = groups(placed, ({ metadata, spec }) => `${spec!.nodeName} ${metadata?.labels?.[BUILD_ID]}`);
  return [...together.values()]
    .filter((there) => there.length > 1)
    .map((there) => ({ host: there[0]!.spec!.nodeName, there }))
    .map(({ host, there }) =>
      warning(
        `workers on ${host}`,
        `${there.length} of ${pods.length}: they fail together`,
        `delete one of them once another node has room: ${there.map(nameOf).join(', ')}`,
      ),
    );
}

function outdated(pods: readonly Pod[], version: string): Finding[] {
  const versions = new Set(pods.map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/version'] ?? 'unknown'));
  if (versions.size === 1 && versions.has(version)) return [];
  return [
    warning(
      'versions',
      `this is version ${version}, workers run ${[...versions].join(', ')}`,
      'finish the rollout, or use the version of the workers here',
    ),
  ];
}

function groups<K>(pods: readonly Pod[], keyOf: (pod: Pod) => K): Map<K, Pod[]> {
  const found = new Map<K, Pod[]>();
  for (const pod of pods) found.set(keyOf(pod), [...(found.get(keyOf(pod)) ?? []), pod]);
  return found;
}
