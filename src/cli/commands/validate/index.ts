import { Option, type Command } from 'commander';
import { addClusterFlags, defaultsFlag, pruneFlag, type CommandContext } from '../../flags.ts';
import type { ValidateFlags } from './validate.ts';

export function declareValidate(program: Command, { end }: CommandContext): void {
  addClusterFlags(program.command('validate'))
    .description('Check manifests and print all problems')
    .argument('<path...>', 'YAML or JSON file, folder, or pattern such as "jobs/*.yaml"; - for standard input')
    .addOption(pruneFlag())
    .addOption(defaultsFlag())
    .addOption(
      new Option(
        '-o, --output <format>',
        'Output format; github prints annotations, which GitHub Actions shows at the line',
      )
        .choices(['text', 'json', 'github'])
        .default('text'),
    )
    .option('--server', 'Ask the API server, too: a dry run of every object, which creates nothing')
    .action(async (paths: string[], flags: ValidateFlags) => {
      const { validate } = await import('./validate.ts');
      end(await validate(paths, flags));
    });
}
