import { Option, type Command } from 'commander';
import {
  addClusterFlags,
  addTemporalFlags,
  APPLICATION,
  historyServerFlag,
  namespaceFlag,
  placementFileFlag,
  portNumber,
  type CommandContext,
} from '../../flags.ts';
import type { UiFlags } from './ui.ts';

export function declareUi(program: Command, { end }: CommandContext): void {
  addClusterFlags(addTemporalFlags(program.command('ui')))
    .summary("Open Spark's own UI")
    .description(
      "Print a link to Spark's own UI. Of a running driver, a local port is forwarded to it until the driver ends or " +
        'Ctrl-C. Of an application that has ended, the link is of the history server that is set, or else of one that ' +
        'runs in the cluster until Ctrl-C and reads the event log. Exit code 1 without a UI.',
    )
    .argument('<application>', APPLICATION)
    .addOption(namespaceFlag())
    .addOption(new Option('--port <port>', 'Local port (default: a free one)').argParser(portNumber))
    .addOption(historyServerFlag())
    .option('--no-server', 'Start no history server in the cluster')
    .addOption(placementFileFlag())
    .action(async (application: string, flags: UiFlags) => {
      const { ui } = await import('./ui.ts');
      end(await ui(application, flags));
    });
}
