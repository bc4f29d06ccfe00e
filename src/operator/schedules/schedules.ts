import { ScheduleNotFoundError, type Client, type ScheduleDescription } from '@temporalio/client';
import { applySchedule, describeSchedule } from '../../client/apply-schedule.ts';
import { RegisteredAttributes } from '../../client/registered-attributes.ts';
import { PauseNote, scheduleIdOf, scheduleOptions } from '../../client/schedule-options.ts';
import type { ScheduledSparkApplication } from '../../manifest/index.ts';
import {
  SCHEDULED_RESOURCE_WORKFLOW,
  sparkApplicationWorkflowId,
  type ScheduleReference,
} from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { asRecord, asText } from '../../validation/unknown-data.ts';

/** A Temporal Schedule that serves a resource. */
export interface ServedSchedule {
  /** Absent while it is paused, or where no further run is due. */
  readonly nextRun?: Date;
}

/** How often a schedule that others change is made what its resource specifies. */
const TRIES = 5;

/** The Temporal Schedules of resources, `spark/<namespace>/<name>`. */
export class Schedules {
  private readonly client: Client;
  private readonly taskQueue: string;
  private readonly attributes = new RegisteredAttributes();

  constructor(client: Client, taskQueue: string) {
    this.client = client;
    this.taskQueue = taskQueue;
  }

  /**
   * Creates the schedule of a resource, or makes it what the resource specifies. Replicas that do the same make one.
   *
   * @returns undefined where a schedule that serves no resource of this task queue has the id
   * @throws ServiceError, Error where others change it as often: a replica of another version may want another schedule
   */
  async apply(manifest: ScheduledSparkApplication, resource: ScheduleReference): Promise<ServedSchedule | undefined> {
    const scheduleId = scheduleIdOf(manifest);
    const options = scheduleOptions(manifest, this.taskQueue, resource);
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const existing = await describeSchedule(this.client, scheduleId);
      if (existing !== undefined && this.uidOf(existing) === undefined) return undefined;
      const outcome = await applySchedule(
        { client: this.client, attributes: this.attributes },
        manifest,
        options,
        existing,
      );
      // Described again after a change: only then are its next times known.
      if (outcome === 'unchanged') return served(existing!);
    }
    throw new Error(
      `Schedule ${scheduleId} was changed ${TRIES} times and still differs from its resource: others change it, too; run operators of one version.`,
    );
  }

  /** Starts no more runs until a valid edit. Does nothing where the schedule does not serve that resource. @throws ServiceError */
  async pauseInvalid(namespace: string, name: string, { uid }: ScheduleReference): Promise<void> {
    const scheduleId = sparkApplicationWorkflowId(namespace, name);
    const existing = await describeSchedule(this.client, scheduleId);
    if (existing === undefined || existing.state.paused || this.uidOf(existing) !== uid) return;
    await this.client.schedule.getHandle(scheduleId).pause(PauseNote.Invalid);
  }

  /** The UID of the resource that a schedule serves; undefined where it serves none. @throws ServiceError */
  async servedBy(namespace: string, name: string): Promise<string | undefined> {
    const found = await describeSchedule(this.client, sparkApplicationWorkflowId(namespace, name));
    return found && this.uidOf(found);
  }

  /** Its runs continue. @throws ServiceError */
  async delete(namespace: string, name: string): Promise<void> {
    try {
      await this.client.schedule.getHandle(sparkApplicationWorkflowId(namespace, name)).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }

  /** Those that serve resources, of any task queue; the list is some moments behind. @throws ServiceError */
  async *all(): AsyncIterable<{ readonly namespace: string; readonly name: string }> {
    for await (const { scheduleId, action } of this.client.schedule.list()) {
      const [prefix, namespace, name] = scheduleId.split('/');
      if (prefix !== 'spark' || namespace === undefined || name === undefined) continue;
      if (action?.workflowType === SCHEDULED_RESOURCE_WORKFLOW) yield { namespace, name };
    }
  }

  private uidOf({ action }: ScheduleDescription): string | undefined {
    // The workers of another task queue serve resources of another cluster.
    if (action.workflowType !== SCHEDULED_RESOURCE_WORKFLOW || action.taskQueue !== this.taskQueue) return undefined;
    return asText(asRecord(action.args?.[1])['uid']);
  }
}

function served({ state, info }: ScheduleDescription): ServedSchedule {
  return present({ nextRun: state.paused ? undefined : info.nextActionTimes[0] });
}
