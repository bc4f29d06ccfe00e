import { buildDriverObjects } from '../../spark/index.ts';
import type {
  CreatedDriver,
  RenderedDriver,
  SparkApplicationSubmitter,
  SubmissionRequest,
  SubmitterContext,
} from '../contract.ts';
import { createDriver } from '../create-driver.ts';

/**
 * Submits without a JVM: builds the objects that `spark-submit --deploy-mode cluster` would create and creates them,
 * the driver pod first, then what it owns in parallel.
 */
export class NativeSubmitter implements SparkApplicationSubmitter {
  readonly name = 'native';

  async submit(request: SubmissionRequest, { kubernetes, signal }: SubmitterContext): Promise<CreatedDriver> {
    const objects = buildDriverObjects(request.submission, request.identity);
    return createDriver(kubernetes, request, objects, signal);
  }

  async render({ submission, identity }: SubmissionRequest): Promise<RenderedDriver> {
    return buildDriverObjects(submission, identity);
  }
}
