export { failureCause, LOG_LIMIT, type DriverEvidence } from './failure-cause.ts';
