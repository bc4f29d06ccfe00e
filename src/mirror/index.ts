export { operatorState, operatorStatus, type OperatorStatus } from './operator-status.ts';
export { statusEvents } from './status-events.ts';
export { StatusWrite, writeStatus } from './write-status.ts';
