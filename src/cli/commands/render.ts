import { stringify } from 'yaml';
import type { SparkApplication } from '../../manifest/index.ts';
import {
  attemptIdentity,
  attemptSubmission,
  buildCompanionObjects,
  buildDriverObjects,
  driverPodName,
} from '../../spark/index.ts';
import { ExitCode } from '../exit-code.ts';
import { readApplications } from '../read-manifests.ts';

/** Prints the objects a submission would create, as YAML; creates nothing and asks no server. */
export async function render(file: string, options: { readonly prune?: boolean }): Promise<ExitCode> {
  const documents = (await readApplications(file, options)).flatMap(objects);
  console.log(
    [
      '# What the native submitter would create. A real submission has its own submission ID in the names, labels and\n' +
        '# annotations, and every object but the pod belongs to the pod (ownerReferences).',
      ...documents.map((document) => stringify(document, { lineWidth: 0 }).trimEnd()),
    ].join('\n---\n'),
  );
  return ExitCode.Ok;
}

function objects(application: SparkApplication): object[] {
  const { namespace = 'default', name } = application.metadata;
  const identity = attemptIdentity({
    workflowId: `spark/${namespace}/${name}`,
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
