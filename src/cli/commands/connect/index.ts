import { Option, type Command } from 'commander';
import { addClusterFlags, duration, namespaceFlag, portNumber, type CommandContext } from '../../flags.ts';
import type { ConnectFlags } from './connect.ts';

export function declareConnect(program: Command, { end }: CommandContext): void {
  addClusterFlags(program.command('connect'))
    .summary('Print the address of a Spark Connect session')
    .description(
      'Print the sc:// address of a Spark Connect session (a SparkConnect resource): that of its Ingress or Gateway ' +
        'route, else the one within the cluster. A server that was stopped because it was idle is started, and waited ' +
        'for. With --forward, a local port is forwarded to it until Ctrl-C.',
    )
    .argument('<session>', 'Name of the SparkConnect, or namespace/name')
    .addOption(namespaceFlag())
    .option('--forward', 'Forward a local port to the server, and print its address')
    .addOption(new Option('--port <port>', 'Local port; implies --forward (default: a free one)').argParser(portNumber))
    .addOption(
      new Option('--timeout <duration>', 'Timeout for the server to answer')
        .argParser(duration)
        .default(600_000, '10m'),
    )
    .action(async (session: string, flags: ConnectFlags) => {
      const { connect } = await import('./connect.ts');
      end(await connect(session, flags));
    });
}
