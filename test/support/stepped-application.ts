/** A `sparkApplication` that is run task by task, and the results of its activities. */
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import type { FinalOutcome, SparkApplicationStatus, SubmittedDriver } from '../../src/protocol/index.ts';
import { sparkPi } from './manifests.ts';
import { completes, fails, SteppedWorkflow, type StepOptions, type TaskEvent } from './stepped-workflow.ts';

/** Of the namespace default. */
export function application(fields: Partial<SparkApplicationManifest['spec']> = {}): SparkApplicationManifest {
  const manifest = sparkPi({ name: 'stepped' });
  return { ...manifest, spec: { ...manifest.spec, ...fields } };
}

export function startApplication(
  manifest: unknown = application(),
  options: Partial<StepOptions> = {},
): Promise<SteppedWorkflow> {
  return SteppedWorkflow.start({ args: [manifest], ...options });
}

export function statusOf(workflow: SteppedWorkflow): Promise<SparkApplicationStatus> {
  return workflow.query('status');
}

const executors = { pending: 0, running: 0, succeeded: 0, failed: 0 };

export const isSubmitted: TaskEvent = (workflow) => {
  const { identity } = workflow.pending('submitSparkApplication').input as { identity: SubmittedDriver };
  const { driverPodName, sparkApplicationId } = identity;
  const driver: SubmittedDriver = { driverPodName, sparkApplicationId, driverPodUid: 'uid', submitter: 'native' };
  return completes('submitSparkApplication', driver)(workflow);
};

export const isRefused = (type = 'Forbidden'): TaskEvent => fails('submitSparkApplication', type);

export const runs = completes('waitForSparkDriver', { state: 'RUNNING', startedAt: '2026-01-01T00:00:01Z' });

export const ends = (exitCode: number): TaskEvent =>
  completes('waitForSparkDriver', { state: 'ENDED', outcome: outcomeOf(exitCode) });

/** The driver that was to be stopped ended by that. */
export const isStopped = completes('stopSparkDriver', {
  outcome: { ...outcomeOf(143), deleted: true } satisfies FinalOutcome,
});

/** The driver that was to be stopped had ended by itself. */
export const hadEnded = (exitCode: number): TaskEvent => completes('stopSparkDriver', { outcome: outcomeOf(exitCode) });

/** There was no driver that was to be stopped. */
export const neverWas = completes('stopSparkDriver', {});

export const isFinalized = completes('finalizeSparkApplication', { finalizer: 'removed' });

/** To a driver that runs. */
export async function runningApplication(manifest?: unknown): Promise<SteppedWorkflow> {
  const workflow = await startApplication(manifest);
  await workflow.task(isSubmitted);
  await workflow.task(runs);
  return workflow;
}

export function outcomeOf(exitCode: number, driverPodUid = 'uid'): FinalOutcome {
  const reason = exitCode === 0 ? 'Completed' : 'Error';
  return { succeeded: exitCode === 0, exitCode, reason, deleted: false, driverPodUid, executors };
}
