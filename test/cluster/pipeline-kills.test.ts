import { expect, it } from 'vitest';
import { runUnderFire } from '../chaos/pipeline-under-fire.ts';
import { seedOf } from '../support/lane.ts';
import { privateLab } from '../support/lab-fixture.ts';

/** `CHAOS_SEED=…` kills the same at the same moments again; `npm run chaos -- --pipelines N` kills more. */
const seed = String(seedOf('CHAOS_SEED'));

it(
  'a pipeline whose worker and whose Temporal server are killed in the middle loses no stage and runs none twice',
  { timeout: 600_000 },
  async () => {
    const lab = await privateLab({ persistTemporal: true });
    const outcome = await runUnderFire(lab, { kills: 3, seed });
    console.log(`CHAOS_SEED=${seed} ${JSON.stringify(outcome)}`);
    expect(outcome, `CHAOS_SEED=${seed}`).toMatchObject({
      state: 'COMPLETED',
      missed: [],
      lost: [],
      doubled: [],
      stuck: [],
    });
    expect(outcome.continued).toBeGreaterThan(0);
  },
);
