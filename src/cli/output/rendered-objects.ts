import { stringify } from 'yaml';
import type { SparkApplication } from '../../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../../protocol/ids.ts';
import {
  attemptIdentity,
  attemptSubmission,
  buildCompanionObjects,
  buildDriverObjects,
  driverPodName,
  type SparkSubmission,
  type SubmissionIdentity,
} from '../../spark/index.ts';

/**
 * The objects that a submission of the application would create, under a made-up identity.
 *
 * @throws SubmissionRefused where the application cannot be submitted
 */
export function renderedObjects(application: SparkApplication): object[] {
  const { identity, submission } = madeUpAttempt(application);
  const { pod, dependents } = buildDriverObjects(submission, identity);
  return [pod, ...dependents, ...buildCompanionObjects(application, submission, identity)];
}

/**
 * What an attempt of the application would submit, under a made-up identity.
 *
 * @throws SubmissionRefused where the application cannot be submitted
 */
export function madeUpAttempt(application: SparkApplication): {
  readonly identity: SubmissionIdentity;
  readonly submission: SparkSubmission;
} {
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
  return { identity, submission: attemptSubmission(application, identity) };
}

/** Prints objects as the documents of one YAML text. */
export function printObjects(objects: readonly object[]): void {
  console.log(
    [
      '# The objects that the native submitter would create. A real submission has its own submission ID in names,\n' +
        '# labels and annotations; the pod owns all other objects (ownerReferences); and the workers add node affinity and\n' +
        '# tolerations from their placement configuration.',
      ...objects.map((document) => stringify(document, { lineWidth: 0 }).trimEnd()),
    ].join('\n---\n'),
  );
}
