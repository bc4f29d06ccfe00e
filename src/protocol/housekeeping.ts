/** Workflow type that clears up after applications. */
export const HOUSEKEEPING_WORKFLOW = 'sparkHousekeeping';

/** The Temporal Schedule that runs it. */
export const HOUSEKEEPING_SCHEDULE_ID = 'temporal-spark-housekeeping';

export interface HousekeepingOptions {
  /** Namespaces of Kubernetes. @default all */
  readonly namespaces?: readonly string[];
  /** Youngest driver that is looked at, in milliseconds. @default 60000 */
  readonly graceMs?: number;
  /**
   * Milliseconds after its end, or after somebody deleted it, until a driver is released whose workflow Temporal does
   * not know. One that runs is never released then: another Temporal may own it. @default 3600000
   */
  readonly unknownGraceMs?: number;
  /** Drivers in memory at once. @default 200 */
  readonly pageSize?: number;
}

/** Input of one pass over all drivers. */
export interface SweepInput extends HousekeepingOptions {
  /** Only one namespace; `namespaces` come first. @default all */
  readonly namespace?: string;
  /** Say what would be done, and do nothing. @default false */
  readonly dryRun?: boolean;
}

/** What one pass over all drivers found and did. */
export interface SweepReport {
  /** Drivers that were looked at. */
  readonly drivers: number;
  readonly released: number;
  /** Released drivers whose time to live was over. */
  readonly deleted: number;
  /** Drivers that have ended or are deleted, and still carry the finalizer. */
  readonly held: number;
  readonly oldestHeldSeconds: number;
  /** What could not be done, and why; at most 20. */
  readonly problems: readonly string[];
}
