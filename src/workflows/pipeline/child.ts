import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowCancellationType,
  condition,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  patched,
  proxyActivities,
  sleep,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  type Workflow,
} from '@temporalio/workflow';
import type { PipelineStage } from '../../manifest/index.ts';
import { bytesText, CARRIED_LIMIT, jsonBytes } from '../../manifest/size.ts';
import { receivedTimings, type CarriedTimings, type PipelineTimings } from '../../timings/index.ts';
import {
  parentPausedSignal,
  StageReason,
  type ChildOutcome,
  type PipelineActivities,
  type WorkflowReference,
} from '../../protocol/index.ts';
import { attributesOfChild } from '../application/search-attributes.ts';
import { present } from '../../validation/present.ts';
import { childOutcome } from './child-outcome.ts';
import { stageChild, type StageChild } from './stage-child.ts';
import { messageOf } from './texts.ts';
import type { UnitContext } from './unit-context.ts';
import { lasting, UnitState, type RunningUnit } from './unit-record.ts';

const short = proxyActivities<PipelineActivities>({ startToCloseTimeout: '1 minute' });
const long = proxyActivities<PipelineActivities>({ startToCloseTimeout: '30 days' });

type ChildOptions = ChildWorkflowOptions & { readonly args: unknown[] };

/** The reports of a child to its unit. */
export interface ChildEvents {
  /** It has started. */
  started(): void;
  /** The time limit of the try is over. */
  timedOut(): void;
  /** Those of the worker that checked the manifest. */
  timings(): CarriedTimings<PipelineTimings>;
}

/** The child workflow of a running unit: one for each try, under the same workflow id. */
export class Child {
  private readonly unit: UnitContext;
  private readonly events: ChildEvents;

  constructor(unit: UnitContext, events: ChildEvents) {
    this.unit = unit;
    this.events = events;
  }

  /**
   * Starts a child and waits for its end; for that of one which an earlier run started, where there is one.
   *
   * @throws Continuing before it has started one
   */
  async run(): Promise<ChildOutcome> {
    const { unit } = this;
    const { runId } = this.record;
    if (runId !== undefined) return this.awaitResumed(runId);
    if (unit.run.controls.isPaused()) await unit.whilePaused();
    if (unit.stopping !== undefined) return { status: 'cancelled' };
    let child: StageChild;
    try {
      child = this.toStart();
    } catch (error) {
      return { status: 'failed', reason: StageReason.ExpressionFailed, message: messageOf(error) };
    }
    // Temporal would end the whole pipeline.
    if (jsonBytes(child.args) > CARRIED_LIMIT) {
      const message = `The input of the stage is ${bytesText(jsonBytes(child.args))}; the limit is ${bytesText(CARRIED_LIMIT)}. Write it to a file and pass its path.`;
      return { status: 'failed', reason: StageReason.InputTooLarge, message };
    }
    return this.start(child);
  }

  /** Asks the child to end; its end is received where it is waited for. */
  cancel(): void {
    const { inFlight, controls } = this.unit.run;
    // One that is only just starting is asked as soon as it has; one whose pipeline continues as new, by the next run.
    if (this.runId === undefined || controls.isContinuing) return;
    const child = getExternalWorkflowHandle(this.unit.workflowId);
    // Not in the scope of the caller, which a cancel of the pipeline has cancelled. The child may have ended meanwhile.
    void inFlight.counted(() => CancellationScope.nonCancellable(() => child.cancel()).catch(() => undefined));
  }

  /** Signals to a pipeline that is a stage of this one whether this one is paused. */
  propagatePause(): void {
    const { inFlight, controls } = this.unit.run;
    // One that is only just starting is signalled as soon as it has.
    if (this.runId === undefined) return;
    const { note } = controls.pause ?? {};
    const pause = { paused: controls.pause !== undefined, ...present({ note }) };
    const child = getExternalWorkflowHandle(this.unit.workflowId);
    // It may have ended meanwhile.
    void inFlight.counted(() => child.signal(parentPausedSignal, pause).catch(() => undefined));
  }

  private get record(): RunningUnit {
    return this.unit.record as RunningUnit;
  }

  private get runId(): string | undefined {
    const { record } = this.unit;
    return record.state === UnitState.Running ? record.runId : undefined;
  }

  private toStart(): StageChild {
    const { run, stage, index, workflowId } = this.unit;
    const { manifest, facts } = run.plan;
    const { items } = run.ledger.stage(stage.name);
    const item = items === undefined ? undefined : { item: items[index], index };
    return stageChild(manifest, stage, run.ledger.evaluator(item), {
      workflowId,
      scheduleTime: facts.schedule.time,
      timeZone: facts.timeZone,
      ...present({ index: item?.index, history: facts.history }),
    });
  }

  private async start({ workflowType, args, taskQueue, summary }: StageChild): Promise<ChildOutcome> {
    const { run, stage, name, workflowId } = this.unit;
    const { plan, inFlight } = run;
    const { record } = this;
    const deadline = stage.timeoutSeconds === undefined ? undefined : Date.now() + stage.timeoutSeconds * 1000;
    this.unit.record = {
      state: UnitState.Running,
      ...lasting(record),
      attempts: record.attempts + 1,
      ...present({ deadline }),
    };
    const options = {
      workflowId,
      args,
      ...present({ taskQueue }),
      staticSummary: `${name} · ${summary}`,
      ...attributesOfChild(workflowType, args[0]),
      memo: { pipeline: plan.manifest.metadata.name, run: plan.facts.run, stage: name },
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.ABANDON,
    } satisfies ChildOptions;
    const { runId, handle } = await inFlight.counted(async () => {
      const started = await this.startOrAdopt(workflowType, options);
      this.unit.record = { ...this.record, runId: started.runId };
      return started;
    });
    this.events.started();
    if (this.unit.stopping !== undefined) this.cancel();
    // One that is adopted may know of a pause that this run does not.
    const isPauseKnown = handle !== undefined && !run.controls.isPausePropagated;
    if (stage.pipeline !== undefined && !isPauseKnown) this.propagatePause();
    if (handle === undefined) return this.awaitResumed(runId);
    return this.withLimits(async () => {
      try {
        return { status: 'completed', result: await handle.result() };
      } catch (error) {
        return childOutcome(error);
      }
    });
  }

  /**
   * A run that was reset meets a child that it has no record of: the run before the reset started it. Without a handle
   * where that is so.
   *
   * @throws Error where another workflow of that ID is running
   */
  private async startOrAdopt(
    workflowType: string,
    options: ChildOptions,
  ): Promise<{ readonly runId: string; readonly handle?: ChildWorkflowHandle<Workflow> }> {
    try {
      const handle = await startChild(workflowType, options);
      return { runId: handle.firstExecutionRunId, handle };
    } catch (error) {
      // Runs that began before this change failed the try.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError) || !patched('adopt-child')) throw error;
      const { name, workflowId } = this.unit;
      const { workflowId: parentId, firstExecutionRunId } = workflowInfo();
      const parent: WorkflowReference = { workflowId: parentId, runId: firstExecutionRunId };
      const own = await CancellationScope.nonCancellable(() =>
        short.findChild.executeWithOptions({ summary: `look for ${name}` }, [{ workflowId, parent }]),
      );
      if (own !== undefined) return own;
      throw new Error(
        `Cannot start the workflow ${workflowId}: a workflow of this ID is running that this pipeline did not start. ` +
          'Wait for its end or cancel it, then run the pipeline again.',
        { cause: error },
      );
    }
  }

  private async awaitResumed(runId: string): Promise<ChildOutcome> {
    const { name, workflowId } = this.unit;
    const { heartbeatTimeoutMs: heartbeatTimeout } = receivedTimings(this.events.timings());
    return this.withLimits(() =>
      long.waitForWorkflow.executeWithOptions({ summary: `wait for ${name}`, heartbeatTimeout }, [
        { workflowId, runId },
      ]),
    );
  }

  private async withLimits(wait: () => Promise<ChildOutcome>): Promise<ChildOutcome> {
    const { stage } = this.unit;
    const { deadline } = this.record;
    const clock = new CancellationScope();
    if (deadline !== undefined) {
      const summary = `time limit of ${stage.name}`;
      clock
        .run(() => sleep(Math.max(deadline - Date.now(), 1), { summary }))
        .then(
          () => this.events.timedOut(),
          () => undefined,
        );
    }
    clock.run(() => this.terminateAfterGrace()).catch(() => undefined);
    try {
      return await wait();
    } finally {
      clock.cancel();
    }
  }

  /** A child that ignores its cancel must not hold up the pipeline for ever. */
  private async terminateAfterGrace(): Promise<void> {
    const { run, stage, name, workflowId } = this.unit;
    const { runId } = this;
    if (graceOf(stage) === undefined) return;
    await condition(() => this.terminateAt !== undefined);
    await sleep(Math.max(this.terminateAt! - Date.now(), 1), { summary: `${stage.name}: until it is terminated` });
    if (this.runId !== runId || runId === undefined || run.controls.isContinuing) return;
    const reason = `It did not end within ${graceOf(stage)} s of being cancelled, and was terminated.`;
    this.unit.record = { ...this.record, message: reason };
    await run.inFlight.counted(() =>
      CancellationScope.nonCancellable(() =>
        short.terminateWorkflow.executeWithOptions({ summary: `terminate ${name}` }, [{ workflowId, runId, reason }]),
      ),
    );
  }

  private get terminateAt(): number | undefined {
    const { record } = this.unit;
    return record.state === UnitState.Running ? record.terminateAt : undefined;
  }
}

/**
 * Seconds within which a child must end once it was asked to. Undefined for one that is never terminated: an
 * application would leave its driver behind, and a pipeline its children; both see to their own end.
 */
export function graceOf({ workflow, activity, terminateAfterSeconds = 600 }: PipelineStage): number | undefined {
  return workflow === undefined && activity === undefined ? undefined : terminateAfterSeconds;
}
