import type { Container } from '../kubernetes/objects.ts';
import { withPrefix, type SparkConf } from './conf.ts';
import { containerMemory } from './memory.ts';
import { sparkVersionRules } from './spark-version.ts';
import { languageOf } from './submitted-conf.ts';
import type { SparkSubmission } from './submission.ts';

/**
 * What the containers of a driver, or of one executor, request: quantities by resource, one map a container. Spark
 * decides its own container's; sidecars have what their template says.
 *
 * @throws SubmissionRefused where a size can't be read
 */
export function podRequests(submission: SparkSubmission, role: 'driver' | 'executor'): Record<string, string>[] {
  const { conf } = submission;
  const template = role === 'driver' ? submission.driverPodTemplate : submission.executorPodTemplate;
  const containers: readonly Container[] = template?.spec?.containers ?? [];
  const name = conf[`spark.kubernetes.${role}.podTemplateContainerName`];
  const spark = containers.find((container) => container.name === name) ?? containers[0];
  const { totalMib } = containerMemory(conf, role, languageOf(submission), sparkVersionRules(submission.sparkVersion));
  return [
    {
      ...requestsOf(spark),
      ...customResources(conf, role),
      cpu: conf[`spark.kubernetes.${role}.request.cores`] ?? conf[`spark.${role}.cores`] ?? '1',
      memory: `${totalMib}Mi`,
    },
    ...containers.filter((container) => container !== spark).map(requestsOf),
  ];
}

/** Limits stand in for requests that are not given, as the API server has it. */
const requestsOf = ({ resources }: Partial<Container> = {}): Record<string, string> => ({
  ...resources?.limits,
  ...resources?.requests,
});

/** `spark.executor.resource.gpu.{amount,vendor}` as `vendor/gpu`. */
function customResources(conf: SparkConf, role: string): Record<string, string> {
  const entries = withPrefix(conf, `spark.${role}.resource.`);
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, amount]) => {
      const resource = /^(.+)\.amount$/.exec(name)?.[1];
      const vendor = resource === undefined ? undefined : entries[`${resource}.vendor`];
      return vendor === undefined ? [] : [[`${vendor}/${resource}`, amount]];
    }),
  );
}
