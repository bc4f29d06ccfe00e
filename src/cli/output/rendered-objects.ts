import type { SparkApplication } from '../../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../../protocol/ids.ts';
import {
  attemptIdentity,
  attemptSubmission,
  buildCompanionObjects,
  buildDriverObjects,
  driverPodName,
} from '../../spark/index.ts';

/**
 * What a submission of the application would create, under a made-up identity.
 *
 * @throws SubmissionRefused where it can't be submitted
 */
export function renderedObjects(application: SparkApplication): object[] {
  const { namespace = 'default', name } = application.metadata;
  const identity = attemptIdentity({
    workflowId: sparkApplicationWorkflowId(namespace, name),
    firstRunId: 'rendered',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName: name,
    driverPodName: driverPodName(application),
    submitTime: 0,
  });
  const submission = attemptSubmission(application, identity);
  const { pod, dependents } = buildDriverObjects(submission, identity);
  return [pod, ...dependents, ...buildCompanionObjects(application, submission, identity)];
}
