import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import type { WorkerOptions } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { SparkPlugin, workflowsPath } from '../../src/worker.ts';
import { root } from '../support/build.ts';
import { noKubernetes } from '../support/no-kubernetes.ts';
import { workflowBundle } from '../support/workflow-bundle.ts';

interface WorkflowGlobals {
  readonly __TEMPORAL__: { preloadModules(): void; importWorkflows(): unknown };
}

/** Those that are evaluated before the first workflow, and those that each workflow evaluates. */
let shared: readonly string[] = [];
let repeated: readonly string[] = [];

beforeAll(async () => {
  const { codePath } = await workflowBundle();
  const modules: Record<string, unknown> = {};
  const given = { __webpack_module_cache__: modules, TextEncoder, TextDecoder, URL, AbortController };
  const globals = createContext(given) as object as WorkflowGlobals;
  runInContext(await readFile(codePath, 'utf8'), globals);
  globals.__TEMPORAL__.preloadModules();
  shared = Object.keys(modules);
  globals.__TEMPORAL__.importWorkflows();
  repeated = Object.keys(modules).filter((name) => !shared.includes(name));
});

describe('the modules of our workflows', () => {
  it('are evaluated once for all workflows of a thread', () => {
    expect(shared).toContain('./src/workflows/application/application.ts');
    expect(shared.some((name) => name.includes('cel-js'))).toBe(true);
    // Those of users are evaluated for each workflow: they may keep state.
    expect(repeated).toContain('./test/support/step-workflows.ts');
    expect(repeated.filter((name) => /\/src\/(?!workflow\.ts$)/.test(name) && !name.includes('node_modules'))).toEqual(
      [],
    );
  });

  it('have no variables at their top level, which workflows would share', async () => {
    const ours = shared.filter((name) => name.startsWith('./src/'));
    expect(ours.length).toBeGreaterThan(100);
    for (const name of ours) {
      const text = await readFile(join(root, name), 'utf8');
      expect(text.match(/^(?:export )?(?:let|var) .*$/m)?.[0], name).toBeUndefined();
    }
  });
});

describe('SparkPlugin', () => {
  const configure = (options: Partial<WorkerOptions>, workflows: boolean) =>
    new SparkPlugin({ kubernetes: noKubernetes(), workflows }).configureWorker({ taskQueue: 'x', ...options });

  it('shares the modules of its workflows, and those that the worker shares', () => {
    const bundlerOptions = { ignoreModules: ['y'], preloadModules: ['z'] };
    expect(configure({ bundlerOptions }, true).bundlerOptions).toEqual({
      ignoreModules: ['y'],
      preloadModules: ['z', workflowsPath],
    });
  });

  it.each([
    ['has its own workflows', { workflowsPath: '/own.ts' }, true],
    ['does not ask for them', {}, false],
  ])('adds no modules to the bundle of a worker that %s', (_, options, workflows) => {
    expect(configure(options, workflows).bundlerOptions).toBeUndefined();
  });
});
