/** Workflow type that cleans up after applications. */
export const HOUSEKEEPING_WORKFLOW = 'sparkHousekeeping';

/** The Temporal Schedule that runs it. */
export const HOUSEKEEPING_SCHEDULE_ID = 'temporal-spark-housekeeping';

export interface HousekeepingOptions {
  /** Namespaces of Kubernetes. @default all */
  readonly namespaces?: readonly string[];
  /** Minimum age of a driver that is swept, in milliseconds. @default 60000 */
  readonly graceMs?: number;
  /**
   * Milliseconds after the end or the deletion of a driver until it is released if Temporal does not know its
   * workflow. A running one is never released then: another Temporal may own it. @default 3600000
   */
  readonly unknownGraceMs?: number;
  /** Drivers in memory at once. @default 200 */
  readonly pageSize?: number;
}

/** Input of one pass over all drivers. */
export interface SweepInput extends HousekeepingOptions {
  /** Only one namespace; `namespaces` come first. @default all */
  readonly namespace?: string;
  /** Report the actions without performing them. @default false */
  readonly dryRun?: boolean;
}

/** The findings and actions of one pass over all drivers. */
export interface SweepReport {
  /** Drivers that were swept. */
  readonly drivers: number;
  readonly released: number;
  /** Released drivers whose time to live was over. */
  readonly deleted: number;
  /** Drivers that ran although their workflow had ended by itself. @default 0, in earlier histories */
  readonly stopped?: number;
  /** Drivers that have ended or are deleted, and still carry the finalizer. */
  readonly held: number;
  readonly oldestHeldSeconds: number;
  /** Failed actions, and why; at most 20. */
  readonly problems: readonly string[];
}
