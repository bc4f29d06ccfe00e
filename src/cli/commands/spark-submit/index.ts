import { Option, type Command } from 'commander';
import type { CommandContext } from '../../flags.ts';
import { addStartFlags } from '../run/start-flags.ts';
import { addSparkSubmitFlags, sparkSubmitCommandLine } from './flags.ts';
import type { SparkSubmitFlags } from './spark-submit.ts';

export function declareSparkSubmit(program: Command, { version, end }: CommandContext): void {
  const command = addStartFlags(addSparkSubmitFlags(program.command('spark-submit')))
    .description('Start an application with the command line of spark-submit')
    .option('--spark-version <X.Y.Z>', 'Spark version in the image (default: from the tag of the image)')
    .option('--dry-run', 'Print the Kubernetes objects; creates nothing and connects to no server')
    .addOption(
      new Option(
        '-o, --output <format>',
        'Output format (default: text, or yaml with --dry-run); manifest: with --dry-run, the SparkApplication',
      ).choices(['text', 'json', 'yaml', 'manifest']),
    )
    .option('--allow-literal-secrets', 'Accept secrets in --conf; they are recorded in the workflow history')
    .version(version, '--version', 'Show the version')
    .action(async (_resource: string | undefined, _arguments: string[], flags: SparkSubmitFlags) => {
      const { sparkSubmit } = await import('./spark-submit.ts');
      end(await sparkSubmit(sparkSubmitCommandLine(command), flags));
    });
}
