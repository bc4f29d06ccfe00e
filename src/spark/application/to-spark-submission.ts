import { withSizes } from '../../manifest/defaults.ts';
import type { SparkApplication } from '../../manifest/spark-application.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import type { CompanionOptions } from '../companions/build-companion-objects.ts';
import { ingressAddress } from '../companions/ingress-address.ts';
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
  const sized = { ...application, spec: withSizes(application.spec) };
  const monitored = sized.spec.monitoring === undefined ? sized : withMonitoring(sized);
  const { metadata, spec } = monitored;
  const language = languageOf(spec);
  const conf = applicationConf(monitored);
  const rules = sparkVersionRules(spec.sparkVersion);
  for (const role of ['driver', 'executor'] as const) {
    const { memoryLimit } = spec[role];
    if (memoryLimit === undefined) continue;
    conf[`spark.${role}.memoryOverhead`] = overheadForMemoryLimit(memoryLimit, role, conf, language, rules);
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
  if (spec.batchScheduler === undefined) return submission;
  return { ...submission, conf: { ...conf, ...batchSchedulerConf(application, submission) } };
}

/**
 * What an attempt submits: the manifest's meaning, and the attempt's labels on executors too, because by these they are
 * counted, and found when something is left behind. A UI that is served below a path gets that path, unless `sparkConf`
 * sets it.
 */
export function attemptSubmission(
  application: SparkApplication,
  identity: SubmissionIdentity,
  { uiIngressUrl }: Pick<CompanionOptions, 'uiIngressUrl'> = {},
): SparkSubmission {
  return translating(() => asAttempt(application, toSparkSubmission(application), identity, uiIngressUrl));
}

function asAttempt(
  application: SparkApplication,
  submission: SparkSubmission,
  identity: SubmissionIdentity,
  uiIngressUrl?: string,
): SparkSubmission {
  const executorLabels = Object.entries(identity.labels).map(([key, value]) => [
    `spark.kubernetes.executor.label.${key}`,
    value,
  ]);
  const path = uiIngressUrl === undefined ? '/' : ingressAddress(uiIngressUrl, application, identity).path;
  return {
    ...submission,
    conf: {
      ...(path !== '/' && { 'spark.ui.proxyBase': path, 'spark.ui.proxyRedirectUri': '/' }),
      ...submission.conf,
      ...(Object.fromEntries(executorLabels) as Record<string, string>),
    },
  };
}
