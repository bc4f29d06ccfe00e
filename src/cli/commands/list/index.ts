import { Argument, Option, type Command } from 'commander';
import type { ListedKind } from '../../../client/index.ts';
import { addTemporalFlags, namespaceFlag, repeated, wholeNumber, type CommandContext } from '../../flags.ts';
import type { ListFlags } from './list.ts';

export function declareList(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('list'))
    .summary('List applications or pipeline runs')
    .description('List applications or pipeline runs: running ones first, then the most recent')
    .addArgument(new Argument('[what]', 'What to list').choices(['applications', 'pipelines']).default('applications'))
    .addOption(namespaceFlag('Only those of this Kubernetes namespace (default: all)').conflicts('allNamespaces'))
    .option('-A, --all-namespaces', 'Those of all Kubernetes namespaces; the default')
    .option('--state <state>', 'Only those in this state, such as RUNNING; may be repeated', repeated)
    .option('--since <when>', 'Only those started since: a duration such as 90m or 24h, or a time such as 2026-11-20')
    .option('--no-stages', 'Leave out the stages of pipelines')
    .option('--limit <n>', 'Maximum number of rows', wholeNumber(), 100)
    .option('-w, --watch', 'Print the list again after each change, until Ctrl-C', false)
    .addOption(
      new Option(
        '-o, --output <format>',
        'Output format; wide also reads attempts and ends: a request or two each, 16 applications at once, for 10 s at most',
      )
        .choices(['table', 'wide', 'name', 'yaml', 'json'])
        .default('table'),
    )
    .action(async (what: ListedKind, flags: ListFlags) => {
      const { list } = await import('./list.ts');
      end(await list(what, flags));
    });
}
