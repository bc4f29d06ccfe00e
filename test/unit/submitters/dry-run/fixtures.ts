import { parseSparkApplication } from '../../../../src/manifest/index.ts';
import { attemptIdentity, attemptSubmission } from '../../../../src/spark/index.ts';
import type { SubmissionRequest } from '../../../../src/submitters/index.ts';
import { deepFreeze } from '../../../../src/validation/deep-freeze.ts';
import { sparkPi } from '../../../support/manifests.ts';

interface Changes {
  readonly name?: string;
  readonly namespace?: string;
  readonly attempt?: number;
  readonly conf?: Readonly<Record<string, string>>;
  readonly args?: string[];
}

/** A submission of Spark Pi as the core makes it. */
export function request(changes: Changes = {}): SubmissionRequest {
  const { name = 'pi', namespace = 'default', attempt = 1, conf = {}, args } = changes;
  const manifest = sparkPi({ name, namespace });
  manifest.spec.sparkConf = { ...manifest.spec.sparkConf, ...conf };
  if (args !== undefined) manifest.spec.arguments = args;
  const identity = attemptIdentity({
    ...{ workflowId: `spark/${namespace}/${name}`, firstRunId: 'run', attempt, temporalNamespace: 'default' },
    ...{ applicationName: name, driverPodName: `${name}-driver`, submitTime: attempt },
  });
  return deepFreeze({ submission: attemptSubmission(parseSparkApplication(manifest), identity), identity });
}
