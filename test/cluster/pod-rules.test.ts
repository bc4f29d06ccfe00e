import { expect, it } from 'vitest';
import { compareVerdicts } from '../support/pod-verdicts.ts';
import { useCluster } from '../support/cluster-fixture.ts';

const cluster = useCluster('pod-rules');

it('takes the pods with which the rules find nothing wrong, and refuses no field that they do not name', async () => {
  const { kubernetes, namespace } = cluster.env;
  const seed = Number(process.env['POD_RULES_SEED'] ?? Date.now() % 2 ** 31);
  const { compared, refused } = await compareVerdicts(kubernetes, namespace, { count: 150, seed });
  expect(refused).toBeGreaterThan(10);
  expect(compared - refused).toBeGreaterThan(10);
});
