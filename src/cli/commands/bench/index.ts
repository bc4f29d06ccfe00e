import { InvalidArgumentError, type Command } from 'commander';
import {
  kubeContextFlag,
  namespaceFlag,
  outputFlag,
  sparkHomeFlag,
  submittersFileFlag,
  wholeNumber,
  type CommandContext,
} from '../../flags.ts';
import type { BenchFlags } from './bench.ts';

export function declareBench(program: Command, { end }: CommandContext): void {
  program
    .command('bench')
    .summary('Measure submitters on a cluster')
    .description('Measure submitters on a cluster with drivers that are never scheduled, and delete those drivers')
    .requiredOption('--submitter <names>', 'Submitters, separated by commas', names)
    .option('--apps <n>', 'Submissions per submitter', wholeNumber(1), 100)
    .option('--in-flight <n>', 'Concurrent submissions', wholeNumber(1), 32)
    .addOption(namespaceFlag("Kubernetes namespace of the drivers (default: the kubeconfig's namespace)"))
    .option('--spark-version <X.Y.Z>', 'Spark version of the applications (default: that of spark-submit, or 4.1.4)')
    .option('--service-account <name>', 'Service account of the drivers; it must exist', 'spark')
    .addOption(kubeContextFlag())
    .addOption(submittersFileFlag())
    .addOption(sparkHomeFlag())
    .addOption(outputFlag())
    .action(async (flags: BenchFlags) => {
      const { bench } = await import('./bench.ts');
      end(await bench(flags));
    });
}

function names(text: string): string[] {
  const found = text.split(',').filter((name) => name !== '');
  if (found.length === 0) throw new InvalidArgumentError('It must name at least one submitter.');
  return found;
}
