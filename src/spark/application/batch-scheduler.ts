import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import { booleanOf, type SparkConf } from '../spark-conf.ts';
import { podRequests } from '../pod-requests.ts';
import type { SparkSubmission } from '../submission.ts';
import { refuseInvalid } from '../submission-refused.ts';
import type { Role } from './role.ts';

/** How a batch scheduler learns which pods belong together. */
type Gang = 'volcano' | 'yunikorn' | 'coscheduling';

/** The name under which the coscheduling plugin's own chart installs its scheduler. */
const COSCHEDULER = 'scheduler-plugins-scheduler';

function gangOf({ spec: { batchScheduler } }: SparkApplication): Gang | undefined {
  if (batchScheduler === 'volcano' || batchScheduler === 'yunikorn') return batchScheduler;
  return batchScheduler === COSCHEDULER ? 'coscheduling' : undefined;
}

const VOLCANO_GROUP = 'scheduling.k8s.io/group-name';

/** Labels and annotations, as configuration, that mark the pods for the batch scheduler. */
export function batchSchedulerConf(application: SparkApplication, submission: SparkSubmission): SparkConf {
  const { conf } = submission;
  const gang = gangOf(application);
  switch (gang) {
    case undefined:
      return {};
    case 'volcano':
      return conf[`spark.kubernetes.driver.annotation.${VOLCANO_GROUP}`] === undefined
        ? ofBothRoles(`annotation.${VOLCANO_GROUP}`, podGroupName(application, gang))
        : {};
    case 'coscheduling':
      return ofBothRoles('label.scheduling.x-k8s.io/pod-group', podGroupName(application, gang));
    case 'yunikorn': {
      const queue = application.spec.batchSchedulerOptions?.queue;
      return {
        'spark.kubernetes.driver.annotation.yunikorn.apache.org/task-group-name': 'spark-driver',
        'spark.kubernetes.executor.annotation.yunikorn.apache.org/task-group-name': 'spark-executor',
        'spark.kubernetes.driver.annotation.yunikorn.apache.org/task-groups': JSON.stringify(
          taskGroups(application, submission),
        ),
        ...(queue !== undefined && ofBothRoles('label.queue', queue)),
      };
    }
    default:
      return gang satisfies never;
  }
}

/**
 * The PodGroup of the application, for the schedulers that have such; its minimum is the driver and first executors.
 */
export function podGroup(application: SparkApplication, submission: SparkSubmission): KubernetesObject | undefined {
  const { conf } = submission;
  const gang = gangOf(application);
  if (gang !== 'volcano' && gang !== 'coscheduling') return undefined;
  const name = podGroupName(application, gang);
  const isVolcano = gang === 'volcano';
  if (isVolcano && conf[`spark.kubernetes.driver.annotation.${VOLCANO_GROUP}`] !== name) return undefined; // the user's own
  const { queue, priorityClassName, resources } = application.spec.batchSchedulerOptions ?? {};
  const group = {
    apiVersion: isVolcano ? 'scheduling.volcano.sh/v1beta1' : 'scheduling.x-k8s.io/v1alpha1',
    kind: 'PodGroup',
    metadata: { name, namespace: application.metadata.namespace },
    spec: {
      minMember: 1,
      minResources: (isVolcano ? resources : undefined) ?? totalRequests(submission),
      ...(isVolcano && queue !== undefined && { queue }),
      ...(isVolcano && priorityClassName !== undefined && { priorityClassName }),
    },
  };
  return group satisfies KubernetesObject;
}

const podGroupName = ({ metadata }: SparkApplication, gang: 'volcano' | 'coscheduling'): string =>
  gang === 'volcano' ? `spark-${metadata.name}-pg` : `${metadata.name}-pg`;

const ofBothRoles = (key: string, value: string): SparkConf => ({
  [`spark.kubernetes.driver.${key}`]: value,
  [`spark.kubernetes.executor.${key}`]: value,
});

/** Executors that Spark requests first. */
function initialExecutors(conf: SparkConf): number {
  const numberOf = (key: string) => Number(conf[key] ?? 0);
  if (!booleanOf(conf, 'spark.dynamicAllocation.enabled', false)) return Number(conf['spark.executor.instances'] ?? 2);
  return Math.max(
    numberOf('spark.executor.instances'),
    numberOf('spark.dynamicAllocation.minExecutors'),
    numberOf('spark.dynamicAllocation.initialExecutors'),
  );
}

/** Of the driver and the first executors. */
function totalRequests(submission: SparkSubmission): Record<string, string> {
  const total: Record<string, number> = { ...requestsOf(submission, 'driver') };
  const executors = initialExecutors(submission.conf);
  for (const [resource, amount] of executors > 0 ? Object.entries(requestsOf(submission, 'executor')) : []) {
    total[resource] = (total[resource] ?? 0) + executors * amount;
  }
  return quantities(total);
}

function requestsOf(submission: SparkSubmission, role: Role): ReturnType<typeof podRequests> {
  const cores = submission.conf[`spark.kubernetes.${role}.request.cores`] ?? submission.conf[`spark.${role}.cores`];
  if (cores !== undefined && !/^(?:\d+(?:\.\d*)?|\.\d+)m?$/.test(cores)) {
    refuseInvalid(
      `spec.${role}.coreRequest`,
      `"${cores}" is not a number of cores that can be added up`,
      'Write it as 1.5 or 1500m.',
    );
  }
  return podRequests(submission, role);
}

/** Exact quantities: cores in thousandths, bytes in MiB where they are a multiple. */
function quantities(amounts: Readonly<Record<string, number>>): Record<string, string> {
  const write = (resource: string, amount: number): string => {
    if (resource === 'cpu') return `${Math.ceil(Math.round(amount * 1e6) / 1e3)}m`;
    const rounded = Math.ceil(amount);
    return rounded > 0 && rounded % 1024 ** 2 === 0 ? `${rounded / 1024 ** 2}Mi` : String(rounded);
  };
  return Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, write(resource, amount)]));
}

function taskGroups({ spec }: SparkApplication, submission: SparkSubmission): unknown[] {
  const group = (role: Role, minMember: number) => {
    const { affinity, labels, nodeSelector, tolerations } = spec[role];
    return {
      name: `spark-${role}`,
      minMember,
      minResource: quantities(requestsOf(submission, role)),
      ...((spec.nodeSelector ?? nodeSelector) && { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
      ...(tolerations && { tolerations }),
      ...(affinity && { affinity }),
      ...(labels && { labels }),
    };
  };
  const executors = initialExecutors(submission.conf);
  return [group('driver', 1), ...(executors > 0 ? [group('executor', executors)] : [])];
}
