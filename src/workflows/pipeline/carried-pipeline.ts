import type { CarriedTimings, PipelineTimings } from '../../timings/index.ts';
import type { StageRecord } from './stage-record.ts';
import type { Stop } from './stop.ts';

/** The data that a run carries to the one that continues it. */
export interface CarriedPipeline extends CarriedTimings<PipelineTimings> {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly scheduleTime: string;
  readonly startedAt: string;
  readonly pause?: { readonly note?: string };
  /** By the pipeline that this one is a stage of. */
  readonly parentPause?: { readonly note?: string };
  /** The pipelines that are its stages have been signalled that it is paused. @default false */
  readonly toldPaused?: boolean;
  readonly stop?: Stop;
  readonly granted: readonly string[];
  readonly stages: Readonly<Record<string, StageRecord>>;
}
