import type { SparkApplicationDescription } from '../../../client/index.ts';
import { ApplicationState } from '../../../protocol/index.ts';

export type Row = readonly [name: string, value: string | number | undefined];
type Step = readonly [name: string, command: string];

const resume: Step = ['To resume it', 'resume'];
const log: Step = ['To read its log', 'logs'];
const kill: Step = ['To stop it', 'kill'];

/** Of an application that is open; the workflow id comes after the command. */
const openSteps: Readonly<Partial<Record<string, readonly Step[]>>> = {
  [ApplicationState.Queued]: [kill],
  [ApplicationState.Running]: [['To follow its log', 'logs -f'], ['To open Spark UI', 'ui'], kill],
  [ApplicationState.Suspended]: [resume, kill],
  [ApplicationState.PendingRerun]: [log, kill],
};

/** The commands that help now, by what the application is. */
export function nextSteps({ workflowId, status, state, closeTime }: SparkApplicationDescription): Row[] {
  const rowOf = ([name, command]: Step): Row => [name, `temporal-spark ${command} ${workflowId}`];
  if (closeTime === undefined) {
    const steps = openSteps[state ?? ''] ?? [['To watch it', 'describe --watch'], kill];
    const queue = status?.queue && `temporal-spark queue ${status.queue.name}`;
    return [['To see its queue', queue], ...steps.map(rowOf)];
  }
  if (state === ApplicationState.Completed) return [];
  return [
    ...(status?.driverPodName ? [rowOf(log)] : []),
    ...leftDriver(state, status),
    ['To run it again', retry(workflowId)],
  ];
}

/** Of a workflow that recorded no end. */
function leftDriver(state: string | undefined, status: SparkApplicationDescription['status']): Row[] {
  if ((state !== 'TERMINATED' && state !== 'TIMED_OUT') || !status?.driverPodName) return [];
  const { namespace, driverPodName } = status;
  return [
    [
      'Driver left',
      `${namespace}/${driverPodName} may still run: kubectl -n ${namespace} get pod ${driverPodName}\n` +
        `Housekeeping removes its finalizer; to do it now: temporal-spark release -n ${namespace}`,
    ],
  ];
}

function retry(workflowId: string): string {
  const parts = workflowId.split('/');
  if (parts[0] !== 'pipeline') return `temporal-spark retry ${workflowId}`;
  return `temporal-spark pipeline rerun ${parts.slice(0, 4).join('/')}`;
}
