import type { Call, Calls } from './points.ts';
import { Shape } from './shapes.ts';

const COMPLETED = 'RespondActivityTaskCompleted';
const DECIDED = 'RespondWorkflowTaskCompleted';
const STATUS = 'patch sparkapplications/status';

/** Of an application whose driver is being submitted. */
const BEGINNING: readonly Call[] = [
  ['temporal', 'StartWorkflowExecution', 1],
  ['temporal', DECIDED, 1], // schedules the submission: its ID is in history
  ['kubernetes', 'create pods', 1],
  ['temporal', `${COMPLETED} submitSparkApplication`, 1],
];
/** Of one whose driver runs until something is done about it; from here on a change finds a recorded submission. */
const RUNNING: readonly Call[] = [
  ['temporal', DECIDED, 2], // hands out SUBMITTED
  ['kubernetes', STATUS, 1],
  ['temporal', `${COMPLETED} waitForSparkDriver`, 1],
  ['temporal', DECIDED, 3], // hands out RUNNING
  ['kubernetes', STATUS, 2],
];

/**
 * The calls of a run that serves a resource, by shape: those of the operator, those that write the status, and those
 * that record what it shows.
 */
export const RESOURCE_CALLS: Calls = {
  [Shape.Plain]: [
    ...BEGINNING,
    ...RUNNING,
    ['temporal', `${COMPLETED} waitForSparkDriver`, 2], // the outcome
    ['temporal', DECIDED, 4], // hands out COMPLETED
    ['kubernetes', 'patch pods', 1], // the finalizer goes
    ['kubernetes', STATUS, 3],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
    ['temporal', DECIDED, 5], // the result
  ],
  [Shape.Restarted]: [
    ['kubernetes', STATUS, 2], // FAILING
    ['kubernetes', STATUS, 3], // PENDING_RERUN
    ['kubernetes', 'create pods', 2],
    ['kubernetes', STATUS, 4],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 2],
  ],
  [Shape.Cancelled]: [
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
    ['kubernetes', STATUS, 3],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  ],
  [Shape.Updated]: [
    ...RUNNING,
    ['temporal', 'UpdateWorkflowExecution', 1],
    ['temporal', `${COMPLETED} checkManifestUpdate`, 1],
    ['kubernetes', STATUS, 3], // INVALIDATING
    ['kubernetes', 'delete pods', 1],
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
    ['kubernetes', 'create pods', 2],
    ['kubernetes', STATUS, 4],
  ],
  [Shape.Suspended]: [
    ...RUNNING,
    ['temporal', 'UpdateWorkflowExecution', 1], // suspend
    ['kubernetes', STATUS, 3], // SUSPENDING
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
    ['temporal', 'UpdateWorkflowExecution', 2], // another spec
    ['temporal', 'UpdateWorkflowExecution', 3], // resume
    ['kubernetes', 'create pods', 2],
  ],
  [Shape.Removed]: [
    ...RUNNING,
    ['temporal', 'DescribeWorkflowExecution', 1], // is there a run to end?
    ['temporal', 'UpdateWorkflowExecution', 1], // the kill
    ['temporal', `${COMPLETED} stopSparkDriver`, 1],
    ['kubernetes', 'patch pods', 1],
    ['temporal', `${COMPLETED} finalizeSparkApplication`, 1],
  ],
  [Shape.RemovedEarly]: BEGINNING,
  [Shape.Replaced]: [
    ...RUNNING,
    ['temporal', 'UpdateWorkflowExecution', 1], // ends the run of the deleted one
    ['temporal', 'StartWorkflowExecution', 2],
    ['kubernetes', 'create pods', 2],
  ],
  [Shape.Scheduled]: [
    ['temporal', `scheduled-run ${DECIDED}`, 1],
    ['kubernetes', 'create sparkapplications', 1],
    ['temporal', `scheduled-run ${COMPLETED} createScheduledRun`, 1],
    ['temporal', 'StartWorkflowExecution', 1],
    ['kubernetes', STATUS, 3],
    ['temporal', `scheduled-run ${COMPLETED} waitForScheduledRun`, 1],
  ],
};
