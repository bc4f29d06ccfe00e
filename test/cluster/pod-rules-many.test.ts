import { expect, it } from 'vitest';
import { compareVerdicts } from '../support/pod-verdicts.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { seedOf } from '../support/lane.ts';

const cluster = useCluster('pod-rules-many');

it('takes and refuses the pods of five thousand applications as the rules do', { timeout: 3_600_000 }, async () => {
  const { kubernetes, namespace } = cluster.env;
  const seed = seedOf('POD_RULES_SEED');
  const { compared } = await compareVerdicts(kubernetes, namespace, { count: 5_000, seed });
  expect(compared).toBeGreaterThan(5_000);
});
