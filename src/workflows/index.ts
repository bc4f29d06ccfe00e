/**
 * The workflow functions, and nothing else: every function exported here becomes a workflow type.
 *
 * @module
 */
export { sparkHousekeeping } from './housekeeping.ts';
export { sparkApplication } from './spark-application.ts';
export { workerCanary } from './worker-canary.ts';
