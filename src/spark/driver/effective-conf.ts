import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import type { DriverContext } from './driver-spec.ts';
import { listOf, type SparkConf } from '../spark-conf.ts';
import { refuseConf, refuseSizes } from './refuse-conf.ts';
import { refuseInvalid, refuseJvm, refuseLocalFile } from '../submission-refused.ts';
import type { SparkSubmission } from '../submission.ts';

/** Where a driver finds its API server: Spark reads this default too when it runs inside a cluster. */
const IN_CLUSTER_API_SERVER = 'https://kubernetes.default.svc';

const fileLists = ['spark.jars', 'spark.files', 'spark.archives', 'spark.submit.pyFiles'] as const;

/** `python` and `r` by the file extension of the primary resource, as spark-submit detects them. */
export function languageOf(submission: Pick<SparkSubmission, 'type' | 'mainApplicationFile'>): 'java' | 'python' | 'r' {
  const resource = submission.mainApplicationFile ?? '';
  if (resource.endsWith('.py')) return 'python';
  if (/\.[rR]$/.test(resource)) return 'r';
  const expected = { Java: undefined, Scala: undefined, Python: '.py', R: '.R' }[submission.type];
  if (expected !== undefined) {
    refuseInvalid(
      'mainApplicationFile',
      `"${resource}" is not a file of a ${submission.type} application: Spark decides by the file extension`,
      `Name a file that ends in ${expected}, or correct the type.`,
    );
  }
  return 'java';
}

/** The configuration as `SparkSubmit` passes it to Spark's Kubernetes client. */
export function effectiveConf(
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  { language, rules }: Pick<DriverContext, 'language' | 'rules'>,
): SparkConf {
  refuseWhatTakesJvm(submission.conf);
  refuseSizes(submission.conf, rules);
  refuseConf(submission.conf, rules);
  const { 'spark.driver.host': _droppedBySparkSubmit, ...conf } = submission.conf;
  const resource = submission.mainApplicationFile;
  if (resource !== undefined) refuseLocal('mainApplicationFile', resource);
  for (const key of fileLists) for (const uri of listOf(conf, key)) refuseLocal(key, uri);
  return {
    ...conf,
    ...(language === 'java' && {
      'spark.jars': [...listOf(conf, 'spark.jars'), ...(resource === undefined ? [] : [resource])].join(','),
    }),
    'spark.submit.pyFiles': listOf(conf, 'spark.submit.pyFiles').join(','),
    'spark.master': `k8s://${conf['spark.kubernetes.driver.master'] ?? IN_CLUSTER_API_SERVER}`,
    'spark.submit.deployMode': 'cluster',
    'spark.app.name': submission.appName,
    'spark.app.submitTime': String(identity.submitTime),
    'spark.kubernetes.namespace': submission.namespace,
  };
}

function refuseWhatTakesJvm(conf: SparkConf): void {
  if (listOf(conf, 'spark.kubernetes.driver.pod.featureSteps').length > 0) {
    refuseJvm('spark.kubernetes.driver.pod.featureSteps', "feature steps are classes that run in Spark's client");
  }
  for (const role of ['driver', 'executor']) {
    const key = `spark.kubernetes.${role}.podTemplateFile`;
    if (conf[key] !== undefined) {
      refuseLocalFile(
        key,
        `"${conf[key]}" is a file of the submitting machine`,
        `Put the template in spec.${role}.template`,
      );
    }
  }
}

function refuseLocal(key: string, uri: string): void {
  if (/^(?!file:)[a-z][a-z0-9+.-]*:/i.test(uri)) return;
  refuseLocalFile(
    key,
    `"${uri}" is a file of the submitting machine`,
    'Name a file of the image (local:///…) or one that the driver can fetch (https://, s3a://, hdfs://, …)',
  );
}
