import { expect, it } from 'vitest';
import { buildDriverObjects } from '../../../src/spark/index.ts';
import { explainFailure } from '../../../src/submitter-server/explain-failure.ts';
import { toSubmissionRequest } from '../../../src/submitter-server/to-submission-request.ts';
import { sparkPi } from '../../support/manifests.ts';
import { operatorRequest } from '../../support/operator.ts';

const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'pi', uid: 'u-1' };

/** The answer to a submission that is refused before the API server is asked. */
function answerTo({ args = [], tolerations = [] }: { args?: string[]; tolerations?: object[] }) {
  const { spark_submit_args: given, ...request } = operatorRequest(sparkPi({ name: 'pi' }), 'a', owner);
  try {
    const { submission, identity } = toSubmissionRequest({
      ...request,
      spark_submit_args: [...args, ...given],
      driver_pod_template: { spec: { containers: [{ name: 'spark-kubernetes-driver' }], tolerations } },
    });
    buildDriverObjects(submission, identity);
  } catch (error) {
    const { status, code, message } = explainFailure(error);
    return { status, code, message };
  }
  return undefined;
}

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

it('a pod that the API server would refuse is an invalid template, as where the API server refuses it', () => {
  expect(answerTo({ tolerations: [{ operator: 'x' }] })).toEqual({
    status: 422,
    code: 'INVALID_POD_TEMPLATE',
    message: matching(
      /the API server refuses the driver pod: spec\.tolerations\[0\]\.operator: .*\. Correct the application or its pod template\.$/,
    ),
  });
});

it('arguments that spark-submit would refuse are invalid arguments', () => {
  expect(answerTo({ args: ['--conf', 'spark.kubernetes.driver.label.spark-role=x'] })).toEqual({
    status: 400,
    code: 'INVALID_SPARK_SUBMIT_ARGS',
    message: matching(/^spark\.kubernetes\.driver\.label\.spark-role: /),
  });
});
