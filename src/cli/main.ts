#!/usr/bin/env node
import { createRequire } from 'node:module';
import { nodeProblem } from './node-version.ts';

const { version, engines } = createRequire(import.meta.url)('../../package.json') as {
  version: string;
  engines: { node: string };
};
const problem = nodeProblem(engines.node, process.versions.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(2);
}
// Not before that: an older Node cannot load some of what this imports.
const { runCommandLine } = await import('./run-command-line.ts');
const { exitCode, failed } = await runCommandLine(process.argv.slice(2), version);
process.exitCode = exitCode;
// Open handles of a failed command may keep the process alive.
if (failed) process.exit(exitCode);
