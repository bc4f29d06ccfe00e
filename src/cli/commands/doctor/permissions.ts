import { Resources, type KubernetesClient } from '../../../kubernetes/index.ts';
import { IsolatedRights } from '../../../submitters/index.ts';
import { failed, ok, warning, type Finding } from './finding.ts';
import { present } from '../../../validation/present.ts';

export interface Permission {
  readonly group?: string;
  /** With the subresource: `pods/log`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** The effect of its absence. Without this field, nothing works without the permission. */
  readonly without?: string;
}

const LOG: Permission = { resource: 'pods/log', verbs: ['get'], without: 'results lack the end of the log' };
const PROGRESS: Permission = {
  resource: 'pods/proxy',
  verbs: ['get'],
  without: 'progress of jobs, stages and tasks is not shown',
};
const EVENTS: Permission = {
  resource: 'events',
  verbs: ['create', 'list'],
  without: 'the cause is not shown when a driver does not start, and releases are not recorded as events',
};

const OWN_PERMISSIONS: readonly Permission[] = [
  { resource: 'pods', verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'] },
  LOG,
  PROGRESS,
  { resource: 'services', verbs: ['create', 'get'] },
  { resource: 'configmaps', verbs: ['create', 'get'] },
  { resource: 'configmaps', verbs: ['patch'], without: 'the submitter batch fails for concurrent submissions' },
  {
    resource: 'persistentvolumeclaims',
    verbs: ['create', 'get'],
    without: 'drivers with on-demand volume claims are rejected',
  },
  {
    group: 'policy',
    resource: 'poddisruptionbudgets',
    verbs: ['create', 'get'],
    without: 'manifests with driverPodDisruptionBudget are rejected',
  },
  {
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
    verbs: ['create', 'get'],
    without: 'Spark 4.2 and later is rejected',
  },
  EVENTS,
];

const ISOLATED_PERMISSIONS: Readonly<Record<IsolatedRights, Permission>> = {
  [IsolatedRights.Impersonation]: { resource: 'serviceaccounts', verbs: ['impersonate'] },
  [IsolatedRights.Token]: { resource: 'serviceaccounts/token', verbs: ['create'] },
};

/**
 * The permissions that workers need in a namespace of applications; the chart grants the same.
 *
 * @param isolated how workers get the permissions of service accounts, where they submit with those
 */
export function applicationPermissions(isolated?: IsolatedRights): readonly Permission[] {
  if (isolated === undefined) return OWN_PERMISSIONS;
  return [
    { resource: 'pods', verbs: ['get', 'list', 'watch', 'patch', 'delete'] },
    LOG,
    PROGRESS,
    ISOLATED_PERMISSIONS[isolated],
    { resource: 'configmaps', verbs: ['get'], without: 'outputs of pipelines are not found' },
    EVENTS,
  ];
}

const OPERATOR_GROUP = 'sparkoperator.k8s.io';
const NO_SCHEDULES = 'ScheduledSparkApplications are not served';
const NO_SESSIONS = 'SparkConnects are not served';

/** What an operator needs besides, where it serves resources; the chart grants the same. */
export const OPERATOR_PERMISSIONS: readonly Permission[] = [
  {
    group: OPERATOR_GROUP,
    resource: 'sparkapplications',
    verbs: ['create', 'get', 'list', 'watch', 'patch', 'delete'],
  },
  { group: OPERATOR_GROUP, resource: 'sparkapplications/status', verbs: ['patch'] },
  {
    group: OPERATOR_GROUP,
    resource: 'sparkapplications/finalizers',
    verbs: ['update'],
    without: 'clusters with OwnerReferencesPermissionEnforcement reject drivers',
  },
  {
    group: OPERATOR_GROUP,
    resource: 'scheduledsparkapplications',
    verbs: ['get', 'list', 'watch'],
    without: NO_SCHEDULES,
  },
  { group: OPERATOR_GROUP, resource: 'scheduledsparkapplications/status', verbs: ['patch'], without: NO_SCHEDULES },
  { group: OPERATOR_GROUP, resource: 'sparkconnects', verbs: ['list', 'watch'], without: NO_SESSIONS },
  { group: OPERATOR_GROUP, resource: 'sparkconnects/status', verbs: ['patch'], without: NO_SESSIONS },
  { resource: 'services', verbs: ['create', 'get', 'patch'], without: NO_SESSIONS },
  { resource: 'events', verbs: ['patch'], without: 'Events that happen again are not counted' },
];

/** The permissions that workers need cluster-wide. */
export const CLUSTER_PERMISSIONS: readonly Permission[] = [
  {
    resource: 'nodes',
    verbs: ['get', 'list', 'watch'],
    without: 'placement is not checked, its exceptions are rejected, and replicas do not follow the nodes',
  },
  {
    group: 'scheduling.k8s.io',
    resource: 'priorityclasses',
    verbs: ['get'],
    without: 'pool queues treat all priorities alike',
  },
];

/** Asks the API server for each verb whether this account may use it. */
export async function checkPermissions(
  kubernetes: KubernetesClient,
  permissions: readonly Permission[],
  namespace: string | undefined,
): Promise<Finding[]> {
  const where = namespace === undefined ? 'in the cluster' : `in namespace ${namespace}`;
  const missing = await Promise.all(
    permissions.map(async (permission) => {
      const allowed = await Promise.all(permission.verbs.map((verb) => mayI(kubernetes, permission, verb, namespace)));
      return { permission, verbs: permission.verbs.filter((_, index) => !allowed[index]) };
    }),
  );
  const lacking = missing.filter(({ verbs }) => verbs.length > 0);
  if (lacking.length === 0) {
    const count = permissions.reduce((sum, { verbs }) => sum + verbs.length, 0);
    return [ok(`permissions ${where}`, `all ${count}`)];
  }
  return lacking.map(({ permission: { group, resource, without }, verbs }) => {
    const name = group === undefined ? resource : `${resource}.${group}`;
    const kind = namespace === undefined ? 'ClusterRole' : 'Role';
    const found = `may not ${verbs.join(', ')}${without === undefined ? '' : `: ${without}`}`;
    const remedy = `grant it with a ${kind}, as deploy/helm does; to check the permissions of the workers, run doctor in a worker pod`;
    return (without === undefined ? failed : warning)(`${name} ${where}`, found, remedy);
  });
}

async function mayI(
  kubernetes: KubernetesClient,
  { group = '', resource: path }: Permission,
  verb: string,
  namespace: string | undefined,
): Promise<boolean> {
  const [resource = '', subresource] = path.split('/');
  const review = await kubernetes.create(Resources.selfSubjectAccessReviews, {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: {
      resourceAttributes: {
        group,
        resource,
        verb,
        ...present({ subresource, namespace }),
      },
    },
  });
  return review.status?.allowed === true;
}
