import type { SparkApplicationManifest } from '../../src/manifest/index.ts';

/** A small SparkApplication; `annotations` of its driver define how long it runs on simulated nodes and how it ends. */
export function sparkPi({
  name = 'spark-pi',
  namespace = 'default',
  image = 'spark:4.1.4',
  annotations = {},
  mainClass = 'org.apache.spark.examples.SparkPi',
  args = ['2'],
}: {
  name?: string;
  namespace?: string;
  image?: string;
  annotations?: Record<string, string>;
  mainClass?: string;
  args?: string[];
} = {}): SparkApplicationManifest {
  return {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name, namespace },
    spec: {
      type: 'Scala',
      mode: 'cluster',
      sparkVersion: '4.1.4',
      image,
      imagePullPolicy: 'IfNotPresent',
      mainClass,
      mainApplicationFile: 'local:///opt/spark/examples/jars/spark-examples.jar',
      arguments: args,
      driver: { coreRequest: '200m', memory: '512m', serviceAccount: 'spark', annotations },
      executor: { instances: 1, coreRequest: '200m', memory: '512m' },
    },
  };
}

/** The driver of a simulated run stays until it is deleted, or its pod's status is changed. */
export const RUN_FOREVER = { 'lab.temporal-spark/run-seconds': 'forever' };
