import { Context } from '@temporalio/activity';
import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import type { LogArchiveOptions } from '../../logs/index.ts';
import type { FinalOutcome, StopInput, StoppedDriver, UnsettledSubmission } from '../../protocol/index.ts';
import { Label } from '../../spark/metadata.ts';
import type { Submitters } from '../../submitters/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { viewDriver } from './driver-observation.ts';
import { DriverWait } from './driver-wait.ts';
import { lateDriver } from './late-driver.ts';
import { LogArchiving } from './log-archiving.ts';
import { withdrawSubmission } from './withdraw-submission.ts';
import { withPatience } from '../failure.ts';
import { present } from '../../validation/present.ts';

export interface StopContext {
  /** Where the logs of drivers are kept. @default nowhere */
  readonly archive?: LogArchiveOptions;
  /** Of the worker. @default none that leaves anything but a driver */
  readonly submitters?: Submitters;
}

const SETTLED: UnsettledSubmission = { forMs: 0, passedMs: 0 };

/**
 * Deletes the driver of an attempt gracefully and waits for its end. One that had ended before is not deleted: its pod
 * stays readable. One that is being deleted already is deleted again only with a shorter grace period.
 */
export async function stopSparkDriver(
  kubernetes: KubernetesClient,
  { gracePeriodSeconds, unsettled, ...driver }: StopInput,
  timings: Timings = DEFAULT_TIMINGS,
  { archive, submitters }: StopContext = {},
): Promise<StoppedDriver> {
  return withPatience(async () => {
    const pods = kubernetes.watch(Resources.pods, driver.namespace, Label.SubmissionId);
    const wait = new DriverWait(kubernetes, pods, driver, timings);
    const archiving = new LogArchiving(kubernetes, pods, wait, { archive, timings, driver });
    try {
      // Also where the submission is settled: a Job of it may still run.
      const late = unsettled ?? SETTLED;
      const { lateCreationMs } = timings;
      const withdraw = async () => submitters && withdrawSubmission(kubernetes, submitters, driver, late);
      const known = await wait.read();
      if (known !== undefined) await withdraw();
      const pod = known ?? (await lateDriver(kubernetes, wait, pods, driver, late, { lateCreationMs, withdraw }));
      if (pod === undefined) return {};
      if (viewDriver(pod).phase !== 'ended' && needsDeletion(pod, gracePeriodSeconds)) {
        await archiving.begin(pod);
        // Foreground: executors, Service and ConfigMaps go at once, although our finalizer still holds the driver.
        await kubernetes.delete(Resources.pods, driver.namespace, driver.driverPodName, {
          uid: pod.metadata!.uid!,
          propagationPolicy: 'Foreground',
          ...present({ gracePeriodSeconds }),
          signal: Context.current().cancellationSignal,
        });
      }
      return { outcome: await archiving.finish((await wait.until(() => undefined)) as FinalOutcome) };
    } finally {
      archiving.close();
      pods.release();
    }
  }, timings);
}

function needsDeletion({ metadata }: Pod, gracePeriodSeconds = Infinity): boolean {
  if (metadata?.deletionTimestamp === undefined) return true;
  return gracePeriodSeconds < (metadata.deletionGracePeriodSeconds ?? 0);
}
