import { Option, type Command } from 'commander';
import { defaultsFlag, MANIFEST_FILES, pruneFlag, type CommandContext } from '../../flags.ts';
import type { RenderFlags } from './render.ts';

export function declareRender(program: Command, { end }: CommandContext): void {
  program
    .command('render')
    .summary('Print the Kubernetes objects of manifests')
    .description(
      'Print the Kubernetes objects of manifests; creates nothing. Of a pipeline or a schedule, those of one run: what ' +
        'only a run knows is made up, such as parameters without a default and outputs of stages.',
    )
    .argument('<file...>', MANIFEST_FILES)
    .addOption(pruneFlag())
    .addOption(defaultsFlag())
    .addOption(
      new Option('-o, --output <format>', 'Output format; json is one List').choices(['yaml', 'json']).default('yaml'),
    )
    .addOption(
      new Option('--explain', 'Print the Spark configuration instead, with the source of each value').conflicts(
        'output',
      ),
    )
    .action(async (files: string[], flags: RenderFlags) => {
      const { render } = await import('./render.ts');
      end(await render(files, flags));
    });
}
