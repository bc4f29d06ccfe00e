import type { KeptStages } from './kept-stages.ts';

/** Drivers of earlier runs that stay, for each stage, and for each item of a fan-out. */
export interface RunHistoryLimits {
  /** The name that separates the runs of a schedule from those of another. */
  readonly schedule: string;
  readonly successful?: number;
  readonly failed?: number;
}

/** Settings of a run that are not part of the manifest. */
export interface SparkPipelineOptions {
  /** Values of the manifest's parameters. @default each parameter's default */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Stages that an earlier run has done. @default none */
  readonly keep?: KeptStages;
  /** RFC 3339; what `schedule.time` is. @default when the schedule was due, else when the run started */
  readonly scheduleTime?: string;
  /** IANA zone that `schedule.date` is a day of. @default 'UTC' */
  readonly timeZone?: string;
  /** Of how many runs housekeeping keeps the drivers. @default all */
  readonly history?: RunHistoryLimits;
  /** Events of its history after which it continues as new. @default when Temporal suggests it */
  readonly maxHistoryEvents?: number;
}
