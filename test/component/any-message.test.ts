import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyMessage, handlersOf, Kind, METADATA_QUERY, type Message } from '../support/any-message.ts';
import {
  applicationSubject,
  pipelineSubject,
  queueSubject,
  resourceSubject,
  semaphoreSubject,
  type MessageSubject,
} from '../support/message-subjects.ts';
import { present } from '../../src/validation/present.ts';
import * as workflows from '../../src/workflows/index.ts';
import { byLane, seedOf } from '../support/lane.ts';
import { isSubmitted, runs } from '../support/stepped-application.ts';
import {
  cancels,
  completes,
  fails,
  signals,
  SteppedWorkflow,
  updates,
  type TaskEvent,
} from '../support/stepped-workflow.ts';

/** To each subject, to all of its handlers together; `MESSAGES=…` sends another number. */
const MESSAGES = Number(process.env['MESSAGES'] ?? byLane({ test: 150, all: 7_500 }));
/** `MESSAGE_SEED=…` sends the same again. */
const seed = seedOf('MESSAGE_SEED');
const [FEWEST, MOST] = [10, 30];
const CHECK = 'checkManifestUpdate';

const isQueued = completes('submitSparkApplication', { queue: 'pool', limits: {}, priority: 0, requests: {} });
const application = applicationSubject('stepped');
const pipeline = pipelineSubject('stepped');
const resumes = updates('resume');
const semaphore = { semaphore: 'stepped-tables', holder: 'pipeline/stepped/run/use', ticket: 0 };
const scheduled = {
  ...application,
  type: 'scheduledSparkApplication',
  args: [
    {
      metadata: { name: 'stepped' },
      spec: { schedule: '@daily', template: (application.args[0] as { spec: object }).spec },
    },
  ],
};

const subjects: readonly [string, MessageSubject, readonly TaskEvent[]][] = [
  ['an application that is suspended', application, []],
  ['an application that is submitted', application, [resumes]],
  ['an application that waits for its pool', application, [resumes, isQueued, completes('requestAdmission')]],
  ['an application whose driver runs', application, [resumes, isSubmitted, runs]],
  ['an application that is being stopped', application, [resumes, isSubmitted, runs, updates('kill', {})]],
  ['an application that is being cancelled', application, [resumes, isSubmitted, runs, cancels]],
  ['an application of a resource', resourceSubject('stepped'), []],
  ['an application of a schedule', scheduled, []],
  ['a pipeline that is checked', pipeline, []],
  ['a pipeline that waits for a semaphore', pipeline, [completes('checkSparkPipeline'), completes('requestSemaphore')]],
  [
    'a pipeline that is paused',
    pipeline,
    [completes('checkSparkPipeline'), signals('semaphoreGranted', semaphore), updates('pause')],
  ],
  ['the queue of a pool', queueSubject('pool'), []],
  ['a semaphore', semaphoreSubject('tables'), []],
];

/** Arguments of the workflows that are no subject, because they take no messages. */
const withoutHandlers: Readonly<Record<string, readonly unknown[]>> = {
  scheduledSparkResource: [scheduled.args[0], { uid: 'schedule' }],
  sparkHousekeeping: [],
  sparkPipelineActivity: [{ type: 'any' }],
  workerCanary: [{ taskQueue: 'canary', intervalMs: 1_000, goneAfterMs: 1_000 }],
};

async function start({ type, args, workflowId, memo, signal }: MessageSubject, before: readonly TaskEvent[]) {
  const events = signal === undefined ? [] : [signals(signal.name, ...signal.args)];
  const workflow = await SteppedWorkflow.start({ type, args, info: { workflowId, ...present({ memo }) }, events });
  for (const event of before) await workflow.task(event);
  return workflow;
}

/** @throws Error where the task fails, which a server would repeat for ever */
async function send(workflow: SteppedWorkflow, { kind, name, args }: Message): Promise<void> {
  switch (kind) {
    case Kind.Signal:
      return workflow.task(signals(name, ...args));
    case Kind.Update:
      expect(await workflow.request(name, ...args)).toHaveProperty('state');
      return;
    case Kind.Query:
      await workflow.query(name, ...args).catch((error: unknown) => {
        if (name !== 'nobody') throw error;
      });
      return;
    default:
      return kind satisfies never;
  }
}

/** Has the manifest of an update checked, which the next update waits for. */
async function answerChecks(workflow: SteppedWorkflow, { valid }: MessageSubject): Promise<void> {
  while (workflow.end === undefined && workflow.isPending(CHECK)) {
    const { proposed } = workflow.pending(CHECK).input;
    const isValid = valid.some((each) => isDeepStrictEqual(each, proposed));
    const passes = completes(CHECK, { manifest: proposed, effect: 'in-place' });
    await workflow.task(isValid ? passes : fails(CHECK, 'InvalidManifest'));
  }
}

it.each(subjects)('no message blocks %s', { timeout: 1_200_000 + 100 * MESSAGES }, async (_, subject, before) => {
  const first = await start(subject, before);
  const handlers = await handlersOf(first);
  await first.dispose();
  expect(handlers.map(({ name }) => name)).toContain('status');
  const messages = fc.array(anyMessage({ handlers, ...subject }), { minLength: FEWEST, maxLength: MOST });
  const numRuns = Math.ceil(MESSAGES / ((FEWEST + MOST) / 2));
  await fc.assert(
    fc.asyncProperty(messages, async (all) => {
      const workflow = await start(subject, before);
      try {
        for (const message of all) {
          if (workflow.end === undefined) await send(workflow, message);
          await answerChecks(workflow, subject);
        }
        await workflow.query('status');
        await workflow.query(METADATA_QUERY);
        if (workflow.end === undefined) await workflow.task(cancels);
      } finally {
        await workflow.dispose();
      }
    }),
    { seed, numRuns },
  );
});

it('every exported workflow is a subject, or takes no messages', async () => {
  const types = new Set(subjects.map(([, { type }]) => type));
  expect([...types, ...Object.keys(withoutHandlers)].toSorted()).toEqual(Object.keys(workflows).toSorted());
  for (const [type, args] of Object.entries(withoutHandlers)) {
    const workflow = await SteppedWorkflow.start({ type, args });
    expect(workflow.end, type).toBeUndefined();
    expect(await handlersOf(workflow), type).toEqual([]);
    await workflow.dispose();
  }
});
