import type { ApplicationActivities } from './attempt-activities.ts';
import type { Intent } from './intent.ts';
import type { Interruption } from './interruption.ts';
import type { Admission } from './pool-place.ts';
import type { Position } from './position.ts';

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
  /** Updates what Temporal's UI shows. */
  readonly show: () => void;
}
