import { once } from 'node:events';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { OperatorLog } from '../../worker/operator.ts';
import { present } from '../../validation/present.ts';
import { ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  kubeContextFlag,
  logFormatFlag,
  taskQueueFlag,
  type CommandContext,
  type TemporalFlags,
} from '../flags.ts';
import { logLine, type LogFormat } from '../output/log-lines.ts';
import { withTemporal } from '../temporal.ts';

interface OperatorFlags extends TemporalFlags {
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: string;
  readonly selector?: string;
  readonly kubeContext?: string;
  readonly logFormat: LogFormat;
}

export function declareOperator(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('operator'))
    .summary('Serve SparkApplication resources')
    .description(
      'Serve SparkApplication resources (kubectl apply) until SIGINT or SIGTERM; workers run them (docs/operator.md)',
    )
    .addOption(
      new Option('--namespaces <names>', 'Namespaces of the resources, separated by commas (default: all)')
        .argParser(namespaceNames)
        .conflicts('namespaceSelector'),
    )
    .option('--namespace-selector <selector>', 'Serve the namespaces with these labels (default: all)')
    .option('--selector <selector>', 'Serve the resources with these labels (default: all)')
    .addOption(taskQueueFlag())
    .addOption(kubeContextFlag())
    .addOption(logFormatFlag())
    .action(async (flags: OperatorFlags) => end(await operator(flags)));
}

/** @throws InvalidArgumentError for an empty name, or a blank, which no namespace has */
function namespaceNames(text: string): readonly string[] {
  if (/^[^,\s]+(,[^,\s]+)*$/.test(text)) return text.split(',');
  throw new InvalidArgumentError('It must be names separated by commas, for example etl,ml.');
}

async function operator(flags: OperatorFlags): Promise<ExitCode> {
  const [{ connectKubernetes }, { Operator }, { DEFAULT_TASK_QUEUE }] = await Promise.all([
    import('../../kubernetes/index.ts'),
    import('../../worker/operator.ts'),
    import('../../protocol/index.ts'),
  ]);
  const { namespaces, namespaceSelector, selector, kubeContext, logFormat, taskQueue = DEFAULT_TASK_QUEUE } = flags;
  const log: OperatorLog = (level, message, facts) =>
    void process.stderr.write(`${logLine(logFormat, { time: new Date(), level, message, facts })}\n`);
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const kubernetes = await connectKubernetes(present({ context: kubeContext }));
  try {
    return await withTemporal(flags, async ({ client }) => {
      const served = present({ namespaces, namespaceSelector, selector });
      const running = await Operator.start(client, kubernetes, { ...served, taskQueue, log });
      const where = namespaces?.join(', ') ?? (namespaceSelector === undefined ? 'all' : `with ${namespaceSelector}`);
      console.log(
        `Serving SparkApplications of cluster ${kubernetes.cluster}, namespaces: ${where}; workers of task queue "${taskQueue}" run them`,
      );
      await stopped;
      await running.stop();
      return ExitCode.Ok;
    });
  } finally {
    kubernetes.close();
  }
}
