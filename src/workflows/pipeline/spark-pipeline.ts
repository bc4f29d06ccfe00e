import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import type { SparkPipelineManifest } from '../../manifest/index.ts';
import {
  cancelStageUpdate,
  parentPausedSignal,
  pausePipelineUpdate,
  pipelineManifestQuery,
  pipelineStatusQuery,
  resumePipelineUpdate,
  semaphoreGrantedSignal,
  type SparkPipelineOptions,
  type SparkPipelineResult,
} from '../../protocol/index.ts';
import type { CarriedPipeline } from './carried-pipeline.ts';
import { PipelineRun } from './pipeline-run.ts';
import { invalidManifest } from '../read-input.ts';

/**
 * Runs a pipeline once: each stage as a child workflow when what it depends on has ended. Takes a `SparkPipeline`
 * manifest as JSON, so that any Temporal client can start it.
 *
 * `carried` is for the workflow itself, when it continues as new.
 *
 * @returns the result of a pipeline that completed
 * @throws ApplicationFailure `SparkPipelineFailed`, with the result as its detail; `InvalidManifest`,
 * `InvalidParameters`
 */
export async function sparkPipeline(
  manifest: SparkPipelineManifest,
  options: SparkPipelineOptions = {},
  carried?: CarriedPipeline,
): Promise<SparkPipelineResult> {
  const pipeline = runOf(manifest, options, carried);
  setHandler(pipelineStatusQuery, () => pipeline.status(), {
    description: 'State of the pipeline and of each stage: attempts, outputs, reason and times',
  });
  setHandler(pipelineManifestQuery, () => manifest, { description: 'The SparkPipeline manifest that is being run' });
  setHandler(pausePipelineUpdate, (note) => pipeline.pause(note), {
    description: 'Start no more stages; running stages continue. Optional argument: a note',
    validator: (note: unknown) => refuse(pipeline.pauseFault(note)),
  });
  setHandler(resumePipelineUpdate, () => pipeline.resume(), { description: 'Resume after a pause' });
  setHandler(cancelStageUpdate, (stage: string) => pipeline.cancelStage(stage), {
    description: 'Cancel one stage by its name; the failure policy decides about the others',
    validator: (stage: string) => refuse(pipeline.cancelFault(stage)),
  });
  setHandler(parentPausedSignal, (pause: unknown) => pipeline.parentPaused(pause), {
    description: 'From the pipeline that this one is a stage of: it was paused or resumed',
  });
  setHandler(semaphoreGrantedSignal, (place: unknown) => pipeline.grant(place), {
    description: 'From a semaphore: it granted a place to this stage',
  });
  return pipeline.execute();
}

function refuse(fault: string | undefined): void {
  // Half a character of someone's text would block the workflow for ever.
  if (fault !== undefined) throw new Error(fault.toWellFormed());
}

/**
 * Any Temporal client can send anything: what cannot be read must not be retried for ever.
 *
 * @throws ApplicationFailure `InvalidManifest`
 */
function runOf(...given: ConstructorParameters<typeof PipelineRun>): PipelineRun {
  try {
    return new PipelineRun(...given);
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    throw invalidManifest(
      `The first argument must be a SparkPipeline manifest as JSON, the second its options: ${(error as Error).message}`,
    );
  }
}
