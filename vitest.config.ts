import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/runner/sequencer.ts';
import { suites } from './test/runner/suites.ts';

// The processes that run test files, and those that tests start, load the same modules hundreds of times in a run.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules', '.cache', 'v8');

export default defineConfig({
  test: {
    pool: 'forks', // the Temporal worker is a native addon with threads of its own
    sequence: { sequencer: LongestFirst },
    slowTestThreshold: 10_000, // listed below their file; the report at the end names the slowest files
    maxConcurrency: 2, // tests that run in parallel within a file start JVMs
    // A limit for what hangs, not a claim of any test: machines differ in speed, and so does one machine over time.
    testTimeout: 360_000,
    hookTimeout: 360_000,
    // One project for each suite; test/runner/run.ts runs them one after the other.
    projects: suites.map(({ name, include, exclude = [], globalSetup, sharesProcess = false, setupFiles = [] }) => ({
      extends: true as const,
      test: {
        name,
        include: [...include],
        exclude: ['**/node_modules/**', ...exclude],
        globalSetup: globalSetup === undefined ? [] : [globalSetup],
        isolate: !sharesProcess,
        setupFiles: [...setupFiles],
      },
    })),
  },
});
