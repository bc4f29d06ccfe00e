import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { SparkApplicationManifest } from '../manifest/index.ts';
import type { SubmissionIdentity } from '../protocol/submission-identity.ts';
import { asRecord, asScalar, asText } from '../validation/unknown-data.ts';
import { Annotation, DRIVER_FINALIZER, Label } from './metadata.ts';

/** What identifies one attempt; nothing else goes into its submission ID. */
export interface AttemptKey {
  readonly workflowId: string;
  /** First run of the workflow's chain: a reset or continued run keeps it, a new start does not. */
  readonly firstRunId: string;
  /** Counted from 1. */
  readonly attempt: number;
}

export interface AttemptInput extends AttemptKey {
  readonly temporalNamespace: string;
  readonly applicationName: string;
  readonly driverPodName: string;
  /** Milliseconds since the epoch. */
  readonly submitTime: number;
  /** `spec.timeToLiveSeconds`. */
  readonly timeToLiveSeconds?: number;
  /** The resource that the driver pod belongs to. */
  readonly owner?: SubmissionIdentity['owner'];
  /** Whose logs are archived. @default by the workers' configuration */
  readonly archivedLogs?: string;
}

/** Leaves room for `-driver-podspec-conf-map`, and `-driver-svc` within a Service's 63 characters. */
const PREFIX_LIMIT = 46;

/** All names and labels of an attempt's objects; a pure function, so a retry finds what it created. */
export function attemptIdentity(input: AttemptInput): SubmissionIdentity {
  const submissionId = toSubmissionId(input);
  const suffix = submissionId.slice(0, 8);
  return {
    submissionId,
    sparkApplicationId: `spark-${submissionId.replaceAll('-', '')}`,
    driverPodName: input.driverPodName,
    resourceNamePrefix: `${input.applicationName.slice(0, PREFIX_LIMIT - suffix.length - 1)}-${suffix}`,
    submitTime: input.submitTime,
    labels: {
      [Label.SubmissionId]: submissionId,
      [Label.AppName]: input.applicationName,
      [Label.OperatorSubmissionId]: submissionId,
    },
    annotations: {
      [Annotation.WorkflowId]: input.workflowId,
      [Annotation.FirstRunId]: input.firstRunId,
      [Annotation.TemporalNamespace]: input.temporalNamespace,
      [Annotation.Attempt]: String(input.attempt),
      ...(input.timeToLiveSeconds === undefined
        ? {}
        : { [Annotation.TimeToLiveSeconds]: String(input.timeToLiveSeconds) }),
      ...(input.owner === undefined ? {} : { [Annotation.ResourceUid]: input.owner.uid }),
      ...(input.archivedLogs === undefined ? {} : { [Annotation.LogArchive]: input.archivedLogs }),
    },
    finalizers: [DRIVER_FINALIZER],
    ...(input.owner === undefined ? {} : { owner: input.owner }),
  };
}

/** A UUID (version 8, RFC 9562: a hash of our own making) of the attempt. */
export function toSubmissionId({ workflowId, firstRunId, attempt }: AttemptKey): string {
  const bytes = sha256(utf8ToBytes(JSON.stringify([workflowId, firstRunId, attempt]))).slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Whether a submission ID is of a workflow; those of the Kubeflow operator are random (version 4). */
export const isOwnSubmissionId = (id: string | undefined): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-8/.test(id ?? '');

/** The fields that decide the driver pod's name; of a manifest as written or of a checked application. */
interface Named {
  readonly metadata: { readonly name?: string };
  readonly spec: {
    readonly driver: { readonly podName?: string };
    readonly sparkConf?: Readonly<Record<string, string>>;
  };
}

/**
 * `spec.driver.podName`, else `spark.kubernetes.driver.pod.name` of `spec.sparkConf`, else `<name>-driver`. The
 * configuration may be unchecked.
 */
export function driverPodName({ metadata, spec }: Named): string {
  const configured = asScalar(spec.sparkConf?.['spark.kubernetes.driver.pod.name']);
  return spec.driver.podName ?? configured ?? `${metadata.name ?? ''}-driver`;
}

/**
 * The service account that the driver of a manifest runs as, without its translation; `sparkConf` cannot name one. The
 * manifest may be unchecked.
 */
export function driverServiceAccount({ spec }: SparkApplicationManifest): string {
  const driver = asRecord(spec.driver);
  const pod = asRecord(asRecord(driver['template'])['spec']);
  // As the API server reads the pod: the deprecated field counts where the other is empty.
  const candidates = [driver['serviceAccount'], pod['serviceAccountName'], pod['serviceAccount']];
  return candidates.map(asText).find((name) => name !== undefined && name !== '') ?? 'default';
}
