// `npm run chaos`: breaks everything at every point of a run, prints what came of it, and fails where anything did.
import { parseArgs } from 'node:util';
import { BLOWS, blowName, falls } from './fault.ts';
import { runMatrix, type FaultPoint } from './matrix.ts';
import { nameOf, POINTS } from './points.ts';
import { report } from './report.ts';
import { sample } from './sample.ts';

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    blow: { type: 'string', multiple: true },
    point: { type: 'string', multiple: true },
    sample: { type: 'string' },
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

  --list         print the names of the fault points
  --blow TEXT    only what is broken like that, such as "kill worker" or "(temporal)"
  --point TEXT   only points whose name contains that, such as "create pods"
  --sample N     only so many of them, drawn by the seed`);
} else if (values.list) {
  for (const { blow, point } of chosen) console.log(`${blowName(blow)} | ${nameOf(point)}`);
} else {
  const faultPoints = values.sample === undefined ? chosen : sample(chosen, Number(values.sample), values.seed);
  if (values.sample !== undefined) console.log(`Seed: ${values.seed}`);
  const begun = Date.now();
  const result = await runMatrix(faultPoints, { onProgress: (line) => console.log(line) });
  const { text, harmed } = report(result, (Date.now() - begun) / 1000);
  console.log(text);
  process.exitCode = harmed ? 1 : 0;
}
