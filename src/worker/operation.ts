import { Client } from '@temporalio/client';
import { Runtime, type NativeConnection, type Worker } from '@temporalio/worker';
import type { KubernetesClient } from '../kubernetes/index.ts';
import { Operator, type OperatorLog } from '../operator/index.ts';
import { countStates } from './application-states.ts';
import { serveHealth } from './health.ts';
import type { WorkerOperation } from './operation-configuration.ts';
import { keepReplicas } from './replicas.ts';
import { startCanary } from './self-test.ts';
import { present } from '../validation/present.ts';

interface OperatedWorker {
  readonly taskQueue: string;
  readonly temporalNamespace: string;
}

/** Starts what a worker does besides its work; resolves to a function that stops it. */
export async function operate(
  {
    health,
    metricsAddress,
    replicas,
    operator,
    version,
    taskQueue,
    temporalNamespace,
  }: WorkerOperation & OperatedWorker,
  { worker, connection, kubernetes }: { worker: Worker; connection: NativeConnection; kubernetes: KubernetesClient },
): Promise<() => Promise<void>> {
  const stops: (() => unknown)[] = [];
  if (replicas !== undefined) {
    const warn = (error: unknown) =>
      void Runtime.instance().logger.warn('Failed to adjust the number of replicas', { error });
    stops.push(keepReplicas(kubernetes, replicas, warn));
  }
  const client = new Client({ connection, namespace: temporalNamespace });
  if (metricsAddress !== undefined) {
    const { metricMeter: meter, logger } = Runtime.instance();
    const onProblem = (error: unknown) => void logger.info('Cannot count the applications by state', { error });
    stops.push(countStates({ client, taskQueue, meter, onProblem }));
  }
  if (operator !== undefined) {
    const running = await Operator.start(client, kubernetes, { ...operator, taskQueue, log: logged });
    stops.push(() => running.stop());
  }
  if (health !== undefined) {
    const canary = await startCanary({
      connection,
      temporalNamespace,
      taskQueue,
      ...present({ version }),
    });
    const server = await serveHealth({
      ...health,
      checks: {
        dependencies: {
          temporal: async () => void (await connection.workflowService.getSystemInfo({})),
          kubernetes: (signal) => kubernetes.version({ signal }),
        },
        takesWork: { polling: () => worker.getState() === 'RUNNING' },
        canaryAgeMs: () => canary.ageMs(),
      },
    });
    stops.push(
      () => server.close(),
      () => canary.stop(),
    );
  }
  return async () => {
    for (const stop of stops) await stop();
  };
}

const logged: OperatorLog = (level, message, facts) => {
  Runtime.instance().logger.log(level, message, { ...facts });
};
