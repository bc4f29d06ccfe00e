import type { Violation } from './rules.ts';
import { asRecord, type UnknownRecord } from './unknown-data.ts';

// The first three reasons are the operator's own words: tools match on them.
const SERVICE_ACCOUNT = 'configure the service account via the CRD spec instead';
const CREDENTIALS = 'authentication credentials are managed by the operator';
const MANAGED = 'this value is managed by the operator';
const IMAGE = 'use the image field on the CRD instead';

interface Denial {
  readonly reason: string;
  readonly remedy: string;
}

const noCredentials: Denial = {
  reason: CREDENTIALS,
  remedy: 'remove the key: submission uses the credentials of the worker, and pods those of their service account',
};
const noMaster: Denial = {
  reason: MANAGED,
  remedy: 'remove the key: the cluster is chosen when the application starts',
};

const denied: Readonly<Record<string, Denial>> = {
  'spark.kubernetes.authenticate.driver.serviceAccountName': {
    reason: SERVICE_ACCOUNT,
    remedy: 'set spec.driver.serviceAccount',
  },
  'spark.kubernetes.authenticate.executor.serviceAccountName': {
    reason: SERVICE_ACCOUNT,
    remedy: 'set spec.executor.serviceAccount',
  },
  'spark.master': noMaster,
  'spark.kubernetes.driver.master': { reason: MANAGED, remedy: 'set spec.driver.kubernetesMaster' },
  'spark.kubernetes.container.image': { reason: IMAGE, remedy: 'set spec.image' },
  'spark.kubernetes.driver.container.image': { reason: IMAGE, remedy: 'set spec.driver.image' },
  'spark.kubernetes.executor.container.image': { reason: IMAGE, remedy: 'set spec.executor.image' },
};

// Credentials of the submission client (its cluster-mode prefix is `submission.`, which the operator's list misses)
// and those that it would read from the worker's files for the pods.
const CREDENTIAL_KEY =
  /^spark\.kubernetes\.authenticate\.(?:(?:driver|executor)\.)?(?:oauthToken|oauthTokenFile|clientKeyFile|clientCertFile|caCertFile)$/;
const SUBMISSION_KEY = /^spark\.kubernetes\.authenticate\.submission\./;

const UPLOAD_PATH = 'spark.kubernetes.file.upload.path';
const NAMESPACE = 'spark.kubernetes.namespace';

/** Keys that would let an application escape its own identity, image or namespace. */
export function checkSparkConf(spec: UnknownRecord, namespace: string): Violation[] {
  return Object.entries(asRecord(spec['sparkConf'])).flatMap(([key, value]) => {
    const denial = findDenial(key, value, namespace);
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

function findDenial(key: string, value: unknown, namespace: string): Denial | undefined {
  if (Object.hasOwn(denied, key)) return denied[key];
  if (CREDENTIAL_KEY.test(key) || SUBMISSION_KEY.test(key)) return noCredentials;
  if (key === NAMESPACE && value !== namespace) {
    return {
      reason: `must equal the application namespace "${namespace}", got "${String(value)}"`,
      remedy: 'remove the key, or set metadata.namespace',
    };
  }
  if (key === UPLOAD_PATH && typeof value === 'string' && isLocalToSubmitter(value)) {
    return {
      reason: 'files would be copied within the file system of the worker',
      remedy: 'use storage that the driver reaches too, for example s3a://bucket/path',
    };
  }
  return undefined;
}

const isLocalToSubmitter = (uri: string): boolean => /^(?:file:|\/|[^:]*$)/i.test(uri);
