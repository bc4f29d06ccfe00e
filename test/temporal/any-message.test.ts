import { WorkflowNotFoundError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { anyMessage, handlersIn, Kind, METADATA_QUERY, type Message } from '../support/any-message.ts';
import { byLane, seedOf } from '../support/lane.ts';
import {
  applicationSubject,
  pipelineSubject,
  queueSubject,
  semaphoreSubject,
  type MessageSubject,
} from '../support/message-subjects.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('messages', { worker: {} });

/** Temporal's WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND and _UPDATE. */
const UNHANDLED: readonly unknown[] = [1, 31];

const MESSAGES = byLane({ test: 100, all: 500 });
const AT_ONCE = 20;
/** `MESSAGE_SEED=…` sends the same again. */
const seed = seedOf('MESSAGE_SEED');

const start = async ({ type, workflowId, args, signal }: MessageSubject): Promise<WorkflowHandle> => {
  const { client, taskQueue } = temporal.env;
  const options = { workflowId, taskQueue, args: [...args] };
  return signal === undefined
    ? client.workflow.start(type, options)
    : client.workflow.signalWithStart(type, { ...options, signal: signal.name, signalArgs: [...signal.args] });
};

/** Resolves when the message was taken or refused; false where the workflow has ended. */
async function send(workflow: WorkflowHandle, { kind, name, args }: Message): Promise<boolean> {
  try {
    if (kind === Kind.Signal) await workflow.signal(name, ...args);
    else if (kind === Kind.Update) await workflow.executeUpdate(name, { args: args as [unknown] });
    else await workflow.query(name, ...args);
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    const isRefusal = error instanceof WorkflowUpdateFailedError || (kind === Kind.Query && name === 'nobody');
    if (isRefusal) return true;
    const { status } = await workflow.describe();
    // An update of a workflow that ends meanwhile fails in several ways.
    if (status.name !== 'RUNNING' || (await isToEnd(workflow))) return false;
    throw error;
  }
}

/**
 * Whether the server rejected the workflow's last task because something had arrived that the workflow did not know when
 * it ended: it runs that task again, and fails the updates of the first one.
 */
async function isToEnd(workflow: WorkflowHandle): Promise<boolean> {
  const { events = [] } = await workflow.fetchHistory();
  const failed = events!.findLast(({ workflowTaskFailedEventAttributes: task }) => task != null);
  return UNHANDLED.includes(failed?.workflowTaskFailedEventAttributes?.cause);
}

const subjects: readonly [string, (index: number) => MessageSubject][] = [
  ['an application', (index) => applicationSubject(`any${index}`, temporal.env.namespace)],
  ['a pipeline', (index) => pipelineSubject(`any${index}-${temporal.env.namespace}`, temporal.env.namespace)],
  ['the queue of a pool', (index) => queueSubject(`any${index}-${temporal.env.namespace}`)],
  ['a semaphore', (index) => semaphoreSubject(`any${index}-${temporal.env.namespace}`)],
];

describe.each(subjects)('%s', (_, subjectOf) => {
  it(`answers or refuses each of ${MESSAGES} messages, and is not blocked by any`, { timeout: 600_000 }, async () => {
    let index = 0;
    let subject = subjectOf(index);
    let workflow = await start(subject);
    const handlers = handlersIn(
      await eventually('its handlers', () => workflow.query<Parameters<typeof handlersIn>[0]>(METADATA_QUERY)),
    );
    for (let sent = 0; sent < MESSAGES; sent += AT_ONCE) {
      const messages = fc.sample(anyMessage({ handlers, ...subject }), { seed: seed + sent, numRuns: AT_ONCE });
      const taken = await Promise.all(messages.map((message) => send(workflow, message)));
      if (taken.includes(false)) {
        index += 1;
        subject = subjectOf(index);
        workflow = await start(subject);
      }
      // The workflow's code has taken all of them: a query waits for its task.
      await workflow.query('status');
    }
    const { raw, status } = await workflow.describe();
    // A kill among the last messages may have ended it.
    if (status.name !== 'RUNNING') return;
    expect(raw.pendingWorkflowTask?.attempt ?? 1).toBe(1);
    // One of the last messages may end it at this moment.
    await workflow.terminate('test').catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
  });
});

it('an application takes the reason of a kill that is not valid text', async () => {
  const { client } = temporal.env;
  const subject = applicationSubject('half', temporal.env.namespace);
  const workflow = await start(subject);
  await workflow.executeUpdate('kill', { args: [{ reason: '\ud800' }] });
  await expect(workflow.result()).rejects.toThrow();
  expect((await client.workflow.getHandle(subject.workflowId).describe()).status.name).toBe('FAILED');
});
