import type { SparkApplication } from '../../manifest/index.ts';
import type { SubmissionIdentity } from '../../protocol/submission-identity.ts';
import type { CompanionOptions } from '../companions/build-companion-objects.ts';
import { ingressAddress } from '../companions/ingress-address.ts';
import type { SparkSubmission } from '../submission.ts';
import { toSparkSubmission } from './to-spark-submission.ts';
import { translating } from '../translating.ts';

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
