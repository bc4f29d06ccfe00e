export { failureCause, LOG_LIMIT, type DriverEvidence } from './failure-cause.ts';
export { remedies, remedyOf } from './remedies.ts';
