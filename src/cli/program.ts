import { Command, Help, Option } from 'commander';
import { declareBench } from './commands/bench/index.ts';
import { declareConnect } from './commands/connect/index.ts';
import { declareDescribe } from './commands/describe/index.ts';
import { declareDiff } from './commands/diff/index.ts';
import { declareDoctor } from './commands/doctor/index.ts';
import { declareGraph } from './commands/graph.ts';
import { declareCompletion } from './commands/completion/index.ts';
import { declareList } from './commands/list/index.ts';
import { declareLogs } from './commands/logs/index.ts';
import { declareManifest } from './commands/manifest.ts';
import { declareOperator } from './commands/operator.ts';
import { declarePipeline } from './commands/pipeline.ts';
import { declareQueue } from './commands/queue.ts';
import { declareRelease } from './commands/release/index.ts';
import { declareRender } from './commands/render/index.ts';
import { declareRequests } from './commands/requests.ts';
import { declareRetry } from './commands/retry.ts';
import { declareRun } from './commands/run/index.ts';
import { declareSchedule } from './commands/schedule/index.ts';
import { declareSetup } from './commands/setup.ts';
import { declareSparkSubmit } from './commands/spark-submit/index.ts';
import { declareSubmissionJob } from './commands/submission-job.ts';
import { declareSubmitterServer } from './commands/submitter-server/index.ts';
import { declareUi } from './commands/ui/index.ts';
import { declareValidate } from './commands/validate/index.ts';
import { declareWorker } from './commands/worker.ts';
import type { ExitCode } from './exit-code.ts';
import { addExamples } from './examples.ts';
import type { CommandContext } from './flags.ts';
import { declareForeignWords } from './foreign-words.ts';
import { acceptOldFlags } from './old-flags.ts';

type Declare = (program: Command, context: CommandContext) => void;

const HELP_COMMAND = ['help [command]', 'Show help for a command'] as const;

/** The commands as `--help` groups them. */
const groups: Readonly<Record<string, readonly Declare[]>> = {
  'Run:': [declareRun, declareSparkSubmit, declareRetry],
  'Watch:': [declareList, declareDescribe, declareLogs, declareUi, declareConnect, declareManifest, declareQueue],
  'Change:': [declareRequests],
  'Pipelines and Schedules:': [declarePipeline, declareSchedule],
  'Manifests:': [declareValidate, declareRender, declareGraph],
  'Operate:': [declareSetup, declareWorker, declareOperator, declareDoctor, declareRelease],
  'Submitters:': [declareDiff, declareBench, declareSubmitterServer, declareSubmissionJob],
};

/**
 * The command line. A declaration loads no implementation that needs a Temporal client, a Kubernetes client or the
 * manifest's schemas; its action does.
 */
export function createProgram(version: string, end: (code: ExitCode) => void): Command {
  const program = new Command('temporal-spark')
    .description('Apache Spark on Kubernetes as durable Temporal workflows.')
    .version(version, '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show help')
    .helpCommand(...HELP_COMMAND)
    .configureHelp({
      // The options of the command itself come before those of Temporal and Kubernetes.
      groupItems: (items, visible, groupOf) =>
        new Help().groupItems([...visible.filter((item) => groupOf(item) === 'Options:'), ...items], visible, groupOf),
    })
    .addOption(debugFlag())
    // What follows the application of spark-submit is the application's, even where it looks like an option of ours.
    .enablePositionalOptions();
  for (const [heading, declarations] of Object.entries(groups)) {
    program.commandsGroup(heading);
    for (const declare of declarations) declare(program, { version, end });
  }
  program.commandsGroup('Other Commands:');
  declareCompletion(program, { version, end });
  program.helpCommand(...HELP_COMMAND);
  declareForeignWords(program);
  for (const command of allCommands(program)) {
    if (command !== program) command.addOption(debugFlag());
    acceptOldFlags(command);
    addExamples(command);
    command.showHelpAfterError(`See '${pathOf(command)} --help'.`);
  }
  return program;
}

const debugFlag = (): Option => new Option('--debug', 'Show stack traces of errors');

/** A command with those above it, such as `temporal-spark pipeline pause`. */
export function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** A command and all below it. */
export function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}
