import type { SparkApplicationManifest } from '../manifest/index.ts';

/** Workflow type of one run of a `ScheduledSparkApplication` resource. */
export const SCHEDULED_RESOURCE_WORKFLOW = 'scheduledSparkResource';

/** The resource whose runs a Temporal Schedule creates: the workflow's second argument. */
export interface ScheduleReference {
  readonly uid: string;
}

export interface CreateRunInput {
  /** The `SparkApplication` to create. */
  readonly manifest: SparkApplicationManifest;
  /** Its owner. */
  readonly schedule: { readonly name: string; readonly uid: string };
}

/** The `SparkApplication` of that name, where it belongs to the schedule. */
export interface RunReference {
  readonly namespace: string;
  readonly name: string;
  readonly scheduleUid: string;
}

/** A `SparkApplication` that a schedule has created. */
export interface ScheduledRun {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** How a run ended. */
export const RunEnd = {
  Completed: 'COMPLETED',
  Failed: 'FAILED',
  /** Its SparkApplication was deleted, or its schedule was before it was created. */
  Deleted: 'DELETED',
} as const;
export type RunEnd = (typeof RunEnd)[keyof typeof RunEnd];
