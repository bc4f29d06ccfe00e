import type { SubmitResponse } from '../../src/submitter-server/index.ts';

/** Of a submission that came to a driver. */
export const submitResponse: SubmitResponse = {
  submission_id: 'a',
  app_name: 'pi',
  message: 'made',
  submitted_at: '2026-06-16T08:30:00Z',
  spark_app_id: 'spark-1',
  driver_pod_name: 'pi-driver',
  driver_pod_uid: 'u-1',
  namespace: 'default',
  duplicate_submission: false,
};

/** The request for it. */
export const submissionBody = JSON.stringify({ submission_id: 'a', spark_submit_args: ['local:///a.jar'] });
