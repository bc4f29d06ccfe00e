import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyMessage, handlersOf, Kind, METADATA_QUERY, type Message } from '../support/any-message.ts';
import {
  applicationSubject,
  pipelineSubject,
  queueSubject,
  semaphoreSubject,
  type MessageSubject,
} from '../support/message-subjects.ts';
import { byLane, seedOf } from '../support/lane.ts';
import { isSubmitted, runs } from '../support/stepped-application.ts';
import { cancels, completes, signals, SteppedWorkflow, updates, type TaskEvent } from '../support/stepped-workflow.ts';

/** Messages of all subjects together; `MESSAGES=…` sends more. */
const MESSAGES = Number(process.env['MESSAGES'] ?? byLane({ test: 2_000, all: 100_000 }));
/** `MESSAGE_SEED=…` sends the same again. */
const seed = seedOf('MESSAGE_SEED');
const [FEWEST, MOST] = [10, 30];

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

async function start({ type, args, workflowId, signal }: MessageSubject, before: readonly TaskEvent[]) {
  const events = signal === undefined ? [] : [signals(signal.name, ...signal.args)];
  const workflow = await SteppedWorkflow.start({ type, args, info: { workflowId }, events });
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

it.each(subjects)('no message blocks %s', { timeout: 1_200_000 }, async (_, subject, before) => {
  const first = await start(subject, before);
  const handlers = await handlersOf(first);
  await first.dispose();
  expect(handlers.map(({ name }) => name)).toContain('status');
  const messages = fc.array(anyMessage({ handlers, ...subject }), { minLength: FEWEST, maxLength: MOST });
  const numRuns = Math.ceil(MESSAGES / subjects.length / ((FEWEST + MOST) / 2));
  await fc.assert(
    fc.asyncProperty(messages, async (all) => {
      const workflow = await start(subject, before);
      try {
        for (const message of all) if (workflow.end === undefined) await send(workflow, message);
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
