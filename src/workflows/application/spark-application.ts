import { setHandler } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { ApplicationRun } from './application-run.ts';
import type { CarriedOver } from './carried-over.ts';
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
  type SparkApplicationResult,
} from '../../protocol/index.ts';

/**
 * Runs one Spark application: submits its driver, waits for it, and lets it go once its end is recorded. Takes a
 * `SparkApplication` manifest (`sparkoperator.k8s.io/v1beta2`) as JSON, so that any Temporal client can start it.
 *
 * `carriedOver` is for the workflow itself, when it continues as new after many restarts.
 *
 * @returns the result of an application that completed
 * @throws ApplicationFailure `SparkApplicationFailed`, with the result as its detail
 */
export async function sparkApplication(
  manifest: SparkApplicationManifest,
  carriedOver?: Partial<CarriedOver>,
): Promise<SparkApplicationResult> {
  const application = new ApplicationRun(manifest, carriedOver);
  setHandler(statusQuery, () => application.status(), {
    description: 'State, attempts, driver, exit code and timestamps of the application',
  });
  setHandler(manifestQuery, () => application.currentManifest(), {
    description: 'The SparkApplication manifest that is being run',
  });
  setHandler(suspendUpdate, () => application.suspend(), {
    validator: () => application.admit(ApplicationRequest.Suspend),
    description: 'Stop the driver and keep the application until it is resumed',
  });
  setHandler(resumeUpdate, () => application.resume(), {
    validator: () => application.admit(ApplicationRequest.Resume),
    description: 'Submit a suspended application again',
  });
  setHandler(restartUpdate, () => application.restart(), {
    validator: () => application.admit(ApplicationRequest.Restart),
    description: 'Stop the driver and begin anew at once, with no failure counted',
  });
  setHandler(killUpdate, (request?: KillRequest) => application.kill(request ?? {}), {
    validator: (request?: KillRequest) => application.admitKill(request),
    description: 'Stop the driver and end as CANCELLED; takes {"reason": text, "gracePeriodSeconds": number}',
  });
  setHandler(updateManifestUpdate, (proposed: SparkApplicationManifest) => application.updateManifest(proposed), {
    validator: (proposed: SparkApplicationManifest) => application.admitManifest(proposed),
    description: 'Replace the manifest; the driver is replaced too, unless only suspend or timeToLiveSeconds differ',
  });
  setHandler(admissionAnswerSignal, (answer) => application.admission.answered(answer), {
    description: 'From the queue of a pool: the place of the attempt that waits there, or that it is let in',
  });
  setHandler(driverProgressSignal, (report) => application.progressed(report), {
    description: 'From the wait for the driver: how far its jobs, stages and tasks are',
  });
  return application.run();
}
