import type {
  CreatedDriver,
  RenderedDriver,
  SparkApplicationSubmitter,
  SubmissionRequest,
  SubmitterContext,
} from '../contract.ts';
import { createDriver } from '../create-driver.ts';
import { driverObjects } from '../driver-objects.ts';

/**
 * Submits without a JVM: builds the objects that `spark-submit --deploy-mode cluster` would create and creates them,
 * the driver pod first, then what it owns in parallel.
 */
export class NativeSubmitter implements SparkApplicationSubmitter {
  readonly name = 'native';

  async submit(request: SubmissionRequest, { kubernetes, signal }: SubmitterContext): Promise<CreatedDriver> {
    return createDriver(kubernetes, request, driverObjects(request), signal);
  }

  async render(request: SubmissionRequest): Promise<RenderedDriver> {
    return driverObjects(request);
  }
}
