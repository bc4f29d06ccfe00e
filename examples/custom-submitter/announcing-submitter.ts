// A submitter of your own: submits as the native one does, and announces each driver on the standard output first.
//
// The rules: obey the request to the letter (name, labels, annotations, finalizer), be safe to repeat, and leave
// tracking, retrying and deleting to the workflow. `submitterConformance` of `temporal-spark/testing` checks all of it.
import { NativeSubmitter, type SparkApplicationSubmitter } from 'temporal-spark/submitters';

const native = new NativeSubmitter();

export const submitter: SparkApplicationSubmitter = {
  name: 'announcing',
  async submit(request, context) {
    console.log(`Submitting ${request.submission.namespace}/${request.identity.driverPodName}`);
    return native.submit(request, context);
  },
};
