// `npm run chaos`: breaks everything at every point of a run, prints what came of it, and fails where anything did.
import { parseArgs } from 'node:util';
import { startLab } from '../../lab/lab.ts';
import { BLOWS, blowName, falls } from './fault.ts';
import { runMatrix, type FaultPoint } from './matrix.ts';
import { runUnderFire, type UnderFire } from './pipeline-under-fire.ts';
import { nameOf, POINTS } from './points.ts';
import { report } from './report.ts';
import { sample } from './sample.ts';

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    blow: { type: 'string', multiple: true },
    point: { type: 'string', multiple: true },
    sample: { type: 'string' },
    pipelines: { type: 'string' },
    seed: { type: 'string', default: String(Math.trunc(Math.random() * 1e9)) },
    help: { type: 'boolean', default: false },
  },
});
const all: FaultPoint[] = BLOWS.flatMap((blow) =>
  POINTS.filter((point) => falls(blow, point)).map((point) => ({ blow, point })),
);
const chosen = all.filter(
  ({ blow, point }) =>
    (values.blow?.some((text) => blowName(blow).includes(text)) ?? true) &&
    (values.point?.some((text) => nameOf(point).includes(text)) ?? true),
);

if (values.help) {
  console.log(`npm run chaos -- [--list] [--blow TEXT …] [--point TEXT …] [--sample N [--seed SEED]]
npm run chaos -- --pipelines N [--seed SEED]

  --list         print the names of the fault points
  --blow TEXT    only what is broken like that, such as "kill worker" or "(temporal)"
  --point TEXT   only points whose name contains that, such as "create pods"
  --sample N     only so many of them, drawn by the seed
  --pipelines N  instead, so many pipelines in each of which the worker and the Temporal server are killed six times`);
} else if (values.list) {
  for (const { blow, point } of chosen) console.log(`${blowName(blow)} | ${nameOf(point)}`);
} else if (values.pipelines !== undefined) {
  console.log(`Seed: ${values.seed}`);
  await pipelinesUnderFire(Number(values.pipelines), values.seed);
} else {
  const faultPoints = values.sample === undefined ? chosen : sample(chosen, Number(values.sample), values.seed);
  if (values.sample !== undefined) console.log(`Seed: ${values.seed}`);
  const begun = Date.now();
  const result = await runMatrix(faultPoints, { onProgress: (line) => console.log(line) });
  const { text, harmed } = report(result, (Date.now() - begun) / 1000);
  console.log(text);
  process.exitCode = harmed ? 1 : 0;
}

/** Each in a lab of its own; the last line is the sum. */
async function pipelinesUnderFire(pipelines: number, seed: string): Promise<void> {
  const outcomes: UnderFire[] = [];
  for (let n = 0; n < pipelines; n += 1) {
    const lab = await startLab({ mode: 'simulated', persistTemporal: true });
    try {
      const outcome = await runUnderFire(lab, { kills: 6, seed: `${seed}-${n}` });
      outcomes.push(outcome);
      const { units, continued, seconds, state, kills, ...harm } = outcome;
      console.log(
        `${state}: ${units} stages and items, continued as new ${continued} times, ${kills.length} kills, ${seconds.toFixed(0)} s`,
      );
      for (const [what, names] of Object.entries(harm)) {
        for (const name of names) console.log(`${what.toUpperCase()}: ${name}`);
      }
    } finally {
      await lab.stop();
    }
  }
  const sum = (of: (outcome: UnderFire) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
  const [lost, doubled, stuck] = [
    sum((each) => each.lost.length),
    sum((each) => each.doubled.length),
    sum((each) => each.stuck.length),
  ];
  console.log(
    `${pipelines} pipelines, ${sum(({ units }) => units)} stages and items, ${sum(({ kills }) => kills.length)} kills, ${lost} lost, ${doubled} doubled, ${stuck} stuck`,
  );
  const harmed = outcomes.some(({ state, missed }) => state !== 'COMPLETED' || missed.length > 0);
  process.exitCode = harmed || lost + doubled + stuck > 0 ? 1 : 0;
}
