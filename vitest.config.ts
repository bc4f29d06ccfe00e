import { defineConfig } from 'vitest/config';

// One project for each kind of environment that tests need; test/run.ts says which ones run here, and why.
const project = (name: string, include: string[], timeoutMs: number, globalSetup: string[] = []) => ({
  extends: true as const,
  test: { name, include, globalSetup, testTimeout: timeoutMs, hookTimeout: Math.max(timeoutMs, 180_000) },
});

export default defineConfig({
  test: {
    pool: 'forks', // the Temporal worker is a native addon with threads of its own
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{cluster,spark,recorder,ui,chaos}/**', '**/node_modules/**'],
          testTimeout: 120_000,
        },
      },
      project('cluster', ['test/cluster/**/*.test.ts'], 120_000, ['test/cluster/global-setup.ts']),
      project('spark', ['test/spark/**/*.test.ts'], 360_000),
      project('recorder', ['test/recorder/**/*.test.ts'], 360_000),
      project('chaos', ['test/chaos/**/*.test.ts'], 360_000),
      project('ui', ['test/ui/**/*.test.ts'], 360_000),
    ],
  },
});
