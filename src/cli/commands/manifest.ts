import { Option, type Command } from 'commander';
import { ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  APPLICATION,
  namespaceFlag,
  type CommandContext,
  type NamespaceFlags,
  type TemporalFlags,
} from '../flags.ts';
import { withTemporal } from '../temporal.ts';

interface ManifestFlags extends TemporalFlags, NamespaceFlags {
  readonly output: 'yaml' | 'json';
}

export function declareManifest(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('manifest'))
    .summary('Print the manifest of an application or pipeline run')
    .description('Print the manifest of an application or pipeline run, from its workflow or its history')
    .argument('<application>', APPLICATION)
    .addOption(namespaceFlag())
    .addOption(new Option('-o, --output <format>', 'Output format').choices(['yaml', 'json']).default('yaml'))
    .action(async (name: string, flags: ManifestFlags) => end(await manifest(name, flags)));
}

async function manifest(name: string, flags: ManifestFlags): Promise<ExitCode> {
  const { findExecution } = await import('../find-execution.ts');
  return withTemporal(flags, async (temporal) => {
    const { workflowId, isPipeline } = await findExecution(temporal, name, flags.namespace);
    const { spark } = temporal;
    const recorded = await (isPipeline ? spark.pipelines.manifest(workflowId) : spark.manifest(workflowId));
    if (recorded.source === 'start') {
      console.error(
        `Note: no worker answered: this is the manifest that ${workflowId} was started with, without later updates.`,
      );
    }
    const { stringify } = await import('yaml');
    const { manifest: document } = recorded;
    console.log(flags.output === 'json' ? JSON.stringify(document) : stringify(document, { lineWidth: 0 }).trimEnd());
    return ExitCode.Ok;
  });
}
