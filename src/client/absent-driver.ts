import { describeQueue, type SparkApplicationStatus } from '../protocol/index.ts';
import type { SparkApplicationDescription } from './describe-application.ts';

/** Why an application has had no driver, or why it is unknown which. */
export interface AbsentDriver {
  readonly type: 'NotStarted' | 'NoAnswer';
  /** One or two sentences, with what to do. */
  readonly message: string;
}

/** Undefined where its last attempt has begun. */
export function absentDriver({
  workflowId,
  status,
  state,
  failure,
  closeTime,
}: SparkApplicationDescription): AbsentDriver | undefined {
  if (status !== undefined) {
    const isAbsent = status.attempts === 0 || status.queue !== undefined;
    return isAbsent ? { type: 'NotStarted', message: notStarted(status) } : undefined;
  }
  if (closeTime !== undefined) {
    const why = [failure?.type, failure?.message].filter(Boolean).join(': ');
    const message = `${workflowId} recorded no attempt: it is ${state}${why === '' ? '' : `, ${why}`}`;
    return { type: 'NotStarted', message };
  }
  const message =
    `No worker answered what ${workflowId} does, so its pods are unknown. Start a worker (temporal-spark worker), ` +
    'or find the driver with kubectl get pods -l spark-role=driver.';
  return { type: 'NoAnswer', message };
}

function notStarted({ namespace, name, state, queue, problem }: SparkApplicationStatus): string {
  const subject = `${namespace}/${name}`;
  if (queue !== undefined) return `${subject} has no driver yet: it waits for admission, ${describeQueue(queue)}.`;
  const why = problem === undefined ? '' : `: ${[problem.reason, problem.message].filter(Boolean).join(': ')}`;
  return `${subject} has no driver: it is ${state ?? 'not started'}${why}. See temporal-spark describe ${subject}.`;
}
