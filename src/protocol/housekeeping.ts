/** Workflow type that clears up after applications. */
export const HOUSEKEEPING_WORKFLOW = 'sparkHousekeeping';

/** The Temporal Schedule that runs it. */
export const HOUSEKEEPING_SCHEDULE_ID = 'temporal-spark-housekeeping';

export interface HousekeepingOptions {
  /** Namespaces of Kubernetes. @default all */
  readonly namespaces?: readonly string[];
  /** Youngest driver that is looked at, in milliseconds. @default 60000 */
  readonly graceMs?: number;
  /** Milliseconds after its end until a driver is released whose workflow Temporal does not know. @default 3600000 */
  readonly unknownGraceMs?: number;
  /** Drivers in memory at once. @default 200 */
  readonly pageSize?: number;
}
