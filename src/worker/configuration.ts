import { accessSync, constants, readFileSync } from 'node:fs';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import * as z from 'zod';
import type { KubernetesOptions } from '../kubernetes/index.ts';
import { readPlacement, type PlacementConfiguration } from '../placement/index.ts';
import { DEFAULT_TASK_QUEUE } from '../protocol/index.ts';
import type { CompanionOptions } from '../spark/index.ts';
import { resolveTimings, type Timings } from '../timings/index.ts';
import { positive } from './environment-number.ts';
import { logArchiveOf, logArchiveVariables, type LogArchiveConfiguration } from './log-archive-configuration.ts';
import { operationOf, operationVariables, type WorkerOperation } from './operation-configuration.ts';
import { present } from '../validation/present.ts';
import { readProblem } from '../validation/read-problem.ts';

/** What a worker needs to know; everything has a default. */
export interface SparkWorkerConfiguration extends WorkerOperation {
  /** @default "temporal-spark" */
  readonly taskQueue: string;
  /** @default "default" */
  readonly temporalNamespace: string;
  /** Address, TLS and credentials. @default localhost:7233 */
  readonly temporal: NativeConnectionOptions & { readonly address: string };
  /** @default the kubeconfig of the environment, or the pod's service account */
  readonly kubernetes: KubernetesOptions;
  /** File with the clusters, where there are several (docs/clusters.md). @default only `kubernetes` */
  readonly clustersFile?: string;
  /** What is created with every driver, and where its UI is reached. @default only what a manifest asks for */
  readonly companions: CompanionOptions;
  /** Which nodes Spark may use. @default those that are not of the control plane */
  readonly placement?: PlacementConfiguration;
  /** File that selects the submitter of an application; reloaded when it changes (docs/submitters.md). */
  readonly submittersFile?: string;
  /** File that limits what applications may use; reloaded when it changes (docs/security.md). @default no limits */
  readonly tenancyFile?: string;
  /** File with what applications get that their manifests leave out; reloaded when it changes (docs/defaults.md). */
  readonly defaultsFile?: string;
  /** Submissions, finalizes and other short activities at once in this process; waits do not count. @default 2000 */
  readonly maxConcurrentActivities: number;
  /** Milliseconds given to submissions and finalizes under way at shutdown; waits are left to the next worker. @default 10000 */
  readonly shutdownGraceMs: number;
  /**
   * File of a workflow bundle (`bundleWorkflowCode` of `@temporalio/worker`) that re-exports `temporal-spark/workflow-functions`,
   * with your own workflows where pipelines call them. Saves the seconds of processor time that bundling takes at
   * each start. @default the built-in workflows, bundled with the package for its version of Temporal's SDK, else at the start
   */
  readonly workflowBundleFile?: string;
  /** How long users wait for what the worker does (docs/deploy.md, Timings). @default DEFAULT_TIMINGS */
  readonly timings?: Partial<Timings>;
  /** Where the logs of drivers are kept, and of executors where asked (docs/logs.md). @default nowhere */
  readonly logArchive?: LogArchiveConfiguration;
}

/** The environment does not describe a worker; `problems` names each variable, its value and what is allowed. */
export class WorkerConfigurationError extends Error {
  override readonly name = 'WorkerConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The worker's configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

const environmentSchema = z.object({
  TEMPORAL_SPARK_TASK_QUEUE: z.string().min(1).default(DEFAULT_TASK_QUEUE),
  TEMPORAL_SPARK_KUBE_CONTEXT: z.string().min(1).optional(),
  TEMPORAL_SPARK_PLACEMENT_FILE: z.string().min(1).optional(),
  TEMPORAL_SPARK_CLUSTERS_FILE: z.string().min(1).optional(),
  ...operationVariables,
  ...logArchiveVariables,
  TEMPORAL_SPARK_MAX_CONCURRENT_ACTIVITIES: positive.default(2000),
  TEMPORAL_SPARK_SHUTDOWN_GRACE_MS: positive.default(10_000),
  TEMPORAL_SPARK_SUBMITTERS_FILE: z.string().min(1).optional(),
  TEMPORAL_SPARK_TENANCY_FILE: z.string().min(1).optional(),
  TEMPORAL_SPARK_DEFAULTS_FILE: z.string().min(1).optional(),
  TEMPORAL_SPARK_TIMINGS: z.string().min(1).optional(),
  TEMPORAL_SPARK_WORKFLOW_BUNDLE: z.string().min(1).optional(),
  TEMPORAL_SPARK_UI_INGRESS_URL: z.string().min(1).optional(),
  TEMPORAL_SPARK_INGRESS_CLASS: z.string().min(1).optional(),
  TEMPORAL_SPARK_UI_SERVICE: z.enum(['always', 'when-asked']).default('when-asked'),
  KUBECONFIG: z.string().optional(),
});

/**
 * Reads the configuration of a worker. Where Temporal is follows `@temporalio/envconfig` (`TEMPORAL_ADDRESS`,
 * `TEMPORAL_NAMESPACE`, `TEMPORAL_PROFILE`, TLS and API keys, a `temporal.toml`).
 *
 * @throws WorkerConfigurationError with every problem at once
 * @throws PlacementConfigurationError with every problem of the placement file
 */
export function loadWorkerConfiguration(environment: NodeJS.ProcessEnv = process.env): SparkWorkerConfiguration {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    throw new WorkerConfigurationError(
      parsed.error.issues.map(({ path, message }) => {
        const variable = path.join('.');
        return `${variable}=${JSON.stringify(environment[variable])}: ${message}`;
      }),
    );
  }
  const variables = parsed.data;
  const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: defined(environment) });
  return {
    taskQueue: variables.TEMPORAL_SPARK_TASK_QUEUE,
    temporalNamespace: namespace ?? 'default',
    temporal: {
      address: connectionOptions.address ?? 'localhost:7233',
      ...present({ tls: connectionOptions.tls }),
      ...(typeof connectionOptions.apiKey === 'string' ? { apiKey: connectionOptions.apiKey } : {}),
      ...present({ metadata: connectionOptions.metadata }),
    },
    kubernetes: {
      ...(variables.TEMPORAL_SPARK_KUBE_CONTEXT === undefined
        ? {}
        : { context: variables.TEMPORAL_SPARK_KUBE_CONTEXT }),
      ...present({ kubeconfig: variables.KUBECONFIG }),
    },
    companions: {
      uiServiceAlways: variables.TEMPORAL_SPARK_UI_SERVICE === 'always',
      ...(variables.TEMPORAL_SPARK_UI_INGRESS_URL === undefined
        ? {}
        : { uiIngressUrl: variables.TEMPORAL_SPARK_UI_INGRESS_URL }),
      ...(variables.TEMPORAL_SPARK_INGRESS_CLASS === undefined
        ? {}
        : { ingressClassName: variables.TEMPORAL_SPARK_INGRESS_CLASS }),
    },
    ...(variables.TEMPORAL_SPARK_CLUSTERS_FILE === undefined
      ? {}
      : { clustersFile: variables.TEMPORAL_SPARK_CLUSTERS_FILE }),
    ...placementOf(variables.TEMPORAL_SPARK_PLACEMENT_FILE),
    ...(variables.TEMPORAL_SPARK_SUBMITTERS_FILE === undefined
      ? {}
      : { submittersFile: variables.TEMPORAL_SPARK_SUBMITTERS_FILE }),
    ...present({
      tenancyFile: variables.TEMPORAL_SPARK_TENANCY_FILE,
      defaultsFile: variables.TEMPORAL_SPARK_DEFAULTS_FILE,
    }),
    ...operationOf(variables),
    ...logArchiveOf(variables),
    maxConcurrentActivities: variables.TEMPORAL_SPARK_MAX_CONCURRENT_ACTIVITIES,
    shutdownGraceMs: variables.TEMPORAL_SPARK_SHUTDOWN_GRACE_MS,
    ...timingsOf(variables.TEMPORAL_SPARK_TIMINGS),
    ...workflowBundleOf(variables.TEMPORAL_SPARK_WORKFLOW_BUNDLE),
  };
}

function defined(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function placementOf(file: string | undefined): Pick<SparkWorkerConfiguration, 'placement'> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new WorkerConfigurationError([
      `TEMPORAL_SPARK_PLACEMENT_FILE=${JSON.stringify(file)}: cannot be read (${readProblem(error)})`,
    ]);
  }
  return { placement: readPlacement(text, file) };
}

function workflowBundleOf(file: string | undefined): Pick<SparkWorkerConfiguration, 'workflowBundleFile'> {
  if (file === undefined) return {};
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new WorkerConfigurationError([
      `TEMPORAL_SPARK_WORKFLOW_BUNDLE=${JSON.stringify(file)}: cannot be read (${readProblem(error)})`,
    ]);
  }
  return { workflowBundleFile: file };
}

function timingsOf(text: string | undefined): Pick<SparkWorkerConfiguration, 'timings'> {
  if (text === undefined) return {};
  try {
    const timings = parseTimings(text);
    resolveTimings(timings);
    return { timings };
  } catch (error) {
    throw new WorkerConfigurationError([`TEMPORAL_SPARK_TIMINGS=${JSON.stringify(text)}: ${(error as Error).message}`]);
  }
}

function parseTimings(text: string): Partial<Timings> {
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError('must be a JSON object such as {"heartbeatTimeoutMs":10000}');
}
