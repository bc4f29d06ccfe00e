import { expect, it } from 'vitest';
import { compareVerdicts } from '../support/pod-verdicts.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { seedOf } from '../support/lane.ts';

const cluster = useCluster('pod-rules');

it('takes the pods with which the rules find nothing wrong, and refuses no field that they do not name', async () => {
  const { kubernetes, namespace } = cluster.env;
  const seed = seedOf('POD_RULES_SEED');
  const { compared, refused } = await compareVerdicts(kubernetes, namespace, { count: 150, seed });
  expect(refused).toBeGreaterThan(10);
  expect(compared - refused).toBeGreaterThan(10);
});
