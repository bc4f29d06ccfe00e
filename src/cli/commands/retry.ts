import type { Command } from 'commander';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { forEach } from '../each.ts';
import { ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  APPLICATION,
  namespaceFlag,
  outputFlag,
  setFlag,
  type CommandContext,
  type NamespaceFlags,
  type OutputFlags,
  type TemporalFlags,
} from '../flags.ts';
import { withTemporal, type Temporal } from '../temporal.ts';
import { present } from '../../validation/present.ts';

interface RetryFlags extends TemporalFlags, NamespaceFlags, OutputFlags {
  readonly set?: readonly string[];
  readonly follow: boolean;
}

export function declareRetry(program: Command, { end }: CommandContext): void {
  addTemporalFlags(program.command('retry'))
    .summary('Run ended applications again')
    .description('Run ended applications again, from the manifest in history')
    .argument('<application...>', APPLICATION)
    .addOption(namespaceFlag())
    .addOption(setFlag())
    .option('-f, --follow', 'Show state changes until the applications end', false)
    .addOption(outputFlag())
    .action(async (names: string[], flags: RetryFlags) => end(await retry(names, flags)));
}

async function retry(names: readonly string[], flags: RetryFlags): Promise<ExitCode> {
  const { findApplication } = await import('../find-kind.ts');
  const { followStarted } = await import('./run/follow-started.ts');
  return withTemporal(flags, async (temporal) => {
    const started: Parameters<typeof followStarted>[1][number][] = [];
    const code = await forEach(names, async (name) => {
      const workflowId = await findApplication(temporal, name, { namespace: flags.namespace, verb: 'retry' });
      const manifest = flags.set === undefined ? undefined : await changed(temporal, workflowId, flags.set);
      const handle = await temporal.spark.retry(workflowId, present({ manifest }));
      started.push({ handle, isAttached: false });
      return ExitCode.Ok;
    });
    if (started.length === 0) return code;
    const ended = await followStarted(temporal, started, flags);
    return code === ExitCode.Ok ? ended : code;
  });
}

async function changed(
  { spark }: Temporal,
  workflowId: string,
  set: readonly string[],
): Promise<SparkApplicationManifest> {
  const { withValues } = await import('../set-values.ts');
  return withValues((await spark.manifest(workflowId)).manifest, set);
}
