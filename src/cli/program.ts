import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { ListedKind } from '../client/index.ts';
import { durationMs } from '../validation/duration.ts';
import type { TemporalOptions } from './temporal.ts';
import type { DescribeOptions } from './commands/describe/describe.ts';
import type { queue } from './commands/queue.ts';
import type { ListCommandOptions } from './commands/list.ts';
import type { KillOptions } from './commands/requests.ts';
import type { ReleaseCommandOptions } from './commands/release/release.ts';
import type { DoctorOptions } from './commands/doctor/doctor.ts';
import type { SetupCommandOptions } from './commands/setup.ts';
import type { SparkSubmitOptions } from './commands/spark-submit/spark-submit.ts';
import type { WorkerOptions } from './commands/worker.ts';
import type { ExitCode } from './exit-code.ts';
import { addPipelineCommands, repeated } from './pipeline-commands.ts';
import { addSubmitterCommands } from './submitter-commands.ts';
import { addScheduleCommands } from './schedule-commands.ts';
import { addSparkSubmitFlags, sparkSubmitCommandLine } from './commands/spark-submit/flags.ts';
import type { RunOptions } from './commands/run/start-flags.ts';
import { addSubmitterServerCommand } from './commands/submitter-server/index.ts';

const APPLICATION = 'name, namespace/name, or workflow id';

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number.');
  return Number(text);
}

/** @throws InvalidArgumentError for what is not longer than nothing */
function duration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('It must be a duration such as 500ms, 5s or 1m30s.');
  return ms;
}

const debug = () => new Option('--debug', 'show stack traces of errors');

type PruneOptions = { readonly prune?: boolean };

/**
 * The command line. Each command's code is loaded when it runs: `--help` and `validate` need neither a Temporal client
 * nor a Kubernetes one.
 */
export function createProgram(version: string, end: (code: ExitCode) => void): Command {
  const program = new Command('temporal-spark')
    .description('Apache Spark on Kubernetes as durable Temporal workflows.')
    .version(version)
    .addOption(debug())
    .showHelpAfterError()
    // What follows the application of spark-submit is the application's, even where it looks like an option of ours.
    .enablePositionalOptions();

  const output = () => new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text');
  const prune = () => new Option('--prune', 'drop unknown fields, as an API server would, instead of refusing them');
  const temporal = (command: Command) =>
    command
      .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, temporal.toml, localhost:7233)')
      .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, temporal.toml, "default")')
      .option('--profile <name>', 'profile of temporal.toml')
      .addOption(
        new Option('--client-connect-timeout <duration>', 'how long to wait for a connection to Temporal')
          .argParser(duration)
          .env('TEMPORAL_SPARK_CLIENT_CONNECT_TIMEOUT')
          .default(5_000, '5s'),
      );

  const starting = (command: Command) =>
    temporal(command)
      .addOption(
        new Option('--conflict <what>', 'while the same application runs: fail, or attach to it')
          .choices(['fail', 'attach'])
          .default('fail'),
      )
      .addOption(new Option('--task-queue <name>', 'task queue of the workers').env('TEMPORAL_SPARK_TASK_QUEUE'))
      .addOption(new Option('--ui-url <url>', "address of Temporal's UI, to print links").env('TEMPORAL_SPARK_UI_URL'));

  starting(program.command('run'))
    .description('start the applications or the pipelines of a manifest')
    .argument('<file>', 'YAML or JSON; - for standard input')
    .option('-f, --follow', 'show states as they change, and end as the application or pipeline ends', false)
    .option('-p, --parameter <name=value>', 'parameter of a pipeline; may be repeated', repeated)
    .option('--run <name>', 'what the run of a pipeline is called, such as 2026-11-20 (default: the time)')
    .addOption(prune())
    .addOption(output())
    .action(async (file: string, options: RunOptions) =>
      end(await (await import('./commands/run/run.ts')).run(file, options)),
    );

  const submit = starting(addSparkSubmitFlags(program.command('spark-submit')))
    .description('start an application by the command line of spark-submit')
    .addOption(new Option('--spark-version <X.Y.Z>', "Spark in the image (default: by the image's tag)"))
    .addOption(new Option('--dry-run', 'print the objects it becomes; create nothing and ask no server'))
    .addOption(
      new Option('-o, --output <format>', 'how to print (default: text, or yaml with --dry-run)').choices([
        'text',
        'json',
        'yaml',
      ]),
    )
    .addOption(new Option('--allow-literal-secrets', "accept secrets in --conf; they stay in the workflow's history"))
    .version(version, '--version')
    .action(async (_resource: string | undefined, _arguments: string[], options: SparkSubmitOptions) =>
      end(
        await (
          await import('./commands/spark-submit/spark-submit.ts')
        ).sparkSubmit(sparkSubmitCommandLine(submit), options),
      ),
    );

  program
    .command('validate')
    .description('check manifests and print every problem at once; asks no server')
    .argument('<file...>', 'YAML or JSON; - for standard input')
    .addOption(prune())
    .action(async (files: string[], options: PruneOptions) =>
      end(await (await import('./commands/validate.ts')).validate(files, options)),
    );

  program
    .command('render')
    .description('print the objects a manifest becomes, as YAML; creates nothing')
    .argument('<file>', 'YAML or JSON; - for standard input')
    .addOption(prune())
    .action(async (file: string, options: PruneOptions) =>
      end(await (await import('./commands/render.ts')).render(file, options)),
    );

  temporal(program.command('describe'))
    .description('print the state of an application, or of a pipeline with its stages')
    .argument('<application>', APPLICATION)
    .option('-w, --watch', 'print it anew whenever something has changed, until it has ended', false)
    .addOption(output())
    .action(async (application: string, options: DescribeOptions) =>
      end(await (await import('./commands/describe/describe.ts')).describe(application, options)),
    );

  temporal(program.command('list'))
    .description('list applications, or runs of pipelines: what runs first, then what has ended, newest first')
    .addArgument(new Argument('[what]', 'what to list').choices(['applications', 'pipelines']).default('applications'))
    .option('--kube-namespace <name>', 'only those of a namespace of Kubernetes')
    .option('--state <state>', 'only those in this state, such as RUNNING; may be repeated', repeated)
    .option('--since <when>', 'only those started since: a duration such as 90m or 24h, or a time such as 2026-11-20')
    .addOption(new Option('--limit <n>', 'how many at most').argParser(wholeNumber).default(100))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['table', 'json']).default('table'))
    .action(async (what: ListedKind, options: ListCommandOptions) =>
      end(await (await import('./commands/list.ts')).list(what, options)),
    );

  temporal(program.command('queue'))
    .description('print who is let onto a pool that takes a limited number of applications, and who waits')
    .argument('[pool]', 'name of the pool (default: all that somebody is in)')
    .addOption(output())
    .action(async (pool: string | undefined, options: Parameters<typeof queue>[1]) =>
      end(await (await import('./commands/queue.ts')).queue(pool, options)),
    );

  const requests = async () => import('./commands/requests.ts');
  const asking = (name: string, description: string) =>
    temporal(program.command(name)).description(description).argument('<application>', APPLICATION);

  asking('kill', 'stop an application gracefully')
    .option('--reason <text>', 'why, for the record')
    .addOption(new Option('--grace-period <seconds>', 'between SIGTERM and SIGKILL').argParser(wholeNumber))
    .action(async (application: string, options: KillOptions) =>
      end(await (await requests()).kill(application, options)),
    );

  asking('suspend', 'stop the driver, and keep the application until it is resumed').action(
    async (application: string, options: TemporalOptions) =>
      end(await (await requests()).suspend(application, options)),
  );

  asking('resume', 'submit a suspended application again').action(
    async (application: string, options: TemporalOptions) => end(await (await requests()).resume(application, options)),
  );

  asking('restart', 'replace the driver at once, with no failure counted').action(
    async (application: string, options: TemporalOptions) =>
      end(await (await requests()).restart(application, options)),
  );

  temporal(program.command('update'))
    .description('replace the manifests of running applications; drivers are replaced where the spec differs')
    .argument('<file>', 'YAML or JSON; - for standard input')
    .addOption(prune())
    .action(async (file: string, options: TemporalOptions & PruneOptions) =>
      end(await (await requests()).update(file, options)),
    );

  addSubmitterCommands(program, { end, output, prune });
  addPipelineCommands(program, { temporal, end });
  addScheduleCommands(program, { temporal, end, output });

  program
    .command('worker')
    .description('run a worker until SIGINT or SIGTERM; settings come from the environment (see the README)')
    .addOption(new Option('--log-format <format>', 'how to log').choices(['text', 'json']).default('text'))
    .addOption(
      new Option('--log-level <level>', 'from which level on to log')
        .choices(['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'])
        .default('WARN'),
    )
    .action(async (options: WorkerOptions) => end(await (await import('./commands/worker.ts')).worker(options)));

  addSubmitterServerCommand(program, end);

  const housekeeping = (command: Command) =>
    temporal(command)
      .option('--kube-namespace <name>', 'namespace of Kubernetes, may be repeated (default: all)', repeated)
      .option('--grace-seconds <n>', 'youngest driver that is looked at (default: 60)', wholeNumber)
      .option(
        '--unknown-grace-seconds <n>',
        'time after its end until a driver is released whose workflow Temporal does not know (default: 3600)',
        wholeNumber,
      );

  const ofClusters = (command: Command): Command =>
    command
      .addOption(
        new Option(
          '--kube-context <name>',
          'this cluster alone: context of the kubeconfig (default: its current one)',
        ).env('TEMPORAL_SPARK_KUBE_CONTEXT'),
      )
      .addOption(
        new Option('--clusters-file <file>', "all clusters of the workers' file (default: that of the kubeconfig)").env(
          'TEMPORAL_SPARK_CLUSTERS_FILE',
        ),
      )
      .option('--cluster <name>', 'of these clusters, one alone');

  housekeeping(program.command('setup'))
    .description("prepare Temporal's namespace: the schedule of housekeeping, and search attributes; may be repeated")
    .addOption(new Option('--task-queue <name>', 'task queue of the workers').env('TEMPORAL_SPARK_TASK_QUEUE'))
    .option('--every-seconds <n>', 'how often housekeeping runs', atLeast(10), 300)
    .action(async (options: SetupCommandOptions) => end(await (await import('./commands/setup.ts')).setup(options)));

  ofClusters(housekeeping(program.command('release')))
    .description('take the finalizer off drivers whose workflow can not: it is closed, or its history is gone')
    .option('--all', 'off every driver, of applications that run, too: before uninstalling; asks no Temporal')
    .option('--yes', 'confirms --all')
    .option('--dry-run', 'print what would be released; release nothing')
    .addOption(output())
    .action(async (options: ReleaseCommandOptions) =>
      end(await (await import('./commands/release/release.ts')).release(options)),
    );

  ofClusters(temporal(program.command('doctor')))
    .description('check Temporal, the cluster, rights, nodes and workers, and say what to do about what is wrong')
    .addOption(new Option('--task-queue <name>', 'task queue of the workers').env('TEMPORAL_SPARK_TASK_QUEUE'))
    .option('--kube-namespace <name>', "namespace of applications (default: the kubeconfig's)")
    .addOption(
      new Option('--placement-file <file>', "the workers' placement configuration").env(
        'TEMPORAL_SPARK_PLACEMENT_FILE',
      ),
    )
    .addOption(
      new Option('--isolated [rights]', "workers submit with the rights of each application's service account")
        .choices(['impersonation', 'token'])
        .preset('impersonation'),
    )
    .option('--manifest <file>', 'applications that are to run: which nodes could take their pods')
    .addOption(output())
    .action(async (options: DoctorOptions) =>
      end(await (await import('./commands/doctor/doctor.ts')).doctor(options, version)),
    );

  for (const command of allCommands(program)) if (command !== program) command.addOption(debug());
  return program;
}

function atLeast(minimum: number): (value: string) => number {
  return (value) => {
    if (/^\d+$/.test(value) && Number(value) >= minimum) return Number(value);
    throw new InvalidArgumentError(`It must be a whole number of seconds, at least ${minimum}.`);
  };
}

/** A command and all below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
