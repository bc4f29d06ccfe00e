// `npm test [-- FILTER …]` and `npm run test:all`: builds what the tests need and runs one suite after the other.
// `--project NAME` picks suites by name, from both lanes. What cannot run on this machine is left out, with the reason.
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { prepareSuite, whyNotHere } from './environments.ts';
import { printReport, saveReport, suiteReport, totalOf, type SuiteReport } from './report.ts';
import { Lane, suites, type Suite } from './suites.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    project: { type: 'string', multiple: true },
    lane: { type: 'string', default: Lane.Test },
    testNamePattern: { type: 'string', short: 't' },
  },
});

const lane = values.lane as Lane;
const unknown = [...(values.project ?? [])].filter((name) => !suites.some((suite) => suite.name === name));
if (!Object.values(Lane).includes(lane) || unknown.length > 0) {
  console.error(
    unknown.length > 0
      ? `unknown suite ${unknown.join(', ')}; known: ${suites.map(({ name }) => name).join(', ')}`
      : `unknown lane "${lane}"; known: ${Object.values(Lane).join(', ')}`,
  );
  process.exit(2);
}

// For tests that try more outside the gate.
process.env['TEST_LANE'] = lane;
const startedAt = new Date().toISOString();
const reports: SuiteReport[] = [];
for (const suite of suites) {
  const reason = await whyLeftOut(suite);
  reports.push(
    reason === undefined ? await run(suite) : { suite: suite.name, ms: 0, files: [], errors: [], leftOut: reason },
  );
}
const report = { startedAt, lane, suites: reports };
printReport(report);
console.log(`Report: ${saveReport(report)}`);
const { passed, failed, skipped } = totalOf(report);
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
// Something that a test left open must not keep this process.
process.exit(failed > 0 || passed === 0 ? 1 : 0);

async function whyLeftOut(suite: Suite): Promise<string | undefined> {
  if (values.project !== undefined && !values.project.includes(suite.name)) return 'not asked for (--project)';
  if (values.project === undefined && lane === Lane.Test && suite.lane === Lane.All) return 'part of npm run test:all';
  return whyNotHere(suite.name);
}

async function run(suite: Suite): Promise<SuiteReport> {
  const { name, what, workers, isQuiet = false } = suite;
  console.log(`\n== ${name}: ${what}`);
  const begun = Date.now();
  try {
    await prepareSuite(name);
  } catch (error) {
    const reason = (error as Error).message;
    console.error(`Cannot prepare the suite ${name}: ${reason}`);
    return { suite: name, ms: Date.now() - begun, files: [], errors: [reason] };
  }
  const vitest = await startVitest('test', positionals, {
    project: name,
    watch: false,
    run: true,
    maxWorkers: workers,
    passWithNoTests: true,
    silent: isQuiet ? 'passed-only' : false,
    ...(values.testNamePattern === undefined ? {} : { testNamePattern: values.testNamePattern }),
  });
  const report = suiteReport(name, vitest, Date.now() - begun);
  await vitest.close();
  // Vitest sets it; the sum of all suites decides.
  process.exitCode = 0;
  return report;
}
