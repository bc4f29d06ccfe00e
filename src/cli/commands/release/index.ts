import type { Command } from 'commander';
import { addClusterFlags, addTemporalFlags, outputFlag, type CommandContext } from '../../flags.ts';
import { addHousekeepingFlags } from '../setup.ts';
import type { ReleaseFlags } from './release.ts';

export function declareRelease(program: Command, { end }: CommandContext): void {
  addClusterFlags(addHousekeepingFlags(addTemporalFlags(program.command('release')), { graceSeconds: 0 }))
    .summary('Remove the finalizer from orphaned drivers')
    .description('Remove the finalizer from drivers whose workflow is closed or no longer known to Temporal')
    .option('--all', 'From every driver, of running applications too: before uninstalling; needs no Temporal')
    .option('--yes', 'Confirm --all')
    .option('--dry-run', 'Print the drivers that would be released; releases none')
    .addOption(outputFlag())
    .action(async (flags: ReleaseFlags) => {
      const { release } = await import('./release.ts');
      end(await release(flags));
    });
}
