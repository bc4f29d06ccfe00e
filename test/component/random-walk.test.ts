import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { documentedTransitions } from '../support/documented-transitions.ts';
import { byLane, seedOf } from '../support/lane.ts';
import { application, outcomeOf, startApplication, statusOf } from '../support/stepped-application.ts';
import {
  cancels,
  completes,
  fails,
  isCancelled,
  signals,
  updates,
  type PendingActivity,
  type SteppedWorkflow,
  type TaskEvent,
  type UpdateEvent,
} from '../support/stepped-workflow.ts';

/** In the gate the same walks each time, of a seed that comes to all ways early; `WALK_SEED=…` walks those of another. */
const WALKS = byLane({ test: 160, all: 2_000 });
const seed = seedOf('WALK_SEED', 3);
/** Steps after which the application is cancelled if it still runs, and no more requests are sent. */
const STEPS = 50;
/** Steps in which a cancelled application must end. */
const LAST_STEPS = 150;
/** No step decides more often. */
const DECISIONS = 40;

const documented = documentedTransitions();
const seen = new Set<string>();

/** Numbers of [0, 1) by which a step decides what happens; 0 once they are used up. */
type Decisions = readonly number[];

/** One application, to which things happen at random. What must hold whatever happens is checked after each step. */
class Walk {
  private decisions: Decisions = [];
  private decided = 0;
  private workflow!: SteppedWorkflow;
  private isCancelled = false;
  private isKilled = false;
  private state = 'NEW';
  private attempts = 0;
  private logged = 0;
  /** Submission IDs of attempts that were begun, whose driver was created, whose end was reported, and that were released. */
  private readonly begun = new Set<string>();
  private readonly created = new Set<string>();
  private readonly ended = new Set<string>();
  private readonly released = new Set<string>();
  private waitingInQueue: string | undefined;

  async start(decisions: Decisions): Promise<void> {
    this.decide(decisions);
    this.workflow = await startApplication(this.manifest());
    await this.check();
  }

  get isOver(): boolean {
    return this.workflow.end !== undefined;
  }

  async next(decisions: Decisions, isClosing: boolean): Promise<void> {
    this.decide(decisions);
    await this.step(isClosing);
    await this.check();
  }

  async end(): Promise<void> {
    for (let step = 0; !this.isOver; step += 1) {
      if (step > LAST_STEPS) throw new Error(`It never ends: ${JSON.stringify(await statusOf(this.workflow))}`);
      await this.next([], true);
    }
    const { state } = await statusOf(this.workflow);
    const isCancelled = this.isKilled || this.workflow.end!.kind === 'cancelled';
    expect(state).toBeOneOf(isCancelled ? ['CANCELLED'] : ['COMPLETED', 'FAILED']);
    expect([...this.created].filter((id) => !this.released.has(id))).toEqual([]);
  }

  async dispose(): Promise<void> {
    await this.workflow.dispose();
  }

  private decide(decisions: Decisions): void {
    this.decisions = decisions;
    this.decided = 0;
  }

  private random(): number {
    return this.decisions[this.decided++] ?? 0;
  }

  private manifest(): SparkApplicationManifest {
    const type = this.pick(['Never', 'OnFailure', 'Always'] as const);
    return application({
      restartPolicy: { type, onFailureRetries: 2, onSubmissionFailureRetries: 1, onFailureRetryInterval: 10 },
      ...(this.random() < 0.25 ? { suspend: true } : {}),
    });
  }

  private async step(isClosing: boolean): Promise<void> {
    const { workflow } = this;
    const requests = isClosing ? [] : this.requests();
    const events: TaskEvent[] = [...requests];
    if (this.waitingInQueue !== undefined && this.random() < 0.4) {
      events.push(signals('admission', { queue: 'pool', holder: this.waitingInQueue }));
      this.waitingInQueue = undefined;
    }
    if (!this.isCancelled && (isClosing || this.random() < 0.02)) {
      this.isCancelled = true;
      events.push(cancels);
    }
    for (const activity of workflow.activities.values()) {
      // Checks take longer, so that more may cross them.
      const odds = activity.type === 'checkManifestUpdate' ? 0.25 : 0.5;
      if (isClosing || this.random() < odds) events.push(this.endOf(activity));
    }
    if (events.length > 0) await workflow.task(...events);
    else await workflow.passes(this.pick([1_000, 30_000]));
    if (requests.some(({ kind, answer }) => kind === 'kill' && answer?.state === 'completed')) this.isKilled = true;
  }

  private requests(): (UpdateEvent & { kind: string })[] {
    return Array.from({ length: this.pick([0, 0, 0, 0, 1, 1, 2]) }, () => {
      const kind =
        this.random() < 0.05
          ? 'kill'
          : this.pick(['suspend', 'resume', 'resume', 'restart', 'updateManifest', 'updateManifest']);
      const update = kind === 'updateManifest' ? updates(kind, this.manifest()) : updates(kind);
      return Object.assign(update, { kind });
    });
  }

  private endOf({ type, input, isCancelRequested }: PendingActivity): TaskEvent {
    switch (type) {
      case 'submitSparkApplication':
        return this.submitted(input, isCancelRequested);
      case 'requestAdmission':
        return completes(type);
      case 'waitForSparkDriver':
        return completes(type, this.observed(input));
      case 'stopSparkDriver': {
        const { submissionId } = input as { submissionId: string };
        if (!this.created.has(submissionId)) return completes(type, {});
        this.ended.add(submissionId);
        const outcome = outcomeOf(this.pick([0, 1, 143, 143]), submissionId);
        return completes(type, { outcome: { ...outcome, deleted: outcome.exitCode === 143 } });
      }
      case 'finalizeSparkApplication':
        this.released.add((input as { driverPodUid: string }).driverPodUid);
        return completes(type, { finalizer: 'removed' });
      case 'checkManifestUpdate': {
        const { proposed: manifest } = input;
        const effect = this.pick(['none', 'in-place', 'rerun', 'invalid']);
        return effect === 'invalid' ? fails(type, 'InvalidManifest') : completes(type, { manifest, effect });
      }
      default:
        throw new Error(`unexpected activity ${type}`);
    }
  }

  private submitted(input: PendingActivity['input'], isCancelRequested: boolean): TaskEvent {
    const type = 'submitSparkApplication';
    const { identity, admitted } = input as { identity: Record<string, string>; admitted?: boolean };
    const { driverPodName, sparkApplicationId, submissionId = '' } = identity;
    if (isCancelRequested && this.random() < 0.5) {
      // What is given up may have made a driver all the same.
      if (this.random() < 0.5) this.created.add(submissionId);
      return isCancelled(type);
    }
    if (this.random() < 0.25) {
      if (this.random() < 0.3) this.created.add(submissionId);
      return fails(type, this.pick(['Forbidden', 'InvalidManifest']));
    }
    if (admitted !== true && this.random() < 0.3) {
      this.waitingInQueue = submissionId;
      return completes(type, { queue: 'pool', limits: {}, priority: 0, requests: {} });
    }
    this.created.add(submissionId);
    return completes(type, { driverPodName, sparkApplicationId, driverPodUid: submissionId });
  }

  private observed(input: PendingActivity['input']): unknown {
    const { submissionId, until } = input as { submissionId: string; until: string };
    const state = this.pick([until === 'running' ? 'RUNNING' : 'ENDED', 'ENDED', 'PENDING', 'UNKNOWN', 'GIVEN_UP']);
    if (state === 'RUNNING') return { state };
    if (state !== 'ENDED') return { state, problem: { reason: 'Something' } };
    this.ended.add(submissionId);
    return { state, outcome: outcomeOf(this.pick([0, 1]), submissionId) };
  }

  private async check(): Promise<void> {
    const { workflow } = this;
    for (const { attributes } of workflow.logged.slice(this.logged)) {
      const { from, to } = attributes as { from?: string; to?: string };
      if (from === undefined || to === undefined) continue;
      expect(from).toBe(this.state);
      expect([...documented]).toContain(`${from} ${to}`);
      seen.add(`${from} ${to}`);
      this.state = to;
    }
    this.logged = workflow.logged.length;
    for (const { type, input } of workflow.activities.values()) {
      if (type === 'submitSparkApplication')
        this.begun.add((input as { identity: { submissionId: string } }).identity.submissionId);
      // A driver is released only after its end was reported.
      if (type === 'finalizeSparkApplication') {
        expect([...this.ended]).toContain((input as { driverPodUid: string }).driverPodUid);
      }
    }
    const { state, attempts, attemptHistory } = await statusOf(workflow);
    expect(state).toBe(this.state);
    expect(attempts - this.attempts).toBeOneOf([0, 1]);
    expect(this.begun.size).toBe(attempts);
    this.attempts = attempts;
    const last = attemptHistory.at(-1)?.attempt ?? 0;
    expect(last).toBeOneOf([attempts, attempts - 1]);
    expect(attemptHistory.map(({ attempt }) => attempt)).toEqual(
      attemptHistory.map((_, i) => last - attemptHistory.length + 1 + i),
    );
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random() * items.length)]!;
  }
}

/** One step of a walk; the fewest and simplest steps that fail are what a failure prints. */
class Step implements fc.AsyncCommand<object, Walk> {
  private readonly decisions: Decisions;

  constructor(decisions: Decisions) {
    this.decisions = decisions;
  }

  check(): boolean {
    return true;
  }

  async run(_model: object, walk: Walk): Promise<void> {
    if (!walk.isOver) await walk.next(this.decisions, false);
  }

  toString(): string {
    return `Step(${this.decisions.join(', ')})`;
  }
}

const decisions = fc.array(
  fc.noBias(fc.integer({ min: 0, max: 999 })).map((n) => n / 1000),
  {
    minLength: DECISIONS,
    maxLength: DECISIONS,
  },
);
const steps = fc.commands([decisions.map((each) => new Step(each))], { maxCommands: STEPS, size: 'max' });

it('leaves nothing behind and takes only documented transitions, with any requests and events in any order', async () => {
  const walks = fc.asyncProperty(decisions, steps, async (first, commands) => {
    const walk = new Walk();
    await walk.start(first);
    try {
      await fc.asyncModelRun(() => ({ model: {}, real: walk }), commands);
      await walk.end();
    } finally {
      await walk.dispose();
    }
  });
  await fc.assert(walks, { seed, numRuns: WALKS });
  // Each way that the page names is gone.
  expect([...documented].filter((pair) => !seen.has(pair))).toEqual([]);
});
