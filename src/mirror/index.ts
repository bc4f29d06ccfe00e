export { operatorState, operatorStatus, type OperatorStatus } from './operator-status.ts';
export { StatusWrite, writeStatus } from './write-status.ts';
