// `npm run test:repeat -- FILE [--times 20] [-t NAME]`: runs a test file again and again and names what is flaky in it.
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { prepareSuite } from './environments.ts';
import { seconds, suiteReport } from './report.ts';
import { suiteOf, suites } from './suites.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '20' }, testNamePattern: { type: 'string', short: 't' } },
});
const [file] = positionals;
const times = Number(values.times);
if (file === undefined || positionals.length > 1 || !Number.isInteger(times) || times < 1) {
  console.error('usage: npm run test:repeat -- FILE [--times 20] [-t NAME]');
  process.exit(2);
}
const name = suiteOf(file);
if (name === undefined) {
  console.error(`${file} is not a test file of test/`);
  process.exit(2);
}

const results = new Map<string, { ms: number[]; errors: string[] }>();
function record(test: string, ms: number, errors: readonly string[] = []): void {
  const result = results.get(test) ?? { ms: [], errors: [] };
  results.set(test, result);
  if (errors.length === 0) result.ms.push(ms);
  else result.errors.push(errors.join('\n'));
}

await prepareSuite(name);
const { workers, isQuiet = false } = suites.find((suite) => suite.name === name)!;
for (let time = 1; time <= times; time += 1) {
  console.log(`\n== ${file}: ${time} of ${times}`);
  const begun = Date.now();
  const options = values.testNamePattern === undefined ? {} : { testNamePattern: values.testNamePattern };
  const vitest = await startVitest('test', [file], {
    ...options,
    project: name,
    watch: false,
    run: true,
    maxWorkers: workers,
    reporters: ['dot'],
    silent: isQuiet ? 'passed-only' : false,
  });
  const { files, errors } = suiteReport(name, vitest, Date.now() - begun);
  await vitest.close();
  if (errors.length > 0) record('(outside of any test)', 0, errors);
  for (const each of files) {
    if (each.errors.length > 0) record('(outside of any test)', 0, each.errors);
    for (const { name: test, state, ms, errors: why } of each.tests) {
      if (state !== 'skipped') record(test, ms, state === 'failed' ? (why ?? ['did not end']) : []);
    }
  }
}

console.log(`\n  passed  failed   shortest     median    longest`);
for (const [test, { ms, errors }] of results) {
  const sorted = ms.toSorted((a, b) => a - b);
  const spread = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map((each) => seconds(each ?? 0));
  const counts = [ms.length, errors.length].map((n) => String(n).padStart(6)).join('  ');
  console.log(`  ${counts}  ${spread.join('  ')}  ${test}`);
}
const failing = [...results].filter(([, { errors }]) => errors.length > 0);
for (const [test, { ms, errors }] of failing) {
  console.log(`\n${ms.length > 0 ? 'flaky' : 'fails always'}: ${test}`);
  for (const error of new Set(errors)) console.log(error.replace(/^/gm, '    '));
}
process.exit(failing.length > 0 || results.size === 0 ? 1 : 0);
