import type { Command } from 'commander';
import { ExitCode } from '../exit-code.ts';
import { MANIFEST_FILE, pruneFlag, type CommandContext, type PruneFlags } from '../flags.ts';

export function declareRender(program: Command, { end }: CommandContext): void {
  program
    .command('render')
    .description('Print the Kubernetes objects of a manifest as YAML; creates nothing')
    .argument('<file>', MANIFEST_FILE)
    .addOption(pruneFlag())
    .action(async (file: string, flags: PruneFlags) => end(await render(file, flags)));
}

async function render(file: string, flags: PruneFlags): Promise<ExitCode> {
  const { readApplications } = await import('../read-manifests.ts');
  const { printObjects, renderedObjects } = await import('../output/rendered-objects.ts');
  printObjects((await readApplications(file, flags)).flatMap(renderedObjects));
  return ExitCode.Ok;
}
