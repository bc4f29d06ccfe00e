import type { Resource } from './kubernetes-client.ts';
import type {
  ConfigMap,
  CoreEvent,
  CustomObject,
  Deployment,
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

const sparkApplications = resource<CustomObject>(
  'sparkoperator.k8s.io/v1beta2',
  'SparkApplication',
  'sparkapplications',
);

const scheduledSparkApplications = resource<CustomObject>(
  'sparkoperator.k8s.io/v1beta2',
  'ScheduledSparkApplication',
  'scheduledsparkapplications',
);

const sparkConnects = resource<CustomObject>('sparkoperator.k8s.io/v1alpha1', 'SparkConnect', 'sparkconnects');

/** What each of them holds. */
interface ResourceTypes {
  pods: Pod;
  services: Service;
  configMaps: ConfigMap;
  secrets: Secret;
  serviceAccounts: ServiceAccount;
  roles: KubernetesObject;
  roleBindings: KubernetesObject;
  persistentVolumeClaims: PersistentVolumeClaim;
  events: CoreEvent;
  namespaces: Namespace;
  nodes: Node;
  jobs: Job;
  networkPolicies: NetworkPolicy;
  ingresses: Ingress;
  grpcRoutes: KubernetesObject;
  podDisruptionBudgets: PodDisruptionBudget;
  priorityClasses: PriorityClass;
  deployments: Deployment;
  deploymentScales: Scale;
  selfSubjectAccessReviews: SelfSubjectAccessReview;
  volcanoPodGroups: KubernetesObject;
  schedulerPodGroups: KubernetesObject;
  sparkApplications: CustomObject;
  sparkApplicationStatuses: CustomObject;
  scheduledSparkApplications: CustomObject;
  scheduledSparkApplicationStatuses: CustomObject;
  sparkConnects: CustomObject;
  sparkConnectStatuses: CustomObject;
}

/** The kinds of object we create, read or watch. */
export const Resources: { readonly [Name in keyof ResourceTypes]: Resource<ResourceTypes[Name]> } = {
  pods: resource('v1', 'Pod', 'pods'),
  services: resource('v1', 'Service', 'services'),
  configMaps: resource('v1', 'ConfigMap', 'configmaps'),
  secrets: resource('v1', 'Secret', 'secrets'),
  serviceAccounts: resource('v1', 'ServiceAccount', 'serviceaccounts'),
  roles: resource('rbac.authorization.k8s.io/v1', 'Role', 'roles'),
  roleBindings: resource('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'),
  persistentVolumeClaims: resource('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'),
  events: resource('v1', 'Event', 'events'),
  namespaces: resource('v1', 'Namespace', 'namespaces', false),
  nodes: resource('v1', 'Node', 'nodes', false),
  jobs: resource('batch/v1', 'Job', 'jobs'),
  networkPolicies: resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  ingresses: resource('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  /** Of the Gateway API. */
  grpcRoutes: resource('gateway.networking.k8s.io/v1', 'GRPCRoute', 'grpcroutes'),
  podDisruptionBudgets: resource('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'),
  priorityClasses: resource('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', false),
  deployments: resource('apps/v1', 'Deployment', 'deployments'),
  /** How many replicas a Deployment has. */
  deploymentScales: Object.freeze({ ...resource('apps/v1', 'Scale', 'deployments'), subresource: 'scale' }),
  selfSubjectAccessReviews: resource(
    'authorization.k8s.io/v1',
    'SelfSubjectAccessReview',
    'selfsubjectaccessreviews',
    false,
  ),
  /** Volcano's. */
  volcanoPodGroups: resource('scheduling.volcano.sh/v1beta1', 'PodGroup', 'podgroups'),
  /** Those of the coscheduling plugin of kubernetes-sigs/scheduler-plugins. */
  schedulerPodGroups: resource('scheduling.x-k8s.io/v1alpha1', 'PodGroup', 'podgroups'),
  sparkApplications,
  sparkApplicationStatuses: Object.freeze({ ...sparkApplications, subresource: 'status' }),
  scheduledSparkApplications,
  scheduledSparkApplicationStatuses: Object.freeze({ ...scheduledSparkApplications, subresource: 'status' }),
  sparkConnects,
  sparkConnectStatuses: Object.freeze({ ...sparkConnects, subresource: 'status' }),
};

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
