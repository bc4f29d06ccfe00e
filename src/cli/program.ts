import { Command, Option } from 'commander';
import type { TemporalOptions } from './temporal.ts';
import type { describe } from './commands/describe.ts';
import type { RunOptions } from './commands/run.ts';
import type { WorkerOptions } from './commands/worker.ts';
import type { ExitCode } from './exit-code.ts';

type PruneOptions = { readonly prune?: boolean };

/**
 * The command line. Each command's code is loaded when it runs: `--help` and `validate` need neither a Temporal client
 * nor a Kubernetes one.
 */
export function createProgram(version: string, end: (code: ExitCode) => void): Command {
  const program = new Command('temporal-spark')
    .description('Apache Spark on Kubernetes as durable Temporal workflows.')
    .version(version)
    .option('--debug', 'show stack traces of errors')
    .showHelpAfterError()
    .configureHelp({ showGlobalOptions: true });

  const output = () => new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text');
  const prune = () => new Option('--prune', 'drop unknown fields, as an API server would, instead of refusing them');
  const temporal = (command: Command) =>
    command
      .option('--address <host:port>', 'Temporal server (default: TEMPORAL_ADDRESS, temporal.toml, localhost:7233)')
      .option('--namespace <name>', 'Temporal namespace (default: TEMPORAL_NAMESPACE, temporal.toml, "default")')
      .option('--profile <name>', 'profile of temporal.toml');

  temporal(program.command('run'))
    .description('start the applications of a manifest')
    .argument('<file>', 'YAML or JSON; - for standard input')
    .option('-f, --follow', 'show states as they change, and end as the application ends', false)
    .addOption(
      new Option('--conflict <what>', 'while the same application runs: fail, or attach to it')
        .choices(['fail', 'attach'])
        .default('fail'),
    )
    .addOption(new Option('--task-queue <name>', 'task queue of the workers').env('TEMPORAL_SPARK_TASK_QUEUE'))
    .addOption(new Option('--ui-url <url>', "address of Temporal's UI, to print links").env('TEMPORAL_SPARK_UI_URL'))
    .addOption(prune())
    .addOption(output())
    .action(async (file: string, options: RunOptions) =>
      end(await (await import('./commands/run.ts')).run(file, options)),
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
    .description('print the state of an application')
    .argument('<application>', 'name, namespace/name, or workflow id')
    .addOption(output())
    .action(async (application: string, options: Parameters<typeof describe>[1]) =>
      end(await (await import('./commands/describe.ts')).describe(application, options)),
    );

  temporal(program.command('kill'))
    .description('stop an application gracefully')
    .argument('<application>', 'name, namespace/name, or workflow id')
    .action(async (application: string, options: TemporalOptions) =>
      end(await (await import('./commands/kill.ts')).kill(application, options)),
    );

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

  return program;
}
