// `npm run bench [-- SUITE]`: measures, and prints one JSON object as its last line. Nothing here passes or fails.
import { manifest } from './manifest.ts';
import { pipeline } from './pipeline.ts';
import { submission } from './submission.ts';

const suites: Readonly<Record<string, () => Promise<Record<string, number>>>> = { submission, manifest, pipeline };

const name = process.argv[2] ?? 'submission';
const suite = suites[name];
if (suite === undefined) {
  console.error(`There is no suite "${name}". Suites: ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
console.log(JSON.stringify(await suite()));
