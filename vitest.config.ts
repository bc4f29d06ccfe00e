import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

// One project for each kind of environment that tests need; test/run.ts says which ones run here, and why.
function project(
  name: string,
  options: { readonly include?: string[]; readonly exclude?: string[]; readonly globalSetup?: string[] } = {},
): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}

export default defineConfig({
  test: {
    pool: 'forks', // the Temporal worker is a native addon with threads of its own
    maxWorkers: 2,
    maxConcurrency: 2, // each test that runs beside others of its file starts several JVMs
    // A net for what hangs, and no test's claim: machines differ in speed, and so does one by itself.
    testTimeout: 360_000,
    hookTimeout: 360_000,
    projects: [
      project('unit', {
        include: ['test/**/*.test.ts'],
        exclude: ['test/{cluster,spark,recorder,ui,chaos}/**', '**/node_modules/**'],
      }),
      project('cluster', { globalSetup: ['test/cluster/global-setup.ts'] }),
      project('spark'),
      project('recorder'),
      project('chaos'),
      project('ui'),
    ],
  },
});
