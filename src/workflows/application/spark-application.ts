import { setHandler } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { Application } from './application.ts';
import type { Ledger } from './ledger.ts';
import { mirrorRefusal } from './resource-mirror.ts';
import {
  admissionAnswerSignal,
  ApplicationRequest,
  driverProgressSignal,
  killUpdate,
  manifestQuery,
  restartUpdate,
  resumeUpdate,
  statusQuery,
  suspendUpdate,
  updateManifestUpdate,
  type KillRequest,
  type ResourceUpdate,
  type SparkApplicationResult,
} from '../../protocol/index.ts';

/**
 * Runs one Spark application: submits its driver, waits for it, and releases it once its end is recorded. Takes a
 * `SparkApplication` manifest (`sparkoperator.k8s.io/v1beta2`) as JSON, so that any Temporal client can start it.
 *
 * `carriedOver` is for the workflow itself, when it continues as new after many restarts.
 *
 * @returns the result of an application that completed
 * @throws ApplicationFailure `SparkApplicationFailed`, with the result as its detail
 */
export async function sparkApplication(
  manifest: SparkApplicationManifest,
  carriedOver?: Partial<Ledger>,
): Promise<SparkApplicationResult> {
  let application: Application;
  try {
    application = new Application(manifest, carriedOver);
  } catch (error) {
    await mirrorRefusal(error);
    throw error;
  }
  const { requests } = application;
  setHandler(statusQuery, () => application.status(), {
    description: 'State, attempts, driver, exit code and timestamps of the application',
  });
  setHandler(manifestQuery, () => application.manifest, {
    description: 'The SparkApplication manifest that is being run',
  });
  setHandler(suspendUpdate, () => requests.suspend(), {
    validator: () => requests.admit(ApplicationRequest.Suspend),
    description: 'Stop the driver and keep the application until it is resumed',
  });
  setHandler(resumeUpdate, () => requests.resume(), {
    validator: () => requests.admit(ApplicationRequest.Resume),
    description: 'Submit a suspended application again',
  });
  setHandler(restartUpdate, () => requests.restart(), {
    validator: () => requests.admit(ApplicationRequest.Restart),
    description: 'Stop the driver and start again at once; the failure counters are reset',
  });
  setHandler(killUpdate, (request?: KillRequest) => requests.kill(request ?? {}), {
    validator: (request?: KillRequest) => requests.admitKill(request),
    description: 'Stop the driver and end as CANCELLED; takes {"reason": text, "gracePeriodSeconds": number}',
  });
  setHandler(updateManifestUpdate, (...edit: ResourceUpdate) => requests.updateManifest(...edit), {
    validator: (...edit: ResourceUpdate) => requests.admitManifest(...edit),
    description: 'Replace the manifest; the driver is replaced too, unless only suspend or timeToLiveSeconds differ',
  });
  setHandler(admissionAnswerSignal, (answer) => application.pool.answered(answer), {
    description: 'From the queue of a pool: the place of the waiting attempt, or that it is admitted',
  });
  setHandler(driverProgressSignal, (report) => application.progressed(report), {
    description: 'From the wait for the driver: the progress of its jobs, stages and tasks',
  });
  return application.run();
}
