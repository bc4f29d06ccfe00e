import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '..', '..');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** All of the environment that points anywhere. */
  readonly env?: Record<string, string | undefined>;
  readonly stdin?: string;
  readonly nodeArgs?: readonly string[];
  /** @default the checkout */
  readonly cwd?: string;
}

/**
 * Runs `temporal-spark` from its source in a process, as a user would. Each start takes half a second of a processor:
 * what a command answers is tested by `inProcess`.
 */
export async function cli(
  args: readonly string[],
  { env, stdin = '', nodeArgs = [], cwd = root }: CliOptions = {},
): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [...nodeArgs, join(root, 'src/cli/main.ts'), ...args],
    { cwd, env: cliEnvironment(env), extendEnv: false, input: stdin, stripFinalNewline: false, reject: false },
  );
  return { code: exitCode ?? null, stdout, stderr };
}

/** The environment of a command: nothing of this process's points it anywhere. */
export function cliEnvironment(env: CliOptions['env'] = {}): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    // Where V8 keeps compiled modules (vitest.config.ts); it changes nothing but the time that a start takes.
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    // The default is for people. A process that shares two cores with a dozen others may need longer to connect.
    TEMPORAL_SPARK_CLIENT_CONNECT_TIMEOUT: '60s',
    ...env,
  };
}

/** The arguments of `temporal-spark spark-submit` for SparkPi in the namespace. */
export function sparkSubmitArguments(name: string, namespace: string, ...args: string[]): string[] {
  return [
    ...['spark-submit', ...args, '--master', 'k8s://https://kubernetes.default.svc', '--deploy-mode', 'cluster'],
    ...['--name', name, '--class', 'org.apache.spark.examples.SparkPi', '--num-executors', '1'],
    ...['--conf', 'spark.kubernetes.container.image=spark:4.1.4'],
    ...['--conf', `spark.kubernetes.namespace=${namespace}`],
    ...['--conf', 'spark.kubernetes.authenticate.driver.serviceAccountName=spark'],
    ...['local:///opt/spark/examples/jars/spark-examples.jar', '2'],
  ];
}
