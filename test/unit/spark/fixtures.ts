import type { Container, KubernetesObject, Pod } from '../../../src/kubernetes/objects.ts';
import { sparkApplicationSchema, type SparkApplication } from '../../../src/manifest/spark-application.ts';
import { inspectDriver } from '../../../src/spark/driver/build-driver-objects.ts';
import {
  buildCompanionObjects,
  toSparkSubmission,
  type SparkSubmission,
  type SubmissionIdentity,
} from '../../../src/spark/index.ts';

export const identity: SubmissionIdentity = {
  submissionId: '11111111-2222-8333-8444-555555555555',
  sparkApplicationId: 'spark-11111111222283338444555555555555',
  driverPodName: 'pi-driver',
  resourceNamePrefix: 'pi-11111111',
  submitTime: 1_700_000_000_000,
  labels: { 'temporal-spark/submission-id': '11111111-2222-8333-8444-555555555555' },
  annotations: { 'temporal-spark/workflow-id': 'spark/analytics/pi' },
  finalizers: ['temporal-spark/driver-protection'],
};

export const submission: SparkSubmission = {
  namespace: 'analytics',
  appName: 'pi',
  sparkVersion: '4.1.4',
  type: 'Scala',
  mainClass: 'org.example.Pi',
  mainApplicationFile: 'local:///opt/app.jar',
  arguments: [],
  conf: { 'spark.kubernetes.container.image': 'spark:test' },
  driverPodTemplate: {},
};

export const withConf = (conf: Record<string, string>): SparkSubmission => ({
  ...submission,
  conf: { ...submission.conf, ...conf },
});

type Json = Record<string, unknown>;

/** A checked application, from a manifest that is minimal but for what is given. */
export function application(spec: Json = {}, metadata: Json = {}): SparkApplication {
  return sparkApplicationSchema.parse(manifest(spec, metadata));
}

export function manifest(spec: Json = {}, metadata: Json = {}): unknown {
  const { driver, executor, ...rest } = spec as { driver?: Json; executor?: Json };
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name: 'pi', namespace: 'analytics', ...metadata },
    spec: {
      type: 'Scala',
      sparkVersion: '4.1.4',
      image: 'spark:test',
      mainClass: 'org.example.Pi',
      mainApplicationFile: 'local:///opt/app.jar',
      ...rest,
      driver: { ...driver },
      executor: { ...executor },
    },
  };
}

/** All that an application becomes, whether an API server would take it or not. */
export function render(checked: SparkApplication): { pod: Pod; dependents: KubernetesObject[] } {
  const translated = toSparkSubmission(checked);
  const { pod, dependents } = inspectDriver(translated, identity).objects;
  return { pod, dependents: [...dependents, ...buildCompanionObjects(checked, translated, identity)] };
}

/** The container that runs Spark comes last. */
export const sparkContainer = (pod: Pod): Container => pod.spec!.containers.at(-1)!;

export const ofKind = <T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string): T[] =>
  objects.filter((object) => object.kind === kind) as T[];
