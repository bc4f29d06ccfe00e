import { Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import type { SparkApplication } from '../../../manifest/index.ts';
import { describePools, isControlPlane, nodeFacts, type NodeFacts, type Placement } from '../../../placement/index.ts';
import { Label } from '../../../spark/metadata.ts';
import type { IsolatedRights } from '../../../submitters/index.ts';
import { checkKinds } from './check-kinds.ts';
import { checkConfigurations } from './check-configurations.ts';
import { checkManifest } from './check-manifest.ts';
import { checkOperators } from './check-operators.ts';
import { checkWorkers } from './check-workers.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { applicationPermissions, checkPermissions, CLUSTER_PERMISSIONS, OPERATOR_PERMISSIONS } from './permissions.ts';
import { listed, readable, unseen } from './reading.ts';

export interface ClusterCheck {
  /** Namespace of applications. */
  readonly namespace: string;
  readonly placement: Placement;
  /** How workers get the permissions of service accounts, where they submit with those. @default they use their own */
  readonly isolated?: IsolatedRights;
  /** Whether they serve the operator's resources. @default false */
  readonly operator?: boolean;
  /** Applications to check against the nodes. @default none */
  readonly applications?: readonly SparkApplication[];
  /** Version of this program. */
  readonly version: string;
}

const OLDEST_MINOR = 28;

/**
 * Checks one cluster: version, permissions, nodes and pools, configuration, workers, operators, pending pods.
 *
 * @throws KubernetesError where the API server does not answer
 */
export async function checkCluster(
  kubernetes: KubernetesClient,
  { namespace, placement, isolated, operator = false, applications = [], version }: ClusterCheck,
): Promise<Finding[]> {
  const serverVersion = await kubernetes.version();
  const minor = Number(/^\d+\.(\d+)/.exec(serverVersion)?.[1]);
  const server =
    minor >= OLDEST_MINOR
      ? ok(`Kubernetes (${kubernetes.cluster})`, `version ${serverVersion}`)
      : warning(`Kubernetes (${kubernetes.cluster})`, `version ${serverVersion}`, `use 1.${OLDEST_MINOR} or later`);
  const exists = await readable(() => kubernetes.get(Resources.namespaces, undefined, namespace));
  const read = await readable(() => listed(kubernetes, Resources.nodes, undefined));
  const nodes = 'value' in read ? read.value : undefined;
  const facts = nodes?.map(nodeFacts);
  return [
    server,
    ...('value' in exists && exists.value === undefined
      ? [failed(`namespace ${namespace}`, 'does not exist', `kubectl create namespace ${namespace}`)]
      : []),
    ...(await checkPermissions(
      kubernetes,
      [...applicationPermissions(isolated), ...(operator ? OPERATOR_PERMISSIONS : [])],
      namespace,
    )),
    ...(operator ? await checkKinds(kubernetes, namespace) : []),
    ...(await checkPermissions(kubernetes, CLUSTER_PERMISSIONS, undefined)),
    ...('problem' in read ? [unseen('nodes', read.problem)] : []),
    ...(facts === undefined ? [] : checkNodes(facts, placement)),
    ...applications.flatMap((application) => checkManifest(application, placement, facts)),
    ...(await checkConfigurations(kubernetes)),
    ...(await checkWorkers(kubernetes, nodes, version)),
    ...(await checkOperators(kubernetes)),
    ...(await checkUnscheduled(kubernetes, namespace)),
  ];
}

function checkNodes(nodes: readonly NodeFacts[], placement: Placement): Finding[] {
  const controlPlane = nodes.filter((node) => isControlPlane(placement, node)).length;
  const total = ok('nodes', `${nodes.length}, ${controlPlane} of them in the control plane`);
  const pools = describePools(placement, nodes).map(({ pool, profiles, names, largest, autoscaled, problem }) => {
    const check = `pool ${pool} (profile ${profiles.join(', ')})`;
    if (names.length > 0) {
      const size = `the largest has ${largest.cpu} CPUs and ${largest.memory} of memory`;
      return ok(check, `${names.length} ${names.length === 1 ? 'node' : 'nodes'}; ${size}`);
    }
    return autoscaled ? ok(check, 'no node yet; the autoscaler adds them') : failed(check, 'no node', problem);
  });
  return [total, ...pools];
}

async function checkUnscheduled(kubernetes: KubernetesClient, namespace: string): Promise<Finding[]> {
  const read = await readable(() => listed(kubernetes, Resources.pods, namespace, Label.SubmissionId));
  if ('problem' in read) return [unseen(`pods of applications in namespace ${namespace}`, read.problem)];
  const waiting = read.value.flatMap((pod) => {
    const scheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
    return scheduled === undefined ? [] : [{ pod, message: scheduled.message ?? scheduled.reason ?? '' }];
  });
  const [first] = waiting;
  if (first === undefined) return [ok(`scheduling in namespace ${namespace}`, 'no application pod is pending')];
  return [
    warning(
      `scheduling in namespace ${namespace}`,
      `${waiting.length} of ${read.value.length} pods are pending; ${first.pod.metadata?.namespace}/${first.pod.metadata?.name}: ${first.message}`,
      'add nodes to the pool, request less, or choose another profile (docs/placement.md)',
    ),
  ];
}
