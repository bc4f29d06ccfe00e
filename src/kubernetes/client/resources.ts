import type { Resource } from './kubernetes-client.ts';
import type {
  ConfigMap,
  CoreEvent,
  Ingress,
  Job,
  KubernetesObject,
  Namespace,
  NetworkPolicy,
  Node,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  PriorityClass,
  Scale,
  Secret,
  SelfSubjectAccessReview,
  Service,
  ServiceAccount,
} from '../objects.ts';

function resource<T extends KubernetesObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  namespaced = true,
): Resource<T> {
  return Object.freeze({ apiVersion, kind, plural, namespaced });
}

/** The kinds of object we create, read or watch. */
export const Resources = {
  pods: resource<Pod>('v1', 'Pod', 'pods'),
  services: resource<Service>('v1', 'Service', 'services'),
  configMaps: resource<ConfigMap>('v1', 'ConfigMap', 'configmaps'),
  secrets: resource<Secret>('v1', 'Secret', 'secrets'),
  serviceAccounts: resource<ServiceAccount>('v1', 'ServiceAccount', 'serviceaccounts'),
  persistentVolumeClaims: resource<PersistentVolumeClaim>('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  events: resource<CoreEvent>('v1', 'Event', 'events'),
  namespaces: resource<Namespace>('v1', 'Namespace', 'namespaces', false),
  nodes: resource<Node>('v1', 'Node', 'nodes', false),
  jobs: resource<Job>('batch/v1', 'Job', 'jobs'),
  networkPolicies: resource<NetworkPolicy>('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  ingresses: resource<Ingress>('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  podDisruptionBudgets: resource<PodDisruptionBudget>('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  priorityClasses: resource<PriorityClass>('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', false),
  /** How many replicas a Deployment has. */
  deploymentScales: Object.freeze({ ...resource<Scale>('apps/v1', 'Scale', 'deployments'), subresource: 'scale' }),
  selfSubjectAccessReviews: resource<SelfSubjectAccessReview>(
    'authorization.k8s.io/v1',
    'SelfSubjectAccessReview',
    'selfsubjectaccessreviews',
    false,
  ),
  /** Volcano's. */
  volcanoPodGroups: resource('scheduling.volcano.sh/v1beta1', 'PodGroup', 'podgroups'),
  /** Those of the coscheduling plugin of kubernetes-sigs/scheduler-plugins. */
  schedulerPodGroups: resource('scheduling.x-k8s.io/v1alpha1', 'PodGroup', 'podgroups'),
} as const;

/**
 * Where the API server keeps objects of this apiVersion and kind.
 *
 * @throws TypeError for a kind that is not among `Resources`
 */
export function resourceOf<T extends KubernetesObject>(object: T): Resource<T> {
  const found = Object.values(Resources).find(
    ({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind,
  );
  if (found === undefined) {
    throw new TypeError(`No resource is known for apiVersion "${object.apiVersion}", kind "${object.kind}".`);
  }
  return found as Resource as Resource<T>;
}
