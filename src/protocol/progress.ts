import { defineSignal } from '@temporalio/workflow';
import type { ExecutorCounts } from './executor-counts.ts';

/** The progress of an application, as its driver reports it: of the jobs that run now, their stages and their tasks. */
export interface SparkProgress {
  /** Jobs that run; none while the driver works by itself. */
  readonly jobs: number;
  readonly stages: { readonly completed: number; readonly running: number; readonly total: number };
  readonly tasks: {
    readonly completed: number;
    readonly running: number;
    /** Tries that failed; Spark does most of them again. */
    readonly failed: number;
    readonly total: number;
  };
  /** The stages that run, at most three. */
  readonly runningStages: readonly StageProgress[];
  /** RFC 3339. */
  readonly observedAt: string;
}

/** A stage of Spark that runs. */
export interface StageProgress {
  readonly id: number;
  /** Spark's name of it, such as `count at Report.scala:12`, at most 80 characters. */
  readonly name: string;
  /** Tasks. */
  readonly completed: number;
  readonly total: number;
}

/** The report of the wait for a driver to the workflow, at intervals that double. */
export interface DriverProgressReport {
  /** Of the attempt: reports of an ended one are ignored. */
  readonly submissionId: string;
  readonly executors: ExecutorCounts;
  /** Absent where the driver does not answer. */
  readonly progress?: SparkProgress;
}

export const driverProgressSignal = defineSignal<[DriverProgressReport]>('driverProgress');

/** In one line, for a person; without slashes, of which markdown makes fractions. */
export function describeProgress({ jobs, stages, tasks, runningStages }: SparkProgress): string {
  if (jobs === 0) return 'no job runs';
  const failed = tasks.failed === 0 ? '' : ` (${tasks.failed} tries failed)`;
  const now = runningStages.map(({ id, name, completed, total }) => `stage ${id} ${name}: ${completed} of ${total}`);
  return [
    `${jobs} ${jobs === 1 ? 'job' : 'jobs'}, stages ${stages.completed} of ${stages.total}, tasks ${tasks.completed} of ${tasks.total}${failed}`,
    ...now,
  ].join('; ');
}
