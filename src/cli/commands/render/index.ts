import type { Command } from 'commander';
import { defaultsFlag, MANIFEST_FILE, pruneFlag, type CommandContext } from '../../flags.ts';
import type { RenderFlags } from './render.ts';

export function declareRender(program: Command, { end }: CommandContext): void {
  program
    .command('render')
    .description('Print the Kubernetes objects of a manifest as YAML; creates nothing')
    .argument('<file>', MANIFEST_FILE)
    .addOption(pruneFlag())
    .addOption(defaultsFlag())
    .option('--explain', 'Print the Spark configuration instead, with the source of each value')
    .action(async (file: string, flags: RenderFlags) => {
      const { render } = await import('./render.ts');
      end(await render(file, flags));
    });
}
