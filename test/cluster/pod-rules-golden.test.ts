import { expect, it } from 'vitest';
import { inspectDriver } from '../../src/spark/driver/build-driver-objects.ts';
import { SubmissionRefused } from '../../src/spark/index.ts';
import type { CheckedPod } from '../../src/spark/pods/check-objects.ts';
import { identity } from '../component/golden/build.ts';
import { recordedVersions, scenarios, type Scenario } from '../component/golden/scenarios.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { compareVerdict } from '../support/pod-verdicts.ts';

const cluster = useCluster('pod-rules-golden');

/** Without the names of objects of the cluster, of which the rules know nothing. */
function standingAlone(checked: CheckedPod): CheckedPod {
  const { serviceAccountName: _account, serviceAccount: _old, priorityClassName: _class, ...spec } = checked.pod.spec!;
  return { ...checked, pod: { ...checked.pod, spec } };
}

function podsOf(scenario: Scenario, sparkVersion: string, namespace: string): readonly CheckedPod[] {
  try {
    return inspectDriver({ ...scenario, sparkVersion, namespace }, identity).pods.map(standingAlone);
  } catch (error) {
    // A scenario that only Spark's own client can submit.
    if (error instanceof SubmissionRefused) return [];
    throw error;
  }
}

it.each(recordedVersions)('an API server takes the recorded pods of Spark %s where the rules do', async (version) => {
  const { kubernetes, namespace } = cluster.env;
  let compared = 0;
  for (const [name, scenario] of Object.entries(scenarios)) {
    for (const checked of podsOf(scenario, version, namespace)) {
      await compareVerdict(kubernetes, checked, name);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(100);
});
