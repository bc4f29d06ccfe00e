import type { Command } from 'commander';
import type { SparkApplicationStatus } from '../../protocol/index.ts';
import { sparkApplicationWorkflowId } from '../../protocol/ids.ts';
import { UpdateEffect } from '../../protocol/manifest-update.ts';
import { present } from '../../validation/present.ts';
import { forEach } from '../each.ts';
import { ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  APPLICATION,
  MANIFEST_FILES,
  namespaceFlag,
  pruneFlag,
  wholeNumber,
  type CommandContext,
  type NamespaceFlags,
  type PruneFlags,
  type TemporalFlags,
} from '../flags.ts';
import { withTemporal, type Temporal } from '../temporal.ts';

type RequestFlags = TemporalFlags & NamespaceFlags;

interface KillFlags extends RequestFlags {
  readonly reason?: string;
  /** Seconds. */
  readonly gracePeriod?: number;
}

/** `kill`, `suspend`, `resume`, `restart` and `update`: requests to running applications. */
export function declareRequests(program: Command, { end }: CommandContext): void {
  const declare = (name: string, description: string) =>
    addTemporalFlags(program.command(name))
      .description(description)
      .argument('<application...>', APPLICATION)
      .addOption(namespaceFlag());

  declare('kill', 'Stop applications gracefully')
    .option('--reason <text>', 'Reason, recorded in the result')
    .option(
      '--grace-period <seconds>',
      'Time between SIGTERM and SIGKILL, at most a day; a shorter one shortens it',
      wholeNumber(),
    )
    .action(async (names: string[], flags: KillFlags) => end(await request('kill', names, flags, kill)));
  declare('suspend', 'Stop the driver and keep the application until it is resumed').action(
    async (names: string[], flags: RequestFlags) => end(await request('suspend', names, flags, suspend)),
  );
  declare('resume', 'Submit suspended applications again').action(async (names: string[], flags: RequestFlags) =>
    end(await request('resume', names, flags, resume)),
  );
  declare('restart', 'Replace the driver immediately; does not count as a failure').action(
    async (names: string[], flags: RequestFlags) => end(await request('restart', names, flags, restart)),
  );
  addTemporalFlags(program.command('update'))
    .summary('Replace the manifests of running applications')
    .description('Replace the manifests of running applications; a driver is replaced only if its spec changed')
    .argument('<file...>', MANIFEST_FILES)
    .addOption(pruneFlag())
    .action(async (files: string[], flags: TemporalFlags & PruneFlags) => end(await update(files, flags)));
}

type Send<F> = (temporal: Temporal, workflowId: string, flags: F) => Promise<string>;

/** Sends the request to each application and prints what it does. */
async function request<F extends RequestFlags>(
  verb: 'kill' | 'suspend' | 'resume' | 'restart',
  names: readonly string[],
  flags: F,
  send: Send<F>,
): Promise<ExitCode> {
  const { findApplication } = await import('../find-kind.ts');
  return withTemporal(flags, (temporal) =>
    forEach(names, async (name) => {
      const workflowId = await findApplication(temporal, name, { namespace: flags.namespace, verb });
      console.log(await send(temporal, workflowId, flags));
      return ExitCode.Ok;
    }),
  );
}

const watch = (workflowId: string): string => `To watch it: temporal-spark describe ${workflowId} --watch`;

/** The driver is stopped gracefully, recorded, and released. */
async function kill(temporal: Temporal, workflowId: string, { reason, gracePeriod }: KillFlags): Promise<string> {
  const details = present({ reason, gracePeriodSeconds: gracePeriod });
  const isCancel = Object.keys(details).length === 0;
  await temporal.spark.kill(workflowId, isCancel ? undefined : details);
  // Temporal records a cancel without a worker.
  const { silenceOf } = await import('../silence.ts');
  const silence = isCancel ? await silenceOf(temporal, workflowId) : undefined;
  if (silence !== undefined) return `${workflowId} will be stopped when a worker runs: ${silence}`;
  return `${workflowId} is stopping. ${watch(workflowId)}`;
}

async function suspend({ spark }: Temporal, workflowId: string): Promise<string> {
  const { state } = await spark.suspend(workflowId);
  return `${workflowId} is ${state}. To resume it: temporal-spark resume ${workflowId}`;
}

async function resume({ spark }: Temporal, workflowId: string): Promise<string> {
  await spark.resume(workflowId);
  return `${workflowId} is resuming. ${watch(workflowId)}`;
}

async function restart({ spark }: Temporal, workflowId: string): Promise<string> {
  const { state } = await spark.restart(workflowId);
  return `${workflowId} is ${state}; the next attempt starts once the driver is gone. ${watch(workflowId)}`;
}

async function update(files: readonly string[], flags: TemporalFlags & PruneFlags): Promise<ExitCode> {
  const { inEachFile, readApplications } = await import('../read-manifests.ts');
  // Every manifest is checked before the first request.
  const applications = await inEachFile(files, (file) => readApplications(file, flags));
  return withTemporal(flags, ({ spark }) =>
    forEach(applications, async (application) => {
      const { effect, status } = await spark.updateManifest(application);
      console.log(`${idOf(status)}: ${effects[effect]}`);
      return ExitCode.Ok;
    }),
  );
}

const idOf = ({ namespace, name }: SparkApplicationStatus): string => sparkApplicationWorkflowId(namespace, name);

const effects: Readonly<Record<UpdateEffect, string>> = {
  [UpdateEffect.None]: 'unchanged',
  [UpdateEffect.InPlace]: 'updated; the driver keeps running',
  [UpdateEffect.Rerun]: 'updated; the driver is being replaced',
};
