import type { WorkerOptions } from '@temporalio/worker';
import { resolveTimings } from '../timings/index.ts';
import type { SparkWorkerConfiguration } from './configuration.ts';

/** Options that suit a worker of Spark applications: many waits that cost little, and a kill that is heard soon. */
export function sparkWorkerOptions({
  taskQueue,
  temporalNamespace,
  maxConcurrentActivities,
  shutdownGraceMs,
  version,
  timings,
}: Pick<
  SparkWorkerConfiguration,
  'taskQueue' | 'temporalNamespace' | 'maxConcurrentActivities' | 'shutdownGraceMs' | 'version' | 'timings'
>): WorkerOptions {
  return {
    taskQueue,
    namespace: temporalNamespace,
    maxConcurrentActivityTaskExecutions: maxConcurrentActivities,
    maxHeartbeatThrottleInterval: resolveTimings(timings).heartbeatThrottleMs,
    shutdownForceTime: shutdownGraceMs,
    ...(version === undefined
      ? {}
      : {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version,
            // Histories of earlier versions replay, and an application may outlive many of them: it moves on.
            defaultVersioningBehavior: 'AUTO_UPGRADE' as const,
          },
        }),
  };
}
