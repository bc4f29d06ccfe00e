import { sparkApplicationWorkflowId } from '../../protocol/ids.ts';
import { UpdateEffect } from '../../protocol/manifest-update.ts';
import { ExitCode } from '../exit-code.ts';
import { readApplications } from '../read-manifests.ts';
import { withTemporal, type Temporal, type TemporalOptions } from '../temporal.ts';
import { workflowIdOf } from '../workflow-id.ts';

/** Stops the driver of an application and keeps the application until it is resumed. */
export async function suspend(application: string, options: TemporalOptions): Promise<ExitCode> {
  return request(options, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    const { state } = await spark.suspend(workflowId);
    return `${workflowId} is ${state}; go on with  temporal-spark resume ${application}`;
  });
}

/** Submits a suspended application again. */
export async function resume(application: string, options: TemporalOptions): Promise<ExitCode> {
  return request(options, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    await spark.resume(workflowId);
    return `${workflowId} is being resumed; see it:  temporal-spark describe ${application}`;
  });
}

/** Replaces the driver of an application at once, with no failure counted. */
export async function restart(application: string, options: TemporalOptions): Promise<ExitCode> {
  return request(options, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    const { state } = await spark.restart(workflowId);
    return `${workflowId} is ${state}: its next attempt begins when the driver is gone; see it:  temporal-spark describe ${application}`;
  });
}

export interface KillOptions extends TemporalOptions {
  readonly reason?: string;
  /** Seconds. */
  readonly gracePeriod?: number;
}

/** Asks an application to stop: its driver is ended gracefully, recorded, and let go. */
export async function kill(application: string, { reason, gracePeriod, ...options }: KillOptions): Promise<ExitCode> {
  return request(options, async ({ spark }) => {
    const workflowId = workflowIdOf(application);
    const details = {
      ...(reason === undefined ? {} : { reason }),
      ...(gracePeriod === undefined ? {} : { gracePeriodSeconds: gracePeriod }),
    };
    await spark.kill(workflowId, Object.keys(details).length === 0 ? undefined : details);
    return `${workflowId} is being stopped; see it end:  temporal-spark describe ${application}`;
  });
}

/** Replaces the manifests of running applications by those of a file. */
export async function update(file: string, options: TemporalOptions & { readonly prune?: boolean }): Promise<ExitCode> {
  // Everything is read and checked before anything is asked.
  const applications = await readApplications(file, options);
  return request(options, async ({ spark }) => {
    for (const application of applications) {
      const { effect, status } = await spark.updateManifest(application);
      console.log(`${sparkApplicationWorkflowId(status.namespace, status.name)}: ${effects[effect]}`);
    }
    return undefined;
  });
}

const effects: Readonly<Record<UpdateEffect, string>> = {
  [UpdateEffect.None]: 'nothing differs',
  [UpdateEffect.InPlace]: 'taken over; the driver runs on',
  [UpdateEffect.Rerun]: 'taken over; its driver is being replaced',
};

async function request(
  options: TemporalOptions,
  ask: (temporal: Temporal) => Promise<string | undefined>,
): Promise<ExitCode> {
  return withTemporal(options, async (temporal) => {
    const answer = await ask(temporal);
    if (answer !== undefined) console.log(answer);
    return ExitCode.Ok;
  });
}
