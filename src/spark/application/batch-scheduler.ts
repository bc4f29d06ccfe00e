import type { KubernetesObject } from '../../kubernetes/objects.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import type { SparkConf } from '../conf.ts';
import { containerMemory } from '../memory.ts';
import { sparkVersionRules } from '../spark-version.ts';
import { languageOf } from '../submitted-conf.ts';
import { refuseInvalid } from '../submission-refused.ts';
import type { Role } from './role.ts';

/** How a batch scheduler is told which pods belong together. */
type Gang = 'volcano' | 'yunikorn' | 'coscheduling';

/** The name under which the coscheduling plugin's own chart installs its scheduler. */
const COSCHEDULER = 'scheduler-plugins-scheduler';

function gangOf({ spec: { batchScheduler } }: SparkApplication): Gang | undefined {
  if (batchScheduler === 'volcano' || batchScheduler === 'yunikorn') return batchScheduler;
  return batchScheduler === COSCHEDULER ? 'coscheduling' : undefined;
}

const VOLCANO_GROUP = 'scheduling.k8s.io/group-name';

/** Labels and annotations, as configuration, that mark the pods for the batch scheduler. */
export function batchSchedulerConf(application: SparkApplication, conf: SparkConf): SparkConf {
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
          taskGroups(application, conf),
        ),
        ...(queue !== undefined && ofBothRoles('label.queue', queue)),
      };
    }
    default:
      return gang satisfies never;
  }
}

/** The PodGroup of the application, for the schedulers that have such; its minimum is the driver and first executors. */
export function podGroup(application: SparkApplication, conf: SparkConf): KubernetesObject | undefined {
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
      minResources: (isVolcano ? resources : undefined) ?? totalRequests(application, conf),
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

interface Requests {
  readonly cpu: string;
  readonly memoryMib: number;
}

function requests({ spec }: SparkApplication, role: Role, conf: SparkConf): Requests {
  return {
    cpu: conf[`spark.kubernetes.${role}.request.cores`] ?? conf[`spark.${role}.cores`] ?? '1',
    memoryMib: containerMemory(conf, role, languageOf(spec), sparkVersionRules(spec.sparkVersion)).totalMib,
  };
}

/** Executors that Spark asks for at first. */
function initialExecutors(conf: SparkConf): number {
  const numberOf = (key: string) => Number(conf[key] ?? 0);
  if (conf['spark.dynamicAllocation.enabled'] !== 'true') return Number(conf['spark.executor.instances'] ?? 2);
  return Math.max(
    numberOf('spark.executor.instances'),
    numberOf('spark.dynamicAllocation.minExecutors'),
    numberOf('spark.dynamicAllocation.initialExecutors'),
  );
}

function totalRequests(application: SparkApplication, conf: SparkConf): Record<string, string> {
  const driver = requests(application, 'driver', conf);
  const executor = requests(application, 'executor', conf);
  const executors = initialExecutors(conf);
  const cpu = millicores('driver', driver.cpu) + executors * millicores('executor', executor.cpu);
  return { cpu: `${cpu}m`, memory: `${driver.memoryMib + executors * executor.memoryMib}Mi` };
}

function millicores(role: Role, quantity: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(m)?$/.exec(quantity);
  if (match?.[1] === undefined) {
    return refuseInvalid(
      `spec.${role}.coreRequest`,
      `"${quantity}" is not a number of cores that can be added up`,
      'Write it as 1.5 or 1500m.',
    );
  }
  return Math.round(Number(match[1]) * (match[2] === 'm' ? 1 : 1000));
}

function taskGroups(application: SparkApplication, conf: SparkConf): unknown[] {
  const { spec } = application;
  const group = (role: Role, minMember: number) => {
    const { cpu, memoryMib } = requests(application, role, conf);
    const { affinity, labels, nodeSelector, tolerations } = spec[role];
    return {
      name: `spark-${role}`,
      minMember,
      minResource: { cpu, memory: `${memoryMib}Mi` },
      ...((spec.nodeSelector ?? nodeSelector) && { nodeSelector: { ...spec.nodeSelector, ...nodeSelector } }),
      ...(tolerations && { tolerations }),
      ...(affinity && { affinity }),
      ...(labels && { labels }),
    };
  };
  const executors = initialExecutors(conf);
  return [group('driver', 1), ...(executors > 0 ? [group('executor', executors)] : [])];
}
