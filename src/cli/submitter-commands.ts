import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BenchCommandOptions } from './commands/bench/bench.ts';
import type { DiffCommandOptions } from './commands/diff/diff.ts';
import type { SubmissionJobOptions } from './commands/submission-job/submission-job.ts';
import type { ExitCode } from './exit-code.ts';
import { repeated } from './pipeline-commands.ts';

interface Helpers {
  readonly end: (code: ExitCode) => void;
  readonly output: () => Option;
  readonly prune: () => Option;
}

const submittersFile = (): Option =>
  new Option('--submitters-file <file>', 'configuration of submitters: brings those that are not built in').env(
    'TEMPORAL_SPARK_SUBMITTERS_FILE',
  );
const sparkHome = (): Option =>
  new Option('--spark-home <directory>', 'the Spark that spark-submit runs, where no file names one').env('SPARK_HOME');

/** Commands for who wants to go from one submitter to another. */
export function addSubmitterCommands(program: Command, { end, output, prune }: Helpers): void {
  program
    // Hidden: nobody but the Jobs of the submitter spark-submit-job has a use for it.
    .command('submission-job', { hidden: true })
    .description('make one submission, in the pod of a Job of the submitter spark-submit-job')
    .requiredOption('--request <file>', 'what to submit')
    .requiredOption('--directory <directory>', "shared with the container of Spark's client; empty")
    .option('--result <file>', 'where to say how it ended', '/dev/termination-log')
    .action(async (options: SubmissionJobOptions) =>
      end(await (await import('./commands/submission-job/submission-job.ts')).submissionJob(options)),
    );

  program
    .command('diff')
    .description('compare what two submitters would create of the same applications; creates nothing, asks no server')
    .argument('<path...>', 'YAML or JSON, or folders of such; - for standard input')
    .option('--from <submitter>', 'the one that submits now', 'spark-submit')
    .option('--to <submitter>', 'the one that shall', 'native')
    .addOption(submittersFile())
    .addOption(sparkHome())
    .option(
      '--allow <path>',
      'a difference that is all right, such as /Pod/spec/nodeName; * is any one step; may be repeated',
      repeated,
    )
    .option('--show-intended', 'show differences that are intended, too, each with its reason')
    .addOption(prune())
    .addOption(output())
    .addHelpText('after', '\nExit code: 0 all the same, 1 different or refused, 2 the comparison can not be made.')
    .action(async (paths: string[], options: DiffCommandOptions) =>
      end(await (await import('./commands/diff/diff.ts')).diff(paths, options)),
    );

  program
    .command('bench')
    .description('measure submitters on your cluster, with drivers that nobody schedules; removes what it made')
    .requiredOption('--submitter <names>', 'the submitters, separated by commas', list)
    .option('--apps <n>', 'submissions of each', positive, 100)
    .option('--in-flight <n>', 'submissions under way at once', positive, 32)
    .option('--kube-namespace <name>', "namespace for the drivers (default: the kubeconfig's)")
    .option('--spark-version <X.Y.Z>', 'of the applications (default: that of spark-submit, or 4.1.4)')
    .option('--service-account <name>', 'service account of the drivers; it has to be there', 'spark')
    .addOption(
      new Option('--kube-context <name>', 'context of the kubeconfig (default: its current one)').env(
        'TEMPORAL_SPARK_KUBE_CONTEXT',
      ),
    )
    .addOption(submittersFile())
    .addOption(sparkHome())
    .addOption(output())
    .action(async (options: BenchCommandOptions) =>
      end(await (await import('./commands/bench/bench.ts')).bench(options)),
    );
}

function list(text: string): string[] {
  const names = text.split(',').filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('Name at least one.');
  return names;
}

function positive(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('It has to be a whole number, at least 1.');
  return Number(text);
}
