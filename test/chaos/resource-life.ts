import { WorkflowNotFoundError } from '@temporalio/client';
import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  Resources,
  type CustomObject,
} from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { readSparkApplication, isFinal } from '../../src/operator/resource.ts';
import { readResource } from '../../src/protocol/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { scheduledApplication } from '../support/schedules.ts';
import type { Environment } from '../support/environment.ts';
import { manifestOf, Shape } from './shapes.ts';
import type { Subject } from './subject.ts';

/** The status shows the end of a run within this time after it, and after the end of what was broken meanwhile. */
const SHOWN_WITHIN_MS = 90_000;
/** A start that was under way when the resource was deleted has come by then, or never does. */
const STARTED_WITHIN_MS = 30_000;
const REQUEST_MS = 60_000;
const KIND = Resources.sparkApplications;

/** Creates the resource of an application, or the schedule that does; safe to repeat. */
export async function applyResource(env: Environment, subject: Subject): Promise<void> {
  if (subject.point.shape === Shape.Scheduled) await triggerSchedule(env, subject);
  else subject.uid = await created(env, subject.manifest);
}

/** Does to the resource what the shape specifies, without waiting for what comes of it; safe to repeat. */
export async function changeAtOnce(env: Environment, subject: Subject): Promise<void> {
  while (!(await changeOnce(env, subject)));
}

/**
 * Does the next of the changes that the shape specifies, once what comes of the last one shows.
 *
 * @returns whether all are done
 */
export async function changeStepwise(env: Environment, subject: Subject): Promise<boolean> {
  if (subject.point.shape === Shape.Suspended && subject.changes > 0) {
    const found = await env.kubernetes.get(KIND, subject.namespace, subject.application);
    const isShown = found !== undefined && readSparkApplication(found).state === 'SUSPENDED';
    // Edited at once by what was broken.
    if (!isShown && !subject.isChanged) return false;
  }
  return changeOnce(env, subject);
}

async function changeOnce(env: Environment, subject: Subject): Promise<boolean> {
  const steps = changesOf(env, subject);
  return subject.change(async () => {
    await steps[subject.changes]?.();
    return steps.length;
  });
}

function changesOf(env: Environment, subject: Subject): readonly (() => Promise<unknown>)[] {
  const { kubernetes } = env;
  const { namespace, application, firstUid, setting } = subject;
  const successor = manifestOf(Shape.Plain, application, namespace, setting.annotations);
  const edit = (spec: object) => () => kubernetes.patch(KIND, namespace, application, PatchType.Merge, { spec });
  const remove = async () => {
    const options = { uid: firstUid!, propagationPolicy: 'Background' } as const;
    await kubernetes.delete(KIND, namespace, application, options).catch((error: unknown) => {
      if (!isKubernetesError(error, KubernetesErrorType.Conflict)) throw error;
    });
  };
  const changes: Readonly<Partial<Record<Shape, readonly (() => Promise<unknown>)[]>>> = {
    [Shape.Updated]: [edit(successor.spec)],
    [Shape.Suspended]: [edit({ suspend: true }), edit({ ...successor.spec, suspend: true }), edit({ suspend: false })],
    [Shape.Removed]: [remove],
    [Shape.RemovedEarly]: [remove],
    [Shape.Replaced]: [remove, async () => (subject.uid = await created(env, successor))],
  };
  return changes[subject.point.shape] ?? [];
}

/** Whether its run has ended, and the status of the resource shows that, or had its time to do so. */
export async function hasEnded(env: Environment, subject: Subject): Promise<boolean> {
  const { client, kubernetes } = env;
  if (subject.point.shape === Shape.Scheduled) await findRun(env, subject);
  const workflow = client.workflow.getHandle(subject.workflowId);
  const run = await workflow.describe().catch(ifMissing);
  const { removed = false } = subject.expected;
  if (run === undefined) return removed && subject.isChanged && Date.now() > subject.changedAt + STARTED_WITHIN_MS;
  if (subject.uid === undefined || readResource(run.memo)?.uid !== subject.uid) return false;
  if (run.status.name === 'RUNNING') {
    await client.withDeadline(Date.now() + REQUEST_MS, () => workflow.result());
    return false;
  }
  if (removed) return true;
  const found = await kubernetes.get(KIND, subject.namespace, subject.resourceName);
  subject.endStatus = found?.status;
  const closedAt = run.closeTime!.getTime();
  const isShown = found !== undefined && isFinal(readSparkApplication(found).state);
  return isShown || Date.now() > subject.blows!.after(closedAt, SHOWN_WITHIN_MS);
}

/** Its UID. */
async function created({ kubernetes }: Environment, manifest: SparkApplicationManifest): Promise<string> {
  const { namespace, name } = manifest.metadata;
  try {
    const resource: object = manifest;
    const made: CustomObject = await kubernetes.create(KIND, resource);
    return made.metadata!.uid!;
  } catch (error) {
    if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
    return (await kubernetes.get(KIND, namespace, name!))!.metadata!.uid!;
  }
}

async function triggerSchedule({ kubernetes, client }: Environment, subject: Subject): Promise<void> {
  const resource: object = scheduledApplication(subject.application, subject.namespace, {
    ...{ schedule: '0 0 1 1 *', template: subject.manifest.spec },
  });
  await kubernetes.create(Resources.scheduledSparkApplications, resource).catch((error: unknown) => {
    if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
  });
  const schedule = client.schedule.getHandle(`spark/${subject.namespace}/${subject.application}`);
  const { info } = await schedule.describe();
  if (info.numActionsTaken === 0) await schedule.trigger();
}

/** The resource that the schedule has created. */
async function findRun({ kubernetes }: Environment, subject: Subject): Promise<void> {
  const labelSelector = `${Label.ScheduledAppName}=${subject.application}`;
  for await (const page of kubernetes.list(KIND, subject.namespace, { labelSelector })) {
    for (const { metadata } of page) {
      subject.uid = metadata!.uid!;
      subject.runName = metadata!.name!;
    }
  }
}

function ifMissing(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
