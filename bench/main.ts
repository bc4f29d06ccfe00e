// `npm run bench [-- SUITE]`: measures, and prints one JSON object as its last line. Exit code 1 where a suite that has
// targets misses one. `scale` and `operator` take modes and options (their options.ts), and assert no target.
import { cli } from './cli.ts';
import { logs } from './logs/logs.ts';
import { manifest } from './manifest.ts';
import { operator } from './operator/operator.ts';
import { pipeline } from './pipeline.ts';
import { scale } from './scale/scale.ts';
import { submission } from './submission.ts';
import { submitters } from './submitters.ts';
import {
  CLI_TARGETS,
  LOGS_TARGETS,
  MANIFEST_TARGETS,
  missedTargets,
  PIPELINE_TARGETS,
  SUBMISSION_TARGETS,
  SUBMITTERS_TARGETS,
  type Target,
} from './targets.ts';

const suites: Readonly<Record<string, () => Promise<Record<string, number>>>> = {
  submission,
  submitters,
  manifest,
  pipeline,
  cli,
  logs,
};

/** They take options, and print their targets instead of asserting them. */
const printedSuites: Readonly<Record<string, (args: readonly string[]) => Promise<object>>> = { scale, operator };

const targets: Readonly<Record<string, readonly Target[]>> = {
  submission: SUBMISSION_TARGETS,
  submitters: SUBMITTERS_TARGETS,
  manifest: MANIFEST_TARGETS,
  pipeline: PIPELINE_TARGETS,
  cli: CLI_TARGETS,
  logs: LOGS_TARGETS,
};

const name = process.argv[2] ?? 'submission';
const printed = printedSuites[name];
if (printed !== undefined) {
  console.log(JSON.stringify(await printed(process.argv.slice(3))));
  process.exit();
}
const suite = suites[name];
if (suite === undefined) {
  console.error(
    `Unknown suite "${name}"; known: ${[...Object.keys(suites), ...Object.keys(printedSuites)].join(', ')}`,
  );
  process.exit(2);
}
const figures = await suite();
const missed = missedTargets(figures, targets[name] ?? []);
for (const target of missed) console.error(`Missed: ${target}`);
console.log(JSON.stringify(figures));
if (missed.length > 0) process.exitCode = 1;
