import type { SparkApplication } from '../../manifest/spark-application.ts';
import { batchSchedulerConf } from './batch-scheduler.ts';
import { overheadForMemoryLimit } from './memory-limit.ts';
import { withMonitoring } from './monitoring.ts';
import { rolePodTemplate } from './pod-template.ts';
import { applicationConf } from './application-conf.ts';
import { NO_RESOURCE } from '../submission.ts';
import { sparkVersionRules } from '../spark-version.ts';
import { languageOf } from '../driver/effective-conf.ts';
import type { SparkSubmission } from '../submission.ts';
import { translating } from '../translating.ts';

/**
 * What Spark runs for a SparkApplication, with the operator's precedence: configuration where Spark has one, pod
 * templates for the rest. A pure function of the application.
 *
 * @throws SubmissionRefused where the application contradicts itself or Spark (not retryable), TranslationFailed
 */
export function toSparkSubmission(application: SparkApplication): SparkSubmission {
  return translating(() => translate(application));
}

function translate(application: SparkApplication): SparkSubmission {
  const monitored = withMonitoring(application);
  const { metadata, spec } = monitored;
  const language = languageOf(spec);
  const conf = applicationConf(monitored);
  const rules = sparkVersionRules(spec.sparkVersion);
  for (const role of ['driver', 'executor'] as const) {
    const overhead = overheadForMemoryLimit(spec, role, conf, language, rules);
    if (overhead !== undefined) conf[`spark.${role}.memoryOverhead`] = overhead;
  }
  const executorPodTemplate = rolePodTemplate(spec, 'executor');
  const submission: SparkSubmission = {
    namespace: metadata.namespace,
    appName: conf['spark.app.name'] ?? metadata.name,
    sparkVersion: spec.sparkVersion,
    type: spec.type,
    ...(spec.mainClass !== undefined && { mainClass: spec.mainClass }),
    ...(spec.mainApplicationFile !== NO_RESOURCE && { mainApplicationFile: spec.mainApplicationFile }),
    arguments: spec.arguments ?? [],
    ...(spec.proxyUser !== undefined && { proxyUser: spec.proxyUser }),
    conf,
    driverPodTemplate: rolePodTemplate(spec, 'driver') ?? {},
    ...(executorPodTemplate !== undefined && { executorPodTemplate }),
  };
  return { ...submission, conf: { ...conf, ...batchSchedulerConf(application, submission) } };
}
