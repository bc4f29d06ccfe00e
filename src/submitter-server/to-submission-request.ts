import { createHash } from 'node:crypto';
import { Label } from '../spark/metadata.ts';
import { resourceNamePrefix } from '../spark/spark-names.ts';
import type { SparkSubmission, SubmissionIdentity } from '../spark/index.ts';
import { parseSparkSubmitArguments, toSubmission, type SparkSubmitFiles } from '../spark/spark-submit-cli/index.ts';
import { refuseInvalid, refuseLocalFile } from '../spark/submission-refused.ts';
import type { SubmissionRequest } from '../submitters/index.ts';
import type { SubmitRequest } from './protocol.ts';

export interface TranslationOptions {
  /** Version of Spark where neither the driver's annotation nor the tag of its image contains it. */
  readonly sparkVersion?: string;
  /** Text of the `spark-defaults.conf` that `--load-spark-defaults` means. */
  readonly readDefaults?: () => string;
}

/** Leaves room for `-driver-podspec-conf-map`, and `-driver-svc` within a Service's 63 characters. */
const PREFIX_LIMIT = 37;

/**
 * What the operator asks for, as submitters take it. All names follow from the submission ID, so that a repetition, on
 * any server, finds what a previous one created.
 *
 * @throws SubmissionRefused where spark-submit would refuse the arguments, or where this server does not support them
 */
export function toSubmissionRequest(request: SubmitRequest, options: TranslationOptions = {}): SubmissionRequest {
  const written = toSubmission(parseSparkSubmitArguments(request.spark_submit_args), filesOf(options), {
    ...(request.driver_pod_template !== undefined && { driverPodTemplate: request.driver_pod_template }),
    ...(request.executor_pod_template !== undefined && { executorPodTemplate: request.executor_pod_template }),
    ...(options.sparkVersion !== undefined && { sparkVersion: options.sparkVersion }),
  });
  const submission: SparkSubmission = {
    ...written,
    conf: {
      ...written.conf,
      // The operator leaves these out with the templates, and gives always the same.
      'spark.kubernetes.driver.podTemplateContainerName': 'spark-kubernetes-driver',
      'spark.kubernetes.executor.podTemplateContainerName': 'spark-kubernetes-executor',
      [`spark.kubernetes.executor.label.${Label.OperatorSubmissionId}`]: request.submission_id,
    },
  };
  const identity = identityOf(request.submission_id, submission);
  checkName('spark.kubernetes.namespace', submission.namespace);
  checkName('spark.kubernetes.driver.pod.name', identity.driverPodName);
  return { submission, identity };
}

/** Both become part of a path. */
function checkName(key: string, name: string): void {
  if (/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name) && name.length <= 253) return;
  refuseInvalid(
    key,
    `${JSON.stringify(name)} is not a valid Kubernetes name`,
    'Use lower-case letters, digits and "-".',
  );
}

function identityOf(submissionId: string, { appName, conf }: SparkSubmission): SubmissionIdentity {
  const hash = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(submissionId)
    ? submissionId.replaceAll('-', '')
    : createHash('sha256').update(submissionId).digest('hex').slice(0, 32);
  const name = resourceNamePrefix(appName).slice(0, PREFIX_LIMIT).replace(/-$/, '') || 'spark';
  const prefix = `${name}-${hash.slice(0, 8)}`;
  return {
    submissionId,
    sparkApplicationId: `spark-${hash}`,
    driverPodName: conf['spark.kubernetes.driver.pod.name'] ?? `${prefix}-driver`,
    resourceNamePrefix: prefix,
    submitTime: Date.now(),
    labels: { [Label.SubmissionId]: submissionId, [Label.OperatorSubmissionId]: submissionId },
    annotations: {},
    // None: no workflow would remove it, nor would the operator.
    finalizers: [],
  };
}

function filesOf({ readDefaults }: TranslationOptions): SparkSubmitFiles {
  return {
    read: (path) =>
      refuseLocalFile(
        '--properties-file',
        `"${path}" is a file of the submitting machine`,
        'Give its content as --conf',
      ),
    readDefaults: () =>
      readDefaults?.() ??
      refuseInvalid(
        '--load-spark-defaults',
        'this server has no spark-defaults.conf',
        'Start it with --spark-defaults FILE, or turn the feature gate LoadSparkDefaults of the operator off.',
      ),
  };
}
