/**
 * A workflow that is run task by task, in the sandbox it has in a worker, without a server: what happens in one task, in
 * which order, and when, the test decides. It uses modules of the SDK that are not public.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  ApplicationFailure,
  TimeoutFailure,
  TimeoutType,
  CancelledFailure,
  defaultFailureConverter,
  defaultPayloadConverter as payloads,
  TypedSearchAttributes,
} from '@temporalio/common';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import type { coresdk } from '@temporalio/proto';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm.js';
import type { WorkflowInfo } from '@temporalio/workflow';
import { refuseHalfCharacters } from './well-formed.ts';
import { workflowBundle } from './workflow-bundle.ts';

type Job = coresdk.workflow_activation.IWorkflowActivationJob;
type Payload = NonNullable<coresdk.activity_result.ISuccess['result']>;
type Sandbox = Awaited<ReturnType<ReusableVMWorkflowCreator['createWorkflow']>>;

/** Something that happens to the workflow within a task. */
export type TaskEvent = (workflow: SteppedWorkflow) => Job;

/** What became of an update. */
export interface UpdateAnswer {
  readonly state: 'accepted' | 'completed' | 'rejected';
  readonly result?: unknown;
  readonly error?: Error;
}

/** An update as an event of a task; `answer` is there from the task on in which it was accepted or refused. */
export type UpdateEvent = TaskEvent & { answer?: UpdateAnswer };

export interface PendingActivity {
  readonly seq: number;
  readonly type: string;
  readonly input: Record<string, unknown>;
  readonly scheduleToCloseMs?: number;
  readonly heartbeatMs?: number;
  /** Milliseconds to the first retry, and at most between two. */
  readonly retryMs?: readonly [first: number, longest: number];
  /** Whether its cancel is not waited for. */
  readonly isLetGo: boolean;
  isCancelRequested: boolean;
}

export interface SentSignal {
  readonly workflowId: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

export type WorkflowEnd =
  | { readonly kind: 'completed'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: ApplicationFailure }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'continued'; readonly args: readonly unknown[] };

export interface StepOptions {
  readonly args: readonly unknown[];
  /** @default 'sparkApplication' */
  readonly type?: string;
  readonly info?: Partial<WorkflowInfo>;
  /** Happens in the first task, too. */
  readonly events?: readonly TaskEvent[];
}

const creator = (async () => {
  const { codePath } = await workflowBundle();
  return ReusableVMWorkflowCreator.create(
    parseWorkflowCode(await readFile(codePath, 'utf8'), codePath),
    10_000,
    new Set(),
  );
})();
// The caller that steps a workflow awaits it.
creator.catch(() => undefined);

const TRY_CANCEL = 0;
const START = Date.parse('2026-01-01T00:00:00Z');

export class SteppedWorkflow {
  /** Milliseconds since the epoch; each task is a millisecond later than the one before. */
  now = START;
  /** @default false */
  isContinueAsNewSuggested = false;
  end: WorkflowEnd | undefined;
  memo: Record<string, unknown> = {};
  /** What it logged, of all levels. */
  readonly logged: { readonly message: string; readonly attributes: Record<string, unknown> }[] = [];
  readonly activities = new Map<number, PendingActivity>();
  /** Signals to other workflows, all of which arrive. */
  readonly sent: SentSignal[] = [];
  /** IDs of workflows that it started as its children; they neither begin nor end. */
  readonly children: string[] = [];
  /** How many it sent without waiting for any. */
  mostSentAtOnce = 0;
  /** By the time at which they fire. */
  readonly timers = new Map<number, number>();
  private readonly runId: string;
  private readonly sandbox: Sandbox;
  private readonly updates = new Map<string, UpdateEvent>();
  private jobs: Job[] = [];

  private constructor(runId: string, sandbox: Sandbox) {
    this.runId = runId;
    this.sandbox = sandbox;
  }

  /** Runs the first task. @throws Error where that fails: a server would repeat it for ever */
  static async start({
    args,
    type = 'sparkApplication',
    info = {},
    events = [],
  }: StepOptions): Promise<SteppedWorkflow> {
    const runId = randomUUID();
    const full: Partial<WorkflowInfo> = {
      ...{ workflowId: 'spark/default/stepped', runId, workflowType: type, firstExecutionRunId: runId },
      ...{ searchAttributes: {}, typedSearchAttributes: new TypedSearchAttributes(), namespace: 'default' },
      ...{
        taskQueue: 'stepped',
        startTime: new Date(START),
        runStartTime: new Date(START),
        attempt: 1,
        taskTimeoutMs: 10_000,
      },
      ...{ historyLength: 3, historySize: 0, continueAsNewSuggested: false },
      ...{ unsafe: { now: Date.now, isReplaying: false, isReplayingHistoryEvents: false } as WorkflowInfo['unsafe'] },
      ...info,
    };
    const sandbox = await (
      await creator
    ).createWorkflow({
      info: full as WorkflowInfo,
      randomnessSeed: [1, 2, 3, 4, 5, 6, 7, 8],
      now: START,
      showStackTraceSources: false,
      failureExceptionTypeNames: undefined as never,
    });
    const workflow = new SteppedWorkflow(runId, sandbox);
    const initialize: Job = {
      initializeWorkflow: {
        ...{ workflowType: type, workflowId: full.workflowId!, arguments: args.map(toPayload) },
        ...{ firstExecutionRunId: runId, attempt: 1, startTime: msToTs(START) },
        memo: {
          fields: Object.fromEntries(Object.entries(info.memo ?? {}).map(([key, value]) => [key, toPayload(value)])),
        },
      },
    };
    await workflow.task(() => initialize, ...events);
    return workflow;
  }

  /** Runs one task in which these happen, in this order. @throws Error where the task fails */
  async task(...events: readonly TaskEvent[]): Promise<void> {
    this.now += 1;
    await this.activate(events.map((event) => event(this)));
    // What needs no server happens at once: a cancel that is not waited for, a signal to another workflow.
    while (this.jobs.length > 0 && this.end === undefined) await this.activate(this.jobs.splice(0));
  }

  /** One task for each timer that fires within the time. */
  async passes(ms: number): Promise<void> {
    const until = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].filter(([, at]) => at <= until).sort(([, one], [, other]) => one - other);
      if (next === undefined || this.end !== undefined) break;
      this.now = Math.max(this.now, next[1]);
      this.timers.delete(next[0]);
      await this.task(() => ({ fireTimer: { seq: next[0] } }));
    }
    this.now = Math.max(this.now, until);
  }

  /** Sends an update in a separate task. */
  async request(name: string, ...args: unknown[]): Promise<UpdateAnswer> {
    const update = updates(name, ...args);
    await this.task(update);
    return update.answer!;
  }

  async query<T>(name: string, ...args: unknown[]): Promise<T> {
    const queryWorkflow = { queryId: randomUUID(), queryType: name, arguments: args.map(toPayload) };
    const job = { queryWorkflow, variant: 'queryWorkflow' as const };
    const { successful } = await this.sandbox.activate({ runId: this.runId, jobs: [job] });
    const [command] = successful!.commands!;
    refuseHalfCharacters(command);
    const { succeeded, failed } = command!.respondToQuery!;
    if (failed) throw toError(failed);
    return fromPayload(succeeded!.response!) as T;
  }

  /** The latest of that type that is under way. */
  pending(type: string): PendingActivity {
    const found = [...this.activities.values()].findLast((activity) => activity.type === type);
    if (found !== undefined) return found;
    const types = [...this.activities.values()].map((activity) => activity.type);
    throw new Error(`No ${type} is under way, but: ${types.join(', ') || 'nothing'}`);
  }

  isPending(type: string): boolean {
    return [...this.activities.values()].some((activity) => activity.type === type);
  }

  async dispose(): Promise<void> {
    await this.sandbox.dispose();
  }

  private async activate(jobs: Job[]): Promise<void> {
    const { successful, failed } = await this.sandbox.activate({
      ...{ runId: this.runId, timestamp: msToTs(this.now), isReplaying: false, historyLength: 3, jobs },
      ...{ continueAsNewSuggested: this.isContinueAsNewSuggested },
      availableInternalFlags: [1, 2, 3, 4, 5],
    });
    for (const { args } of await this.sandbox.getAndResetSinkCalls()) {
      const [message, attributes] = args as [string, Record<string, unknown>];
      this.logged.push({ message, attributes });
    }
    if (failed) throw new Error('The workflow task failed', { cause: toError(failed.failure!) });
    const before = this.sent.length;
    for (const command of successful!.commands ?? []) {
      refuseHalfCharacters(command);
      this.obey(command);
    }
    this.mostSentAtOnce = Math.max(this.mostSentAtOnce, this.sent.length - before);
  }

  private obey(command: coresdk.workflow_commands.IWorkflowCommand): void {
    if (command.scheduleActivity) {
      const { seq, activityType, arguments: args, cancellationType } = command.scheduleActivity;
      const { scheduleToCloseTimeout, heartbeatTimeout, retryPolicy } = command.scheduleActivity;
      const { initialInterval, maximumInterval } = retryPolicy ?? {};
      this.activities.set(seq!, {
        ...{
          seq: seq!,
          type: activityType!,
          input: (args?.[0] ? fromPayload(args[0]) : {}) as Record<string, unknown>,
        },
        ...(scheduleToCloseTimeout ? { scheduleToCloseMs: tsToMs(scheduleToCloseTimeout) } : {}),
        ...(heartbeatTimeout ? { heartbeatMs: tsToMs(heartbeatTimeout) } : {}),
        ...(initialInterval && maximumInterval
          ? { retryMs: [tsToMs(initialInterval), tsToMs(maximumInterval)] as const }
          : {}),
        ...{ isCancelRequested: false, isLetGo: (cancellationType ?? TRY_CANCEL) === TRY_CANCEL },
      });
    } else if (command.requestCancelActivity) {
      const activity = this.activities.get(command.requestCancelActivity.seq!);
      if (activity === undefined) return;
      activity.isCancelRequested = true;
      if (activity.isLetGo) this.jobs.push(cancelled(activity)(this));
    } else if (command.startTimer) {
      this.timers.set(command.startTimer.seq!, this.now + tsToMs(command.startTimer.startToFireTimeout));
    } else if (command.cancelTimer) {
      this.timers.delete(command.cancelTimer.seq!);
    } else if (command.signalExternalWorkflowExecution) {
      const { seq, signalName, workflowExecution, args } = command.signalExternalWorkflowExecution;
      const given = (args ?? []).map((payload) => fromPayload(payload));
      this.sent.push({ workflowId: workflowExecution!.workflowId!, name: signalName!, args: given });
      this.jobs.push({ resolveSignalExternalWorkflow: { seq: seq! } });
    } else if (command.startChildWorkflowExecution) {
      this.children.push(command.startChildWorkflowExecution.workflowId!);
    } else if (command.updateResponse) {
      this.answer(command.updateResponse);
    } else if (command.modifyWorkflowProperties) {
      for (const [key, value] of Object.entries(command.modifyWorkflowProperties.upsertedMemo?.fields ?? {})) {
        this.memo[key] = fromPayload(value);
      }
    } else {
      this.end ??= endOf(command);
    }
  }

  private answer({
    protocolInstanceId,
    accepted,
    rejected,
    completed,
  }: coresdk.workflow_commands.IUpdateResponse): void {
    const update = this.updates.get(protocolInstanceId!)!;
    if (accepted) update.answer = { state: 'accepted' };
    else if (rejected) update.answer = { state: 'rejected', error: toError(rejected) };
    else if (completed) update.answer = { state: 'completed', result: fromPayload(completed) };
  }

  /** For `updates`. */
  expectAnswer(id: string, update: UpdateEvent): void {
    this.updates.set(id, update);
  }
}

export function updates(name: string, ...args: unknown[]): UpdateEvent {
  const id = randomUUID();
  const event: UpdateEvent = (workflow) => {
    workflow.expectAnswer(id, event);
    return { doUpdate: { id, protocolInstanceId: id, name, input: args.map(toPayload), runValidator: true } };
  };
  return event;
}

export function signals(name: string, ...args: unknown[]): TaskEvent {
  return () => ({ signalWorkflow: { signalName: name, input: args.map(toPayload) } });
}

/** Temporal's own cancel. */
export const cancels: TaskEvent = () => ({ cancelWorkflow: { reason: 'the test' } });

/** The latest activity of that type ends with the result. */
export function completes(type: string, result?: unknown): TaskEvent {
  return (workflow) => resolved(workflow, workflow.pending(type), { completed: { result: toPayload(result) } });
}

/** The latest activity of that type fails for good, with an error of that type. */
export function fails(type: string, errorType: string, ...details: unknown[]): TaskEvent {
  return failsBy(type, ApplicationFailure.nonRetryable(errorType, errorType, ...details));
}

/** The latest activity of that type sent no heartbeat for too long, and is not tried again. */
export function timesOut(type: string): TaskEvent {
  return failsBy(type, new TimeoutFailure('activity Heartbeat timeout', undefined, TimeoutType.HEARTBEAT));
}

function failsBy(type: string, cause: Error): TaskEvent {
  return (workflow) => {
    const activity = workflow.pending(type);
    const failure = {
      ...{ message: 'Activity task failed', cause: defaultFailureConverter.errorToFailure(cause, payloads) },
      activityFailureInfo: { activityType: { name: type }, activityId: String(activity.seq), retryState: 5 },
    };
    return resolved(workflow, activity, { failed: { failure } });
  };
}

/** The latest activity of that type, which was asked to, ends as cancelled. */
export function isCancelled(type: string): TaskEvent {
  return (workflow) => cancelled(workflow.pending(type))(workflow);
}

function cancelled(activity: PendingActivity): TaskEvent {
  return (workflow) => {
    const cause = defaultFailureConverter.errorToFailure(new CancelledFailure('cancelled'), payloads);
    const activityFailureInfo = { activityType: { name: activity.type }, activityId: String(activity.seq) };
    return resolved(workflow, activity, {
      cancelled: { failure: { message: 'Activity cancelled', activityFailureInfo, cause } },
    });
  };
}

function resolved(
  workflow: SteppedWorkflow,
  { seq }: PendingActivity,
  result: coresdk.activity_result.IActivityResolution,
): Job {
  workflow.activities.delete(seq);
  return { resolveActivity: { seq, result } };
}

function endOf(command: coresdk.workflow_commands.IWorkflowCommand): WorkflowEnd | undefined {
  const { completeWorkflowExecution, failWorkflowExecution, continueAsNewWorkflowExecution: continued } = command;
  if (completeWorkflowExecution) return { kind: 'completed', result: fromPayload(completeWorkflowExecution.result!) };
  if (failWorkflowExecution) return { kind: 'failed', error: toError(failWorkflowExecution.failure!) };
  if (continued) return { kind: 'continued', args: continued.arguments!.map((payload) => fromPayload(payload)) };
  return command.cancelWorkflowExecution ? { kind: 'cancelled' } : undefined;
}

function toPayload(value: unknown): Payload {
  return payloads.toPayload<unknown>(value);
}

function fromPayload(payload: Payload): unknown {
  return payloads.fromPayload(payload);
}

function toError(failure: object): ApplicationFailure {
  return defaultFailureConverter.failureToError(failure, payloads) as ApplicationFailure;
}
