import { parseSparkApplication, type SparkApplicationManifest } from '../../manifest/index.ts';
import { sparkApplicationWorkflowId } from '../../protocol/ids.ts';
import { attemptIdentity, driverPodName } from '../../spark/attempt.ts';
import { attemptSubmission } from '../../spark/index.ts';
import type { SparkSubmission } from '../../spark/submission.ts';
import type { SubmissionRequest } from '../../submitters/index.ts';

/** How a request differs from a plain, valid one. */
export interface Changes extends Partial<Pick<SparkSubmission, 'conf' | 'namespace' | 'mainApplicationFile'>> {
  readonly serviceAccount?: string;
}

/** A frozen request for the first attempt of an application. */
export function requestFor(
  { name, image }: { readonly name: string; readonly image: string },
  { conf = {}, namespace, serviceAccount = 'spark', ...changes }: Changes & { readonly namespace: string },
): SubmissionRequest {
  const manifest: SparkApplicationManifest = {
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name, namespace, annotations: { 'temporal-spark/allow-literal-secrets': 'true' } },
    spec: {
      type: 'Scala',
      sparkVersion: '4.1.4',
      image,
      mainClass: 'org.example.Conformance',
      mainApplicationFile: 'local:///opt/conformance.jar',
      driver: { serviceAccount },
      executor: { instances: 1 },
    },
  };
  const application = parseSparkApplication(manifest);
  const identity = attemptIdentity({
    workflowId: sparkApplicationWorkflowId(namespace, name),
    firstRunId: 'conformance',
    attempt: 1,
    temporalNamespace: 'conformance',
    applicationName: name,
    driverPodName: driverPodName(manifest),
    submitTime: 0,
  });
  const submission = attemptSubmission(application, identity);
  return frozen({ submission: { ...submission, ...changes, conf: { ...submission.conf, ...conf } }, identity });
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}
