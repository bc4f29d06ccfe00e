import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { Resources } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { ApplicationRequest } from '../../src/protocol/index.ts';
import type { Environment } from '../support/environment.ts';
import { changeStepwise, hasEnded } from './resource-life.ts';
import { manifestOf, Shape } from './shapes.ts';
import type { Subject } from './subject.ts';

/** A driver that runs for this long is waited for, whether that was seen or not. */
const SEEN_MS = 20_000;
/** One that was not struck by then will not be. */
const STRUCK_MS = 60_000;
/** A request is answered when a worker has taken it; then it is asked again. */
const REQUEST_MS = 60_000;
/** An application takes a few seconds; after a blow a lost worker must first be noticed, and a late driver waited for. */
const END_MS = 240_000;

type When = 'never' | 'as soon as it was struck' | 'once its driver runs';

const WHEN: Readonly<Record<Shape, When>> = {
  [Shape.Plain]: 'never',
  [Shape.Restarted]: 'never',
  [Shape.Accompanied]: 'never',
  [Shape.Overdue]: 'never',
  [Shape.Overrun]: 'never',
  [Shape.Staged]: 'never',
  [Shape.CancelledEarly]: 'as soon as it was struck',
  [Shape.SuspendedEarly]: 'as soon as it was struck',
  [Shape.Cancelled]: 'once its driver runs',
  [Shape.Deleted]: 'once its driver runs',
  [Shape.Updated]: 'once its driver runs',
  [Shape.Suspended]: 'once its driver runs',
  [Shape.Removed]: 'once its driver runs',
  [Shape.RemovedEarly]: 'as soon as it was struck',
  [Shape.Replaced]: 'once its driver runs',
  [Shape.Scheduled]: 'never',
};

/** In the place of a driver. */
const CHANGED = 'changed';

/** Does to an application what its shape specifies, and waits for its end. */
export async function follow(env: Environment, subject: Subject): Promise<void> {
  const begun = Date.now();
  // The blows of its neighbours hit it too.
  const isOpen = () => Date.now() < subject.blows!.after(begun, END_MS);
  const when = WHEN[subject.point.shape];
  if (when === 'as soon as it was struck') {
    while (!subject.released && Date.now() < begun + STRUCK_MS) await delay(20);
    await tried(isOpen, () => disturb(env, subject));
  } else if (when === 'once its driver runs') {
    // What is broken may come with the change of the resource, and faster.
    const uid = await tried(isOpen, async () => (subject.isChanged ? CHANGED : waitedForDriver(env, subject)));
    if (uid !== undefined && uid !== CHANGED) await tried(isOpen, () => disturb(env, subject, uid));
  }
  if (subject.isServed) {
    await tried(isOpen, () => hasEnded(env, subject));
    subject.over = true;
    return;
  }
  // Of any run: it may be reset.
  const workflow = env.client.workflow.getHandle(subject.parentId ?? subject.workflowId);
  await tried(isOpen, async () => {
    try {
      await env.client.withDeadline(Date.now() + REQUEST_MS, () => workflow.result());
      return true;
    } catch (error) {
      return error instanceof WorkflowFailedError && (await workflow.describe()).status.name !== 'RUNNING';
    }
  });
  subject.over = true;
}

/** Until there is an answer: what was asked may be what was just killed. */
async function tried<T>(isOpen: () => boolean, ask: () => Promise<T | false | undefined>): Promise<T | undefined> {
  while (isOpen()) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    await delay(100);
  }
  return undefined;
}

/** UID of the driver, once it runs and the workflow waits for its end. */
async function waitedForDriver({ kubernetes }: Environment, subject: Subject): Promise<string | undefined> {
  const { namespace, application } = subject;
  const pod = await kubernetes.get(Resources.pods, namespace, `${application}-driver`, { timeoutMs: 5_000 });
  if (pod?.status?.phase !== 'Running') return undefined;
  // A blow may have hidden that the workflow waits.
  const waits = subject.has('RespondWorkflowTaskCompleted #3 after');
  return waits || Date.now() - Date.parse(pod.status.startTime!) >= SEEN_MS ? pod.metadata!.uid! : undefined;
}

/** What the shape specifies; safe to repeat. @returns whether that is done */
async function disturb(env: Environment, subject: Subject, uid?: string): Promise<boolean> {
  const isOfResource = subject.isServed && subject.point.shape !== Shape.Cancelled;
  if (isOfResource) return changeStepwise(env, subject);
  await request(env, subject, uid);
  return true;
}

/** The same for an application that serves no resource. */
async function request({ kubernetes, client }: Environment, subject: Subject, uid?: string): Promise<void> {
  const { namespace, application, workflowId } = subject;
  const workflow = client.workflow.getHandle(workflowId);
  // The same ID asks for the same thing: a request whose answer was lost is asked again.
  const ask = (name: ApplicationRequest, ...args: SparkApplicationManifest[]) =>
    client.withDeadline(Date.now() + REQUEST_MS, () =>
      workflow.executeUpdate(name, { args: args as [SparkApplicationManifest], updateId: name }),
    );
  const successor = manifestOf(Shape.Plain, application, namespace, subject.setting.annotations);
  switch (subject.point.shape) {
    case Shape.Cancelled:
    case Shape.CancelledEarly:
      await workflow.cancel();
      subject.killedAt ??= Date.now();
      return;
    case Shape.Deleted:
      await kubernetes.delete(Resources.pods, namespace, `${application}-driver`, { uid: uid! });
      return;
    case Shape.Updated:
      await ask(ApplicationRequest.UpdateManifest, successor);
      return;
    case Shape.Suspended:
    case Shape.SuspendedEarly:
      await ask(ApplicationRequest.Suspend);
      await ask(ApplicationRequest.UpdateManifest, suspended(successor));
      await ask(ApplicationRequest.Resume);
      return;
    case Shape.Plain:
    case Shape.Restarted:
    case Shape.Accompanied:
    case Shape.Overdue:
    case Shape.Overrun:
    case Shape.Staged:
    case Shape.Removed:
    case Shape.RemovedEarly:
    case Shape.Replaced:
    case Shape.Scheduled:
      return;
    default:
      return subject.point.shape satisfies never;
  }
}

function suspended(manifest: SparkApplicationManifest): SparkApplicationManifest {
  return { ...manifest, spec: { ...manifest.spec, suspend: true } };
}
