import { InvalidArgumentError, Option, type Command } from 'commander';
import { durationMs } from '../validation/duration.ts';
import { withoutTrailing } from '../validation/trim.ts';
import type { ExitCode } from './exit-code.ts';

/** What the declaration of a command is given. */
export interface CommandContext {
  /** Version of this program. */
  readonly version: string;
  /** Sets the exit code of the process. */
  readonly end: (code: ExitCode) => void;
}

/** How `--help` groups options. */
const [OWN, TEMPORAL, KUBERNETES] = ['Options:', 'Temporal Options:', 'Kubernetes Options:'];

/** Where Temporal is, and how long to wait for it; what is absent comes from the environment and temporal.toml. */
export interface TemporalFlags {
  readonly address?: string;
  readonly temporalNamespace?: string;
  readonly profile?: string;
  readonly taskQueue?: string;
  /** Milliseconds. @default 5000 */
  readonly clientConnectTimeout?: number;
  /** Milliseconds that a request waits for a worker. @default 15000 */
  readonly answerTimeout?: number;
}

/** Adds `TemporalFlags`, without the task queue. */
export function addTemporalFlags(command: Command): Command {
  return command
    .optionsGroup(TEMPORAL)
    .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, temporal.toml, localhost:7233)')
    .option('--temporal-namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, temporal.toml, "default")')
    .option('--profile <name>', 'Profile of temporal.toml')
    .addOption(
      new Option('--client-connect-timeout <duration>', 'Timeout for the connection to Temporal')
        .argParser(duration)
        .env('TEMPORAL_SPARK_CLIENT_CONNECT_TIMEOUT')
        .default(5_000, '5s'),
    )
    .addOption(
      new Option('--answer-timeout <duration>', 'Timeout for the answer of a worker')
        .argParser(duration)
        .env('TEMPORAL_SPARK_ANSWER_TIMEOUT')
        .default(15_000, '15s'),
    )
    .optionsGroup(OWN);
}

export const taskQueueFlag = (): Option =>
  new Option('--task-queue <name>', 'Task queue of the workers').env('TEMPORAL_SPARK_TASK_QUEUE').helpGroup(TEMPORAL);

export const uiUrlFlag = (): Option =>
  new Option('--ui-url <url>', 'Base address of the Temporal UI, to print links')
    .env('TEMPORAL_SPARK_UI_URL')
    .helpGroup(TEMPORAL);

export const historyServerFlag = (): Option =>
  new Option('--history-server <url>', 'Spark History Server that reads the event logs')
    .argParser(webAddress)
    .env('TEMPORAL_SPARK_HISTORY_SERVER');

/** The Kubernetes namespace of what a command is about. */
export interface NamespaceFlags {
  readonly namespace?: string;
}

/** Adds `NamespaceFlags`. */
export const namespaceFlag = (description = 'Kubernetes namespace (default: "default")'): Option =>
  new Option('-n, --namespace <name>', description).helpGroup(KUBERNETES);

/** Which clusters a command works on. */
export interface ClusterFlags {
  /** Of the kubeconfig: this cluster alone, whatever the clusters file lists. */
  readonly kubeContext?: string;
  /** The workers' clusters file: every cluster in it. */
  readonly clustersFile?: string;
  /** Of that file: this one alone. */
  readonly cluster?: string;
}

/** Adds `ClusterFlags`. */
export function addClusterFlags(command: Command): Command {
  return command
    .optionsGroup(KUBERNETES)
    .addOption(kubeContextFlag())
    .addOption(
      new Option(
        '--clusters-file <file>',
        "Clusters file of the workers: use all of its clusters (default: the kubeconfig's cluster)",
      ).env('TEMPORAL_SPARK_CLUSTERS_FILE'),
    )
    .option('--cluster <name>', 'Use only this cluster of the clusters file')
    .optionsGroup(OWN);
}

export const kubeContextFlag = (): Option =>
  new Option('--kube-context <name>', 'Context of the kubeconfig (default: its current context)')
    .env('TEMPORAL_SPARK_KUBE_CONTEXT')
    .helpGroup(KUBERNETES);

export interface OutputFlags {
  readonly output: 'text' | 'json';
}

export const outputFlag = (): Option =>
  new Option('-o, --output <format>', 'Output format').choices(['text', 'json']).default('text');

export interface PruneFlags {
  readonly prune?: boolean;
}

export const pruneFlag = (): Option =>
  new Option('--prune', 'Drop unknown fields, as an API server does, instead of rejecting them');

/** The defaults of the workers. */
export interface DefaultsFlags {
  /** Their file. */
  readonly defaults?: string;
}

/** Adds `DefaultsFlags`. */
export const defaultsFlag = (): Option =>
  new Option('--defaults <file>', 'Defaults of the workers, for what the manifest leaves out');

export const logFormatFlag = (): Option =>
  new Option('--log-format <format>', 'Log format').choices(['text', 'json']).default('text');

export const placementFileFlag = (): Option =>
  new Option('--placement-file <file>', 'Placement configuration of the workers').env('TEMPORAL_SPARK_PLACEMENT_FILE');

export const submittersFileFlag = (): Option =>
  new Option('--submitters-file <file>', 'Submitters file of the workers: adds submitters to the built-in ones').env(
    'TEMPORAL_SPARK_SUBMITTERS_FILE',
  );

export const sparkHomeFlag = (): Option =>
  new Option('--spark-home <directory>', 'Spark whose spark-submit is run, unless the submitters file sets one').env(
    'SPARK_HOME',
  );

export const setFlag = (): Option =>
  new Option(
    '--set <path=value>',
    'Change a field of the manifest, such as spec.driver.memory=2g; may be repeated',
  ).argParser(repeated);

/** Description of the argument of commands that read manifests. */
export const MANIFEST_FILES = 'YAML or JSON files; - for standard input';
/** Description of the argument of commands about one application. */
export const APPLICATION = 'Name, namespace/name, pipeline/run/stage, or workflow id';
/** Description of the argument of commands about one pipeline run. */
export const PIPELINE_RUN = 'Name of pipeline and run: name/run, namespace/name/run, or workflow id';

/** Collects the values of an option that may be repeated. */
export const repeated = (value: string, values: readonly string[] = []): string[] => [...values, value];

/** Parses a whole number of at most nine digits. @throws InvalidArgumentError for anything else, or less than the minimum */
export function wholeNumber(minimum = 0): (text: string) => number {
  return (text) => {
    if (/^\d{1,9}$/.test(text) && Number(text) >= minimum) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number${minimum === 0 ? '' : ` of at least ${minimum}`}.`);
  };
}

/** @throws InvalidArgumentError for anything that is not a duration longer than zero */
export function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It must be a duration such as 500ms, 5s or 1m30s.');
  return ms;
}

/** Without the slash at its end. @throws InvalidArgumentError */
function webAddress(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new InvalidArgumentError('It must be a URL such as https://history.example.com.');
  }
  return withoutTrailing(text, '/');
}

/** @throws InvalidArgumentError for anything that is not a port */
export function portNumber(text: string): number {
  const port = wholeNumber(1)(text);
  if (port > 65_535) throw new InvalidArgumentError('It must be a port, from 1 to 65535.');
  return port;
}
