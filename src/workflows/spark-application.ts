import { setHandler } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import { ApplicationRun, type CarriedOver, type SparkApplicationOptions } from './application-run.ts';
import { manifestQuery, statusQuery, type SparkApplicationResult } from './definitions/index.ts';

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
  options: SparkApplicationOptions = {},
  carriedOver?: CarriedOver,
): Promise<SparkApplicationResult> {
  const application = new ApplicationRun(manifest, options, carriedOver);
  setHandler(statusQuery, () => application.status(), {
    description: 'State, attempts, driver, exit code and timestamps of the application',
  });
  setHandler(manifestQuery, () => manifest, { description: 'The SparkApplication manifest that is being run' });
  return application.run();
}
