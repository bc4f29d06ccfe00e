import type { Side } from './http2-proxy.ts';
import { Shape } from './shapes.ts';
import type { Step } from './step.ts';

/** A moment of a run: before the server has seen a call of the worker, or when it has answered and the worker waits. */
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

export type Call = readonly [Step['link'], string, number];

/** The calls of a run, by shape. */
export type Calls = Readonly<Partial<Record<Shape, readonly Call[]>>>;

const COMPLETED = 'RespondActivityTaskCompleted';
const DECIDED = 'RespondWorkflowTaskCompleted';

const SUBMISSION: readonly Call[] = [
  ['kubernetes', 'get pods', 1], // is the way clear?
  ['kubernetes', 'create pods', 1],
  ['kubernetes', 'create services', 1],
  ['kubernetes', 'create configmaps', 1],
  ['kubernetes', 'create configmaps', 2],
  ['kubernetes', 'get pods', 2], // is it what was asked for?
  ['temporal', `${COMPLETED} submitSparkApplication`, 1],
];
/** Of a client of Spark that runs in the place of that; what a Job then creates passes no proxy. */
const CLIENT: readonly Call[] = [['submitter', 'spark-submit', 1]];
const RETRY: readonly Call[] = [
  ['kubernetes', 'get pods/log', 1],
  ['temporal', DECIDED, 5], // starts the timer before the second attempt
  ['temporal', DECIDED, 6], // schedules the second submission
  ['kubernetes', 'delete pods', 1], // clears the first driver away
  ['kubernetes', 'create pods', 2],
  ['kubernetes', 'create services', 2],
  ['temporal', `${COMPLETED} submitSparkApplication`, 2],
  ['kubernetes', 'patch pods', 2],
  ['temporal', `${COMPLETED} finalizeSparkApplication`, 2],
];

/** Of applications that the SDK starts; of the later shapes those that the first ones have not. */
const CALLS: Calls = {
  [Shape.Plain]: [
    ['temporal', DECIDED, 1], // schedules the submission: its ID is in history
    ...SUBMISSION,
    ['temporal', DECIDED, 2], // schedules the wait for the start
    ['kubernetes', 'list pods', 1],
    ['kubernetes', 'watch pods', 1],
    ['temporal', `${COMPLETED} waitForSparkDriver`, 1], // it runs
    ['temporal', DECIDED, 3], // schedules the wait for the end
    ['kubernetes', 'get pods', 3], // has it really ended?
    ['temporal', `${COMPLETED} waitForSparkDriver`, 2], // the outcome
    ['temporal', DECIDED, 4], // schedules finalize
    ['kubernetes', 'patch pods', 1], // the finalizer goes
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
    ['temporal', DECIDED, 5], // the result
  ],
  [Shape.Restarted]: RETRY,
  [Shape.Accompanied]: RETRY,
  [Shape.Cancelled]: [
    ['temporal', DECIDED, 4], // schedules the stop
    ['kubernetes', 'get pods', 3],
    ['kubernetes', 'delete pods', 1],
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
    ['kubernetes', 'patch pods', 1],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  ],
  [Shape.Deleted]: [
    ['kubernetes', 'get pods', 3],
    ['kubernetes', 'get pods/log', 1],
    ['temporal', `${COMPLETED} waitForSparkDriver`, 2],
    ['kubernetes', 'patch pods', 1], // the pod goes with the finalizer
  ],
  [Shape.Updated]: [
    ['temporal', DECIDED, 4], // takes the request, schedules the check of the manifest
    ['temporal', `${COMPLETED} checkManifestUpdate`, 1],
    ['kubernetes', 'delete pods', 1],
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
    ['kubernetes', 'create pods', 2],
    ['temporal', `${COMPLETED} submitSparkApplication`, 2],
    ['kubernetes', 'patch pods', 2],
  ],
  [Shape.Suspended]: [
    ['temporal', DECIDED, 4], // takes the request, schedules the stop
    ['kubernetes', 'delete pods', 1],
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
    ['temporal', `${COMPLETED} checkManifestUpdate`, 1],
    ['kubernetes', 'patch pods', 1],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
    ['kubernetes', 'create pods', 2], // after it was resumed
  ],
  [Shape.CancelledEarly]: [...CLIENT, ...SUBMISSION],
  [Shape.SuspendedEarly]: [...CLIENT, ...SUBMISSION],
  [Shape.Overdue]: CLIENT,
  [Shape.Overrun]: [
    ['temporal', DECIDED, 3], // schedules the wait for the end
    ['kubernetes', 'delete pods', 1],
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
  ],
  [Shape.Staged]: [
    ['temporal', `pipeline ${DECIDED}`, 1], // starts the stage
    ['temporal', DECIDED, 1],
    ['kubernetes', 'create pods', 1],
    ['temporal', `pipeline ${DECIDED}`, 2], // the stage runs
    ['temporal', DECIDED, 3],
    ['temporal', `${COMPLETED} waitForSparkDriver`, 2],
    ['temporal', DECIDED, 5], // the result of the stage
    ['temporal', `pipeline ${DECIDED}`, 3], // the result of the pipeline
  ],
};

const SIDES: readonly Side[] = ['before', 'after'];

/** Every moment of these shapes at which something is broken. */
export function pointsOf(shapes: readonly Shape[], calls: Calls = CALLS): Point[] {
  return shapes.flatMap((shape) =>
    (calls[shape] ?? []).flatMap(([link, step, nth]) => SIDES.map((side) => ({ shape, link, step, nth, side }))),
  );
}
