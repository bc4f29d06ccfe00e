import type { ApplicationActivities } from './attempt-activities.ts';
import type { ApplicationState } from '../../protocol/index.ts';
import type { AttemptResult } from './attempt-end.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Intent } from './intent.ts';
import type { Interruption } from './interruption.ts';
import type { Admission } from './pool-place.ts';
import type { Position } from './position.ts';
import type { ResourceMirror } from './resource-mirror.ts';

/** What an attempt uses of its application. */
export interface AttemptContext {
  readonly intent: Intent;
  readonly position: Position;
  readonly activities: ApplicationActivities;
  /** The queue of the driver's pool, where that takes a limited number of applications. */
  readonly pool: Admission;
  /** Of the submission and the wait: by a request that ends the attempt. */
  readonly interruption: Interruption;
  /** Of the activity that was given deadlines: by a manifest that changes them. */
  readonly deadlines: Interruption;
  /** The status of the resource that the application serves. */
  readonly mirror: ResourceMirror;
  /** The state of the application once nothing of an attempt that ended so is left to be done. */
  readonly stateAfter: (attempt: AttemptRecord, result: AttemptResult) => ApplicationState;
  /** Updates what Temporal's UI shows. */
  readonly show: () => void;
}
