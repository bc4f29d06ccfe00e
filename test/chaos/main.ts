// `npm run chaos`: breaks everything at every point of a run, prints what came of it, and fails where anything did.
import { parseArgs } from 'node:util';
import { present } from '../../src/validation/present.ts';
import { blowName } from './fault.ts';
import { runMatrix } from './matrix.ts';
import { PROOFS } from './proofs.ts';
import { report } from './report.ts';
import { sample } from './sample.ts';
import { FAULT_POINTS, faultPointName } from './scenarios.ts';

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string' },
    times: { type: 'string', default: '1' },
    scenario: { type: 'string', multiple: true },
    blow: { type: 'string', multiple: true },
    point: { type: 'string', multiple: true },
    sample: { type: 'string' },
    minutes: { type: 'string' },
    lanes: { type: 'string' },
    seed: { type: 'string', default: String(Math.trunc(Math.random() * 1e9)) },
    help: { type: 'boolean', default: false },
  },
});

const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
const includes = (texts: readonly string[] | undefined, name: string): boolean =>
  texts?.some((text) => name.includes(text)) ?? true;
const chosen = FAULT_POINTS.filter(
  (each) =>
    includes(values.scenario, each.scenario.name) &&
    includes(values.blow, blowName(each.blow)) &&
    includes(values.point, faultPointName(each)),
);

if (values.help) {
  console.log(`npm run chaos -- [--list] [--scenario TEXT …] [--blow TEXT …] [--point TEXT …] [--sample N] [--seed SEED]
npm run chaos -- --only PROOF [--times N] [--seed SEED]

  --list           print the names of the fault points
  --scenario TEXT  only in settings whose name contains that, such as "full slots"
  --blow TEXT      only what is broken like that, such as "kill worker" or "(temporal)"
  --point TEXT     only points whose name in the list contains that, such as "create pods"
  --sample N       only so many of them, drawn by the seed
  --minutes N      no scenario begins after so many minutes; default: 50
  --lanes N        workers with their applications at once; default: 6
  --seed SEED      of the sample, and of the order
  --only PROOF     instead of the matrix: ${PROOFS.map(({ name }) => name).join(', ')}
  --times N        that proof so many times; default: 1

${PROOFS.map(({ name, what }) => `  ${name.padEnd(20)} ${what}`).join('\n')}`);
} else if (values.list) {
  for (const faultPoint of chosen) console.log(faultPointName(faultPoint));
} else if (values.only !== undefined) {
  const proof = PROOFS.find(({ name }) => name === values.only);
  if (proof === undefined)
    throw new Error(`unknown proof "${values.only}"; known: ${PROOFS.map(({ name }) => name).join(', ')}`);
  let failed = 0;
  for (let time = 1; time <= Number(values.times); time += 1) {
    const { text, passed } = await proof.run(`${values.seed}-${time}`);
    console.log(`${proof.name} ${time} of ${values.times}: ${passed ? 'passed' : 'FAILED'}\n${text}`);
    if (!passed) failed += 1;
  }
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  console.log(`Seed: ${values.seed}`);
  // Another seed is another order, and so other neighbours.
  const faultPoints = sample(chosen, Number(values.sample ?? chosen.length), values.seed, faultPointName);
  const begun = Date.now();
  const options = present({ minutes: numberOf(values.minutes), atOnce: numberOf(values.lanes) });
  const result = await runMatrix(faultPoints, { onProgress: (line) => console.log(line), ...options });
  const { text, harmed } = report(result, (Date.now() - begun) / 1000);
  console.log(text);
  process.exitCode = harmed ? 1 : 0;
}
// A lane that failed may have left something that waits.
process.exit();
