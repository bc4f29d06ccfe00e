// A custom submitter: prints each driver to the standard output, then submits as the native one does.
//
// The rules: use exactly the name, labels, annotations and finalizers of the request, be idempotent, and leave tracking,
// retries and deletion to the workflow. `submitterConformance` of `temporal-spark/testing` checks all of it.
import { NativeSubmitter, type SparkApplicationSubmitter } from 'temporal-spark/submitters';

const native = new NativeSubmitter();

export const submitter: SparkApplicationSubmitter = {
  name: 'announcing',
  async submit(request, context) {
    console.log(`Submitting ${request.submission.namespace}/${request.identity.driverPodName}`);
    return native.submit(request, context);
  },
};
