import type { Command } from 'commander';
import { sparkApplicationWorkflowId } from '../../protocol/ids.ts';
import { UpdateEffect } from '../../protocol/manifest-update.ts';
import { ExitCode } from '../exit-code.ts';
import {
  addTemporalFlags,
  APPLICATION,
  MANIFEST_FILE,
  pruneFlag,
  wholeNumber,
  type CommandContext,
  type PruneFlags,
  type TemporalFlags,
} from '../flags.ts';
import { withTemporal, type Temporal } from '../temporal.ts';
import { workflowIdOf } from '../workflow-id.ts';
import { present } from '../../validation/present.ts';

interface KillFlags extends TemporalFlags {
  readonly reason?: string;
  /** Seconds. */
  readonly gracePeriod?: number;
}

/** `kill`, `suspend`, `resume`, `restart` and `update`: requests to running applications. */
export function declareRequests(program: Command, { end }: CommandContext): void {
  const declare = (name: string, description: string) =>
    addTemporalFlags(program.command(name)).description(description).argument('<application>', APPLICATION);

  declare('kill', 'Stop an application gracefully')
    .option('--reason <text>', 'Reason, recorded in the result')
    .option(
      '--grace-period <seconds>',
      'Time between SIGTERM and SIGKILL, at most a day; a shorter one shortens it',
      wholeNumber(),
    )
    .action(async (application: string, flags: KillFlags) => end(await kill(application, flags)));
  declare('suspend', 'Stop the driver and keep the application until it is resumed').action(
    async (application: string, flags: TemporalFlags) => end(await suspend(application, flags)),
  );
  declare('resume', 'Submit a suspended application again').action(async (application: string, flags: TemporalFlags) =>
    end(await resume(application, flags)),
  );
  declare('restart', 'Replace the driver immediately; does not count as a failure').action(
    async (application: string, flags: TemporalFlags) => end(await restart(application, flags)),
  );
  addTemporalFlags(program.command('update'))
    .summary('Replace the manifests of running applications')
    .description('Replace the manifests of running applications; a driver is replaced only if its spec changed')
    .argument('<file>', MANIFEST_FILE)
    .addOption(pruneFlag())
    .action(async (file: string, flags: TemporalFlags & PruneFlags) => end(await update(file, flags)));
}

/** The driver is stopped gracefully, recorded, and released. */
async function kill(application: string, { reason, gracePeriod, ...flags }: KillFlags): Promise<ExitCode> {
  return request(flags, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    const details = {
      ...present({ reason, gracePeriodSeconds: gracePeriod }),
    };
    await spark.kill(workflowId, Object.keys(details).length === 0 ? undefined : details);
    return `${workflowId} is stopping. To watch it: temporal-spark describe ${application} --watch`;
  });
}

async function suspend(application: string, flags: TemporalFlags): Promise<ExitCode> {
  return request(flags, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    const { state } = await spark.suspend(workflowId);
    return `${workflowId} is ${state}. To resume it: temporal-spark resume ${application}`;
  });
}

async function resume(application: string, flags: TemporalFlags): Promise<ExitCode> {
  return request(flags, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    await spark.resume(workflowId);
    return `${workflowId} is resuming. To watch it: temporal-spark describe ${application} --watch`;
  });
}

async function restart(application: string, flags: TemporalFlags): Promise<ExitCode> {
  return request(flags, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    const { state } = await spark.restart(workflowId);
    return `${workflowId} is ${state}; the next attempt starts once the driver is gone. To watch it: temporal-spark describe ${application} --watch`;
  });
}

async function update(file: string, flags: TemporalFlags & PruneFlags): Promise<ExitCode> {
  const { readApplications } = await import('../read-manifests.ts');
  // Every manifest is checked before the first request.
  const applications = await readApplications(file, flags);
  return request(flags, async ({ spark }) => {
    for (const application of applications) {
      const { effect, status } = await spark.updateManifest(application);
      console.log(`${sparkApplicationWorkflowId(status.namespace, status.name)}: ${effects[effect]}`);
    }
    return undefined;
  });
}

const effects: Readonly<Record<UpdateEffect, string>> = {
  [UpdateEffect.None]: 'unchanged',
  [UpdateEffect.InPlace]: 'updated; the driver keeps running',
  [UpdateEffect.Rerun]: 'updated; the driver is being replaced',
};

async function request(
  flags: TemporalFlags,
  ask: (temporal: Temporal) => Promise<string | undefined>,
): Promise<ExitCode> {
  return withTemporal(flags, async (temporal) => {
    const answer = await ask(temporal);
    if (answer !== undefined) console.log(answer);
    return ExitCode.Ok;
  });
}
