import type { Container, PodSpec } from '../kubernetes/objects.ts';
import { quantity } from '../validation/quantity.ts';
import { withPrefix, type SparkConf } from './spark-conf.ts';
import { containerMemory } from './memory.ts';
import { sparkVersionRules } from './spark-version.ts';
import { languageOf } from './driver/effective-conf.ts';
import type { SparkSubmission } from './submission.ts';

/** Amounts by resource, in base units: cores, bytes, pieces. */
type Amounts = Record<string, number>;

/**
 * What a driver, or one executor, requests of its node, by resource, as the scheduler counts it: its containers
 * together, or an init container where that needs more, and the overhead of its runtime class. Spark decides its own
 * container's; the others have what their template sets.
 *
 * @throws SubmissionRefused where a size of Spark's cannot be read
 */
export function podRequests(submission: SparkSubmission, role: 'driver' | 'executor'): Readonly<Amounts> {
  const { conf } = submission;
  const template = role === 'driver' ? submission.driverPodTemplate : submission.executorPodTemplate;
  const pod: Partial<PodSpec> = template?.spec ?? {};
  const { containers = [], initContainers = [] } = pod;
  const name = conf[`spark.kubernetes.${role}.podTemplateContainerName`];
  const spark = containers.find((container) => container.name === name) ?? containers[0];
  const { totalMib } = containerMemory(conf, role, languageOf(submission), sparkVersionRules(submission.sparkVersion));
  const ofSpark = {
    ...requestsOf(spark),
    ...customResources(conf, role),
    cpu: quantity(conf[`spark.kubernetes.${role}.request.cores`] ?? conf[`spark.${role}.cores`] ?? '1'),
    memory: totalMib * 1024 ** 2,
  };
  const others = containers.filter((container) => container !== spark).map(requestsOf);
  const { atOnce, alongside } = initRequests(initContainers);
  const running = [ofSpark, ...others, alongside].reduce(sum);
  // The pod's own requests, where it has some, take the place of what its containers add up to.
  return sum({ ...max(running, atOnce), ...requestsOf(pod) }, amounts(pod.overhead));
}

/**
 * Init containers run one by one, except those that restart always: these continue to run with the ones after them and
 * the containers.
 */
function initRequests(containers: readonly Container[]): { readonly atOnce: Amounts; readonly alongside: Amounts } {
  return containers.reduce<{ atOnce: Amounts; alongside: Amounts }>(
    ({ atOnce, alongside }, container) => {
      const together = sum(alongside, requestsOf(container));
      return {
        atOnce: max(atOnce, together),
        alongside: container.restartPolicy === 'Always' ? together : alongside,
      };
    },
    { atOnce: {}, alongside: {} },
  );
}

/** Limits stand in for requests that are not given, as the API server has it. */
const requestsOf = ({ resources }: Pick<Container, 'resources'> = {}): Amounts => ({
  ...amounts(resources?.limits),
  ...amounts(resources?.requests),
});

/** `spark.executor.resource.gpu.{amount,vendor}` as `vendor/gpu`. */
function customResources(conf: SparkConf, role: string): Amounts {
  const entries = withPrefix(conf, `spark.${role}.resource.`);
  return Object.fromEntries(
    Object.entries(entries).flatMap(([name, amount]) => {
      const resource = /^(.+)\.amount$/.exec(name)?.[1];
      const vendor = resource === undefined ? undefined : entries[`${resource}.vendor`];
      return vendor === undefined ? [] : [[`${vendor}/${resource}`, quantity(amount)]];
    }),
  );
}

const amounts = (quantities: Readonly<Record<string, string>> = {}): Amounts =>
  Object.fromEntries(Object.entries(quantities).map(([resource, text]) => [resource, quantity(text)]));

const sum = (a: Amounts, b: Amounts): Amounts => merged(a, b, (first, second) => first + second);
const max = (a: Amounts, b: Amounts): Amounts => merged(a, b, Math.max);

function merged(a: Amounts, b: Amounts, merge: (first: number, second: number) => number): Amounts {
  const result: Amounts = { ...a };
  for (const [resource, amount] of Object.entries(b)) result[resource] = merge(result[resource] ?? 0, amount);
  return result;
}
