import type { WorkerDeploymentVersion } from '@temporalio/common';
import * as z from 'zod';
import { problemsOfMetricLabels } from '../activities/index.ts';
import type { ServedResources } from '../operator/index.ts';
import { positive } from './environment-number.ts';
import type { ReplicaOptions } from './replicas.ts';
import { present } from '../validation/present.ts';

/**
 * What a worker does besides its work: it answers probes, serves metrics, scales its replicas, reports its version, and
 * serves SparkApplication resources.
 */
export interface WorkerOperation {
  /** Where `/readyz` and `/livez` are served. @default nowhere */
  readonly health?: { readonly host: string; readonly port: number };
  /** Where Temporal's runtime serves its metrics, ours among them, for Prometheus: `host:port`. @default nowhere */
  readonly metricsAddress?: string;
  /** Labels of applications that their metrics carry; `namespace` is their namespace. At most 10. @default none */
  readonly metricsLabels?: readonly string[];
  /** Keeps the workers' own Deployment at one replica a controller node. @default left alone */
  readonly replicas?: ReplicaOptions;
  /** Serves SparkApplication resources (docs/operator.md). @default none */
  readonly operator?: ServedResources;
  /** Has Temporal route work by the version of the worker. @default unversioned */
  readonly version?: WorkerDeploymentVersion;
}

const address = z.string().regex(/^[^\s]+:\d{1,5}$/, 'Give host:port, for example 0.0.0.0:8080');

const list = z
  .string()
  .regex(/^[^,\s]+(,[^,\s]+)*$/, 'Give names separated by commas, for example etl,ml')
  .transform((text) => text.split(','));

/** The environment variables it is read from. */
export const operationVariables = {
  TEMPORAL_SPARK_HEALTH_ADDRESS: address.optional(),
  TEMPORAL_SPARK_METRICS_ADDRESS: address.optional(),
  TEMPORAL_SPARK_METRICS_LABELS: list
    .superRefine((labels, context) => {
      for (const message of problemsOfMetricLabels(labels)) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  TEMPORAL_SPARK_DEPLOYMENT: z
    .string()
    .regex(/^[^/]+\/[^/]+$/, 'Give namespace/name')
    .optional(),
  TEMPORAL_SPARK_CONTROLLER_NODES: z.string().default('node-role.kubernetes.io/control-plane'),
  TEMPORAL_SPARK_MIN_REPLICAS: positive.default(1),
  TEMPORAL_SPARK_MAX_REPLICAS: positive.default(3),
  TEMPORAL_SPARK_OPERATOR: z.enum(['true', 'false']).default('false'),
  TEMPORAL_SPARK_OPERATOR_NAMESPACES: list.optional(),
  TEMPORAL_SPARK_OPERATOR_NAMESPACE_SELECTOR: z.string().min(1).optional(),
  TEMPORAL_SPARK_OPERATOR_SELECTOR: z.string().min(1).optional(),
  TEMPORAL_SPARK_BUILD_ID: z.string().min(1).optional(),
  TEMPORAL_SPARK_DEPLOYMENT_NAME: z.string().min(1).default('temporal-spark'),
} satisfies z.ZodRawShape;

type Variables = z.output<z.ZodObject<typeof operationVariables>>;

export function operationOf(variables: Variables): WorkerOperation {
  const health = variables.TEMPORAL_SPARK_HEALTH_ADDRESS;
  const metricsAddress = variables.TEMPORAL_SPARK_METRICS_ADDRESS;
  const deployment = variables.TEMPORAL_SPARK_DEPLOYMENT?.split('/');
  const buildId = variables.TEMPORAL_SPARK_BUILD_ID;
  const colon = health?.lastIndexOf(':') ?? 0;
  return {
    ...(health === undefined
      ? {}
      : { health: { host: health.slice(0, colon), port: Number(health.slice(colon + 1)) } }),
    ...present({ metricsAddress, metricsLabels: variables.TEMPORAL_SPARK_METRICS_LABELS }),
    ...(deployment === undefined
      ? {}
      : {
          replicas: {
            namespace: deployment[0]!,
            deployment: deployment[1]!,
            nodeSelector: variables.TEMPORAL_SPARK_CONTROLLER_NODES,
            min: variables.TEMPORAL_SPARK_MIN_REPLICAS,
            max: variables.TEMPORAL_SPARK_MAX_REPLICAS,
          },
        }),
    ...(variables.TEMPORAL_SPARK_OPERATOR === 'true' ? { operator: servedResources(variables) } : {}),
    ...(buildId === undefined
      ? {}
      : { version: { deploymentName: variables.TEMPORAL_SPARK_DEPLOYMENT_NAME, buildId } }),
  };
}

function servedResources(variables: Variables): ServedResources {
  return present({
    namespaces: variables.TEMPORAL_SPARK_OPERATOR_NAMESPACES,
    namespaceSelector: variables.TEMPORAL_SPARK_OPERATOR_NAMESPACE_SELECTOR,
    selector: variables.TEMPORAL_SPARK_OPERATOR_SELECTOR,
  });
}
