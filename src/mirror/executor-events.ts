import { aboutObject, Resources, type ObjectEvent } from '../kubernetes/index.ts';
import { ExecutorState, type ExecutorStates } from './executor-states.ts';

interface Report extends Pick<ObjectEvent, 'type' | 'reason'> {
  /** After the name of an executor, or of several. */
  readonly is: readonly [one: string, several: string];
}

/** The operator's Events. */
const reports: Readonly<Record<ExecutorState, Report>> = {
  [ExecutorState.Pending]: { type: 'Normal', reason: 'SparkExecutorPending', is: ['is pending', 'are pending'] },
  [ExecutorState.Running]: { type: 'Normal', reason: 'SparkExecutorRunning', is: ['is running', 'are running'] },
  [ExecutorState.Completed]: { type: 'Normal', reason: 'SparkExecutorCompleted', is: ['completed', 'completed'] },
  [ExecutorState.Failed]: { type: 'Warning', reason: 'SparkExecutorFailed', is: ['failed', 'failed'] },
  [ExecutorState.Unknown]: {
    type: 'Warning',
    reason: 'SparkExecutorUnknown',
    is: ['in unknown state', 'in unknown state'],
  },
};

/** Names in a message, at most. */
const MOST_NAMES = 5;

/** One Event for each state that executors have come to. Pure. */
export function executorEvents(
  application: { readonly namespace: string; readonly name: string; readonly uid: string },
  before: ExecutorStates,
  now: ExecutorStates,
): readonly ObjectEvent[] {
  const about = aboutObject(Resources.sparkApplications, application);
  return Object.values(ExecutorState).flatMap((state) => {
    const changed = Object.keys(now).filter((executor) => now[executor] === state && before[executor] !== state);
    if (changed.length === 0) return [];
    const { type, reason, is } = reports[state];
    const more = changed.length > MOST_NAMES ? ` and ${changed.length - MOST_NAMES} more` : '';
    const who = `${changed.length === 1 ? 'Executor' : 'Executors'} [${changed.slice(0, MOST_NAMES).join(', ')}]${more}`;
    return [{ about, type, reason, message: `${who} ${is[changed.length === 1 ? 0 : 1]}`, by: 'worker' }];
  });
}
