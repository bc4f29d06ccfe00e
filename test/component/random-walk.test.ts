import { expect, it } from 'vitest';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { documentedTransitions } from '../support/documented-transitions.ts';
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

const WALKS = 240;
/** Tasks after which it is cancelled where it is not over, and nothing is asked any more. */
const TASKS = 50;

const documented = documentedTransitions();
const seen = new Set<string>();

/** One application with random requests and events. The invariants are checked after each task. */
class Walk {
  private readonly random: () => number;
  private workflow!: SteppedWorkflow;
  private isCancelled = false;
  private isKilled = false;
  private state = 'NEW';
  private attempts = 0;
  private logged = 0;
  /** Submission IDs of attempts that began, whose driver was created, whose end was reported, and that were released. */
  private readonly begun = new Set<string>();
  private readonly created = new Set<string>();
  private readonly reported = new Set<string>();
  private readonly released = new Set<string>();
  private waitingInQueue: string | undefined;

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  async run(): Promise<void> {
    this.workflow = await startApplication(this.manifest());
    try {
      await this.check();
      for (let task = 0; this.workflow.end === undefined; task += 1) {
        if (task > 4 * TASKS) throw new Error(`It never ends: ${JSON.stringify(await statusOf(this.workflow))}`);
        await this.step(task > TASKS);
        await this.check();
      }
      const { state } = await statusOf(this.workflow);
      const isCancelled = this.isKilled || this.workflow.end.kind === 'cancelled';
      expect(state).toBeOneOf(isCancelled ? ['CANCELLED'] : ['COMPLETED', 'FAILED']);
      expect([...this.created].filter((id) => !this.released.has(id))).toEqual([]);
    } finally {
      await this.workflow.dispose();
    }
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
        this.reported.add(submissionId);
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
        throw new Error(`Unexpected activity ${type}`);
    }
  }

  private submitted(input: PendingActivity['input'], isCancelRequested: boolean): TaskEvent {
    const type = 'submitSparkApplication';
    const { identity, admitted } = input as { identity: Record<string, string>; admitted?: boolean };
    const { driverPodName, sparkApplicationId, submissionId = '' } = identity;
    if (isCancelRequested && this.random() < 0.5) {
      // An aborted submission may still have created a driver.
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
    this.reported.add(submissionId);
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
      // A released driver was reported before.
      if (type === 'finalizeSparkApplication') {
        expect([...this.reported]).toContain((input as { driverPodUid: string }).driverPodUid);
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

/** mulberry32: numbers of [0, 1), the same for the same seed. */
function seeded(seed: number): () => number {
  let at = seed;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

it('any requests and events in any order leave nothing behind and take only documented transitions', async () => {
  for (let seed = 1; seed <= WALKS; seed += 1) {
    try {
      await new Walk(seed).run();
    } catch (error) {
      throw new Error(`The walk with the seed ${seed}`, { cause: error });
    }
  }
  // Each documented transition was taken.
  expect([...documented].filter((pair) => !seen.has(pair))).toEqual([]);
});
