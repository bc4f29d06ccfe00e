import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import type { Side } from './http2-proxy.ts';
import type { Step } from './step.ts';

/** What becomes of an application. */
export const Shape = {
  /** Its driver ends with 0. */
  Plain: 'plain',
  /** Its driver fails, is started once more, and fails. */
  Restarted: 'restarted',
  /** Its workflow is cancelled while the driver runs. */
  Cancelled: 'cancelled',
  /** A user deletes the driver while it runs. */
  Deleted: 'deleted',
  /** It gets a new manifest while the driver runs, which is replaced. */
  Updated: 'updated',
  /** It is suspended while the driver runs, gets a new manifest meanwhile, and is resumed. */
  Suspended: 'suspended',
} as const;
export type Shape = (typeof Shape)[keyof typeof Shape];

/** What every run of a shape has to come to. */
export interface Expected {
  readonly state: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  readonly exitCode: number;
  readonly attempts: number;
  /** Whether the last driver's pod is still there, for its log. */
  readonly podStays: boolean;
}

export const EXPECTED: Readonly<Record<Shape, Expected>> = {
  [Shape.Plain]: { state: 'COMPLETED', exitCode: 0, attempts: 1, podStays: true },
  [Shape.Restarted]: { state: 'FAILED', exitCode: 3, attempts: 2, podStays: true },
  [Shape.Cancelled]: { state: 'CANCELLED', exitCode: 143, attempts: 1, podStays: false },
  [Shape.Deleted]: { state: 'FAILED', exitCode: 143, attempts: 1, podStays: false },
  [Shape.Updated]: { state: 'COMPLETED', exitCode: 0, attempts: 2, podStays: true },
  [Shape.Suspended]: { state: 'COMPLETED', exitCode: 0, attempts: 2, podStays: true },
};

export function manifestOf(shape: Shape, name: string, namespace: string): SparkApplicationManifest {
  switch (shape) {
    case Shape.Plain:
      return sparkPi({ name, namespace, annotations: { 'lab.temporal-spark/run-seconds': '2' } });
    case Shape.Restarted: {
      const manifest = sparkPi({ name, namespace, annotations: { 'lab.temporal-spark/exit-code': '3' } });
      manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
      return manifest;
    }
    case Shape.Cancelled:
    case Shape.Deleted:
    case Shape.Updated:
    case Shape.Suspended:
      return sparkPi({ name, namespace, annotations: RUN_FOREVER });
    default:
      return shape satisfies never;
  }
}

/** A moment of a run: before the server has seen a call of the worker, or when it has answered and nobody knows yet. */
export interface Point {
  readonly shape: Shape;
  readonly link: Step['link'];
  readonly step: string;
  /** Which call of that name in the run, counted from 1. */
  readonly nth: number;
  readonly side: Side;
}

export function nameOf({ shape, step, nth, side }: Point): string {
  return `${shape}: ${side} ${step} #${nth}`;
}

const COMPLETED = 'RespondActivityTaskCompleted';
const DECIDED = 'RespondWorkflowTaskCompleted';

/** The calls of a run, by shape; of the later shapes those that the earlier ones have not. */
const STEPS: readonly (readonly [Shape, Step['link'], string, number])[] = [
  [Shape.Plain, 'temporal', DECIDED, 1], // schedules the submission: its ID is in history
  [Shape.Plain, 'kubernetes', 'get pods', 1], // is the way clear?
  [Shape.Plain, 'kubernetes', 'create pods', 1],
  [Shape.Plain, 'kubernetes', 'create services', 1],
  [Shape.Plain, 'kubernetes', 'create configmaps', 1],
  [Shape.Plain, 'kubernetes', 'create configmaps', 2],
  [Shape.Plain, 'kubernetes', 'get pods', 2], // is it what was asked for?
  [Shape.Plain, 'temporal', `${COMPLETED} submitSparkApplication`, 1],
  [Shape.Plain, 'temporal', DECIDED, 2], // schedules the wait for the start
  [Shape.Plain, 'kubernetes', 'list pods', 1],
  [Shape.Plain, 'kubernetes', 'watch pods', 1],
  [Shape.Plain, 'temporal', `${COMPLETED} waitForSparkDriver`, 1], // it runs
  [Shape.Plain, 'temporal', DECIDED, 3], // schedules the wait for the end
  [Shape.Plain, 'kubernetes', 'get pods', 3], // has it really ended?
  [Shape.Plain, 'temporal', `${COMPLETED} waitForSparkDriver`, 2], // the outcome
  [Shape.Plain, 'temporal', DECIDED, 4], // schedules finalize
  [Shape.Plain, 'kubernetes', 'patch pods', 1], // the finalizer goes
  [Shape.Plain, 'temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  [Shape.Plain, 'temporal', DECIDED, 5], // the result
  [Shape.Restarted, 'kubernetes', 'get pods/log', 1],
  [Shape.Restarted, 'temporal', DECIDED, 5], // starts the timer before the second attempt
  [Shape.Restarted, 'temporal', DECIDED, 6], // schedules the second submission
  [Shape.Restarted, 'kubernetes', 'delete pods', 1], // clears the first driver away
  [Shape.Restarted, 'kubernetes', 'create pods', 2],
  [Shape.Restarted, 'kubernetes', 'create services', 2],
  [Shape.Restarted, 'temporal', `${COMPLETED} submitSparkApplication`, 2],
  [Shape.Restarted, 'kubernetes', 'patch pods', 2],
  [Shape.Restarted, 'temporal', `${COMPLETED} finalizeSparkApplication`, 2],
  [Shape.Cancelled, 'temporal', DECIDED, 4], // schedules the stop
  [Shape.Cancelled, 'kubernetes', 'get pods', 3],
  [Shape.Cancelled, 'kubernetes', 'delete pods', 1],
  [Shape.Cancelled, 'temporal', `${COMPLETED} stopSparkDriver`, 1],
  [Shape.Cancelled, 'kubernetes', 'patch pods', 1],
  [Shape.Cancelled, 'temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  [Shape.Deleted, 'kubernetes', 'get pods', 3],
  [Shape.Deleted, 'kubernetes', 'get pods/log', 1],
  [Shape.Deleted, 'temporal', `${COMPLETED} waitForSparkDriver`, 2],
  [Shape.Deleted, 'kubernetes', 'patch pods', 1], // the pod goes with the finalizer
  [Shape.Updated, 'temporal', DECIDED, 4], // takes the request, schedules the check of the manifest
  [Shape.Updated, 'temporal', `${COMPLETED} checkManifestUpdate`, 1],
  [Shape.Updated, 'kubernetes', 'delete pods', 1],
  [Shape.Updated, 'temporal', `${COMPLETED} stopSparkDriver`, 1],
  [Shape.Updated, 'temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  [Shape.Updated, 'kubernetes', 'create pods', 2],
  [Shape.Updated, 'temporal', `${COMPLETED} submitSparkApplication`, 2],
  [Shape.Updated, 'kubernetes', 'patch pods', 2],
  [Shape.Suspended, 'temporal', DECIDED, 4], // takes the request, schedules the stop
  [Shape.Suspended, 'kubernetes', 'delete pods', 1],
  [Shape.Suspended, 'temporal', `${COMPLETED} stopSparkDriver`, 1],
  [Shape.Suspended, 'temporal', `${COMPLETED} checkManifestUpdate`, 1],
  [Shape.Suspended, 'kubernetes', 'patch pods', 1],
  [Shape.Suspended, 'temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  [Shape.Suspended, 'kubernetes', 'create pods', 2], // after it was resumed
];

/** Every moment at which something is broken. */
export const POINTS: readonly Point[] = STEPS.flatMap(([shape, link, step, nth]) =>
  (['before', 'after'] as const).map((side) => ({ shape, link, step, nth, side })),
);
