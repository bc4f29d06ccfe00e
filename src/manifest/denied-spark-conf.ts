import type { SparkApplicationManifestSpec } from './manifest-types.ts';
import type { Violation } from '../validation/problem.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../validation/unknown-data.ts';

interface Denial {
  readonly reason: string;
  readonly remedy: string;
}

// The operator's own wording: tools match on it.
const SERVICE_ACCOUNT = 'configure the service account via the CRD spec instead';
const CREDENTIALS = 'authentication credentials are managed by the operator';
const MANAGED = 'this value is managed by the operator';
const IMAGE = 'use the image field on the CRD instead';
// Ours, where the operator's list has gaps.
const SUBMITTER_FILE = 'it would read a file of the worker';

const REMOVE_CREDENTIALS =
  'remove the key: the submission uses the credentials of the worker, and pods use those of their service account';
const REMOVE_MASTER = 'remove the key: the cluster is chosen when the application is started';

const denied: Readonly<Record<string, Denial>> = {
  'spark.kubernetes.authenticate.driver.serviceAccountName': {
    reason: SERVICE_ACCOUNT,
    remedy: 'set spec.driver.serviceAccount',
  },
  'spark.kubernetes.authenticate.executor.serviceAccountName': {
    reason: SERVICE_ACCOUNT,
    remedy: 'set spec.executor.serviceAccount',
  },
  'spark.kubernetes.authenticate.serviceAccountName': {
    reason: SERVICE_ACCOUNT,
    remedy: 'set spec.driver.serviceAccount and spec.executor.serviceAccount',
  },
  'spark.master': { reason: MANAGED, remedy: REMOVE_MASTER },
  'spark.kubernetes.context': { reason: MANAGED, remedy: REMOVE_MASTER },
  'spark.kubernetes.driver.master': { reason: MANAGED, remedy: 'set spec.driver.kubernetesMaster' },
  'spark.kubernetes.container.image': { reason: IMAGE, remedy: 'set spec.image' },
  'spark.kubernetes.driver.container.image': { reason: IMAGE, remedy: 'set spec.driver.image' },
  'spark.kubernetes.executor.container.image': { reason: IMAGE, remedy: 'set spec.executor.image' },
  'spark.kubernetes.driver.podTemplateFile': { reason: SUBMITTER_FILE, remedy: 'set spec.driver.template' },
  'spark.kubernetes.executor.podTemplateFile': { reason: SUBMITTER_FILE, remedy: 'set spec.executor.template' },
  'spark.kubernetes.kerberos.krb5.path': {
    reason: SUBMITTER_FILE,
    remedy: 'put krb5.conf into a ConfigMap and set spark.kubernetes.kerberos.krb5.configMapName',
  },
};

/** Keys that no application may set, whatever their value. For the admission policy. @internal */
export const deniedKeys: readonly string[] = Object.keys(denied);

/**
 * Keys of credentials. The submission client's own prefix is `submission.`; without it, and with a role's, Spark reads
 * the rest for pods. Exported for the admission policy. @internal
 */
export const deniedCredentialKey =
  /^spark\.kubernetes\.authenticate\.(?:submission\.|(?:(?:driver|executor)\.)?(?:oauthToken|oauthTokenFile|clientKeyFile|clientCertFile|caCertFile)$)/;

interface FileKey {
  readonly isHarmless: (uri: string, spec: UnknownRecord) => boolean;
  readonly remedy: string;
}

// Files that Spark reads where it is submitted, unless they are in the image or remote.
const keytab = {
  isHarmless: (uri: string) => /^local:/i.test(uri),
  remedy: 'mount the keytab from a Secret and name it with local://',
};
const fileKeys: Readonly<Record<string, FileKey>> = {
  // Without a file to upload nothing reads it.
  'spark.kubernetes.file.upload.path': {
    isHarmless: (uri, spec) => /^(?!file:|local:)[a-z][a-z0-9+.-]*:/i.test(uri) || !hasFileToUpload(spec),
    remedy: 'use storage that the driver reaches too, for example s3a://bucket/path',
  },
  'spark.kerberos.keytab': keytab,
  // Its name before Spark 3.0, which Spark still reads.
  'spark.yarn.keytab': keytab,
};

/** Keys that would let an application escape its own identity, image, namespace or files. */
export function checkSparkConf(spec: UnknownRecord, namespace: string): Violation[] {
  return Object.entries(asRecord(spec['sparkConf'])).flatMap(([key, value]) => {
    const denial = findDenial(key, String(value), namespace, spec);
    if (!denial) return [];
    return [
      {
        path: ['sparkConf', key],
        code: 'spark_conf_denied',
        message: `sparkConf key "${key}" is not allowed: ${denial.reason}`,
        remedy: denial.remedy,
      },
    ];
  });
}

function findDenial(key: string, value: string, namespace: string, spec: UnknownRecord): Denial | undefined {
  if (Object.hasOwn(denied, key)) return denied[key];
  if (deniedCredentialKey.test(key)) return { reason: CREDENTIALS, remedy: REMOVE_CREDENTIALS };
  if (key === 'spark.kubernetes.namespace' && value !== namespace) {
    return {
      reason: `must equal the application namespace "${namespace}", got "${value}"`,
      remedy: 'remove the key, or set metadata.namespace',
    };
  }
  const file = Object.hasOwn(fileKeys, key) ? fileKeys[key] : undefined;
  return file && !file.isHarmless(value, spec) ? { reason: SUBMITTER_FILE, remedy: file.remedy } : undefined;
}

const UPLOADED_FIELDS = ['jars', 'files', 'pyFiles', 'archives'] as const satisfies readonly (keyof NonNullable<
  SparkApplicationManifestSpec['deps']
>)[];
const UPLOADED_KEYS = ['spark.jars', 'spark.files', 'spark.submit.pyFiles', 'spark.archives'] as const;

/** Whether the application has a file of the submitting machine. */
function hasFileToUpload(spec: UnknownRecord): boolean {
  const { mainApplicationFile, deps, sparkConf } = spec;
  const listed = UPLOADED_KEYS.flatMap((key) => (asText(asRecord(sparkConf)[key]) ?? '').split(','));
  return [mainApplicationFile, ...UPLOADED_FIELDS.flatMap((field) => asList(asRecord(deps)[field])), ...listed].some(
    (uri) =>
      typeof uri === 'string' &&
      uri.trim() !== '' &&
      uri !== 'spark-internal' &&
      /^\s*(?:file:|(?![a-z][a-z0-9+.-]*:))/i.test(uri),
  );
}
