import { ScheduleOverlapPolicy, type Client, type ScheduleDescription } from '@temporalio/client';
import type { ScheduledSparkApplicationManifest, ScheduledSparkPipelineManifest } from '../manifest/index.ts';
import { applySchedule, describeSchedule, type ApplyOutcome } from './apply-schedule.ts';
import { endOfDay, isDay, startOfDay } from './day.ts';
import { loadManifests } from './load-manifests.ts';
import { nameSuffix } from './name-suffix.ts';
import { RegisteredAttributes, type ClientParts } from './registered-attributes.ts';
import { scheduleOf, scheduleOptions, whatRuns } from './schedule-options.ts';
import { runOutcome, startedRun, type RunOutcome, type StartedRun } from './schedule-run.ts';
import { present } from '../validation/present.ts';

/** The result of applying a manifest. */
export interface AppliedSchedule {
  readonly scheduleId: string;
  readonly outcome: ApplyOutcome;
}

export interface SparkScheduleStatus {
  readonly scheduleId: string;
  /** As the manifest has it, such as `0 3 * * *`; absent where 0.1 created the schedule. */
  readonly schedule?: string;
  readonly timeZone: string;
  /** What it runs, in one line: `application, Spark 4.1.4, image spark:4.1.4`. */
  readonly runs: string;
  readonly paused: boolean;
  readonly note?: string;
  /** RFC 3339. */
  readonly nextRuns: readonly string[];
  /** Oldest first. */
  readonly recentRuns: readonly StartedRun[];
  /** Workflow ids of the current runs. */
  readonly running: readonly string[];
  readonly workflowType: string;
  readonly overlap: string;
  readonly catchUpSeconds: number;
  /** Runs that were skipped because a previous one was under way. */
  readonly skipped: number;
  /** Runs that were missed while Temporal was down for longer than the catch-up window. */
  readonly missed: number;
}

/** A schedule as the list has it. */
export interface ListedSchedule {
  readonly scheduleId: string;
  readonly paused: boolean;
  readonly note?: string;
  /** RFC 3339. */
  readonly nextRun?: string;
  readonly lastRun?: StartedRun;
}

/** Two times, both included. A text is a full day in the schedule's zone, `YYYY-MM-DD`. */
export interface BackfillRange {
  readonly from: Date | string;
  readonly to: Date | string;
}

/**
 * Schedules of applications and pipelines: Temporal Schedules with ids `spark/<namespace>/<name>` and
 * `pipeline/<namespace>/<name>`.
 */
export class ScheduleClient {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly attributes: RegisteredAttributes;

  constructor(client: Client, { taskQueue, attributes = new RegisteredAttributes() }: ClientParts) {
    this.client = client;
    this.taskQueue = taskQueue;
    this.attributes = attributes;
  }

  /**
   * Creates the schedule of a manifest, or updates it. The same manifest again changes nothing; a schedule that was
   * paused by hand stays paused.
   *
   * @throws ManifestError with every problem of the manifest, a wrong time or time zone among them
   */
  async apply(written: ScheduledSparkApplicationManifest | ScheduledSparkPipelineManifest): Promise<AppliedSchedule> {
    const { parseManifest, ManifestError } = await loadManifests();
    const manifest = parseManifest(written, { nameSuffix });
    if (manifest.kind !== 'ScheduledSparkApplication' && manifest.kind !== 'ScheduledSparkPipeline') {
      const message = 'is not a schedule';
      throw new ManifestError([{ document: 1, path: ['kind'], pathText: 'kind', code: 'not_supported', message }]);
    }
    const options = scheduleOptions(manifest, this.taskQueue);
    const { scheduleId } = options;
    for (;;) {
      const existing = await describeSchedule(this.client, scheduleId);
      const outcome = await applySchedule(
        { client: this.client, attributes: this.attributes },
        manifest,
        options,
        existing,
      );
      if (outcome !== undefined) return { scheduleId, outcome };
    }
  }

  async describe(scheduleId: string): Promise<SparkScheduleStatus> {
    return statusOf(await this.client.schedule.getHandle(scheduleId).describe());
  }

  /**
   * The schedules of temporal-spark in the namespace; the list is eventually consistent.
   *
   * @param options.limit greatest number; the default is all
   */
  async list({ limit = Infinity }: { readonly limit?: number } = {}): Promise<ListedSchedule[]> {
    const found: ListedSchedule[] = [];
    for await (const { scheduleId, state, info } of this.client.schedule.list()) {
      if (!/^(?:spark|pipeline)\/[^/]+\/[^/]+$/.test(scheduleId)) continue;
      const nextRun = info.nextActionTimes[0]?.toISOString();
      const lastRun = info.recentActions.map(startedRun).at(-1);
      found.push({ scheduleId, paused: state.paused, ...present({ note: state.note || undefined, nextRun, lastRun }) });
      if (found.length >= limit) break;
    }
    return found.sort((a, b) => a.scheduleId.localeCompare(b.scheduleId));
  }

  /** How a run goes, or how it ended: one request; absent where Temporal keeps it no longer. */
  outcome({ workflowId }: StartedRun): Promise<RunOutcome | undefined> {
    return runOutcome(this.client, workflowId);
  }

  async pause(scheduleId: string, note = 'paused by hand'): Promise<void> {
    await this.client.schedule.getHandle(scheduleId).pause(note);
  }

  /** @param note must not be empty: without one Temporal does nothing */
  async resume(scheduleId: string, note = 'resumed by hand'): Promise<void> {
    await this.client.schedule.getHandle(scheduleId).unpause(note);
  }

  /** Starts a run now; its logical time is now. */
  async trigger(scheduleId: string): Promise<void> {
    await this.client.schedule.getHandle(scheduleId).trigger();
  }

  /**
   * Starts a run for each time the schedule was due in a range; each has that logical time.
   *
   * @throws RangeError where a text is not a day, or the range ends before it begins
   */
  async backfill(scheduleId: string, { from, to }: BackfillRange): Promise<void> {
    const handle = this.client.schedule.getHandle(scheduleId);
    for (const day of [from, to]) {
      if (typeof day === 'string' && !isDay(day))
        throw new RangeError(`"${day}" is not a day; write it as 2026-11-20.`);
    }
    const { policies, spec } = await handle.describe();
    const zone = spec.timezone === undefined || spec.timezone === '' ? 'UTC' : spec.timezone;
    const start = typeof from === 'string' ? startOfDay(from, zone) : from;
    const end = typeof to === 'string' ? endOfDay(to, zone) : to;
    if (end < start) {
      const [begins, ends] = [from, to].map((time) => (typeof time === 'string' ? time : time.toISOString()));
      throw new RangeError(`The range to backfill ${scheduleId} for ends (${ends}) before it begins (${begins}).`);
    }
    // Overlapping runs would be skipped at once; a backfill runs one after the other.
    const overlap = policies.overlap === 'ALLOW_ALL' ? 'ALLOW_ALL' : 'BUFFER_ALL';
    // The beginning of a range is not part of it.
    await handle.backfill({ start: new Date(start.getTime() - 1), end, overlap });
  }

  /** Its runs continue. */
  async delete(scheduleId: string): Promise<void> {
    await this.client.schedule.getHandle(scheduleId).delete();
  }
}

function statusOf({ scheduleId, state, info, action, spec, policies }: ScheduleDescription): SparkScheduleStatus {
  const timeZone = spec.timezone || 'UTC';
  return {
    scheduleId,
    ...present({ schedule: scheduleOf(action.staticSummary, timeZone) }),
    timeZone,
    runs: whatRuns(action.memo),
    paused: state.paused,
    ...present({ note: state.note || undefined }),
    nextRuns: info.nextActionTimes.slice(0, 5).map((time) => time.toISOString()),
    recentRuns: info.recentActions.map(startedRun),
    running: info.runningActions.map(({ workflow }) => workflow.workflowId),
    workflowType: action.workflowType ?? '',
    overlap: policies.overlap ?? ScheduleOverlapPolicy.SKIP,
    catchUpSeconds: policies.catchupWindow / 1000,
    skipped: info.numActionsSkippedOverlap,
    missed: info.numActionsMissedCatchupWindow,
  };
}
