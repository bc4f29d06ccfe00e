// Records what kubectl reads in the texts: `node test/unit/validation/kubectl/record.ts KUBECTL`.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { readWithKubectl } from './read-with-kubectl.ts';
import { texts } from './texts.ts';

const [kubectl = 'kubectl'] = process.argv.slice(2);
const version = spawnSync(kubectl, ['version', '--client'], { encoding: 'utf8' }).stdout.split('\n')[0]!;
const readings = Object.entries(texts).map(([name, text]) => [name, readWithKubectl(kubectl, text)]);
const recorded = JSON.stringify({ recordedWith: version, readings: Object.fromEntries(readings) as object });
writeFileSync(new URL('recorded.json', import.meta.url), await format(recorded, { parser: 'json', printWidth: 120 }));
