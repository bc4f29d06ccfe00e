import type { Command } from 'commander';
import { kubeContextFlag, MANIFEST_FILES, outputFlag, pruneFlag, repeated, type CommandContext } from '../../flags.ts';
import { addStartFlags, type RunFlags } from './start-flags.ts';

export function declareRun(program: Command, { end }: CommandContext): void {
  addStartFlags(program.command('run'))
    .description('Start the applications or pipelines of manifests')
    .argument('<file...>', MANIFEST_FILES)
    .option('-f, --follow', 'Show state changes until the applications or pipelines end', false)
    .option('-p, --parameter <name=value>', 'Parameter of a pipeline; may be repeated', repeated)
    .option('--run <name>', 'Name of the pipeline run, such as 2026-11-20 (default: the current time)')
    .option('--with-others', 'Create the objects of other kinds in the files first; what exists is left unchanged')
    .addOption(kubeContextFlag())
    .addOption(pruneFlag())
    .addOption(outputFlag())
    .action(async (files: string[], flags: RunFlags) => {
      const { run } = await import('./run.ts');
      end(await run(files, flags));
    });
}
