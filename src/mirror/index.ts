export { operatorState, operatorStatus, type OperatorStatus } from './operator-status.ts';
export { executorEvents } from './executor-events.ts';
export {
  ExecutorState,
  executorStates,
  MOST_EXECUTORS,
  readExecutorStates,
  type ExecutorStates,
} from './executor-states.ts';
export { statusEvents } from './status-events.ts';
export { StatusWrite, writeStatus } from './write-status.ts';
