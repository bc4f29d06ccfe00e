import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/build.ts';
import { installGlobally, installPackage, packageJson, type GlobalInstall, type Project } from './fixture.ts';
import { startPackedWorker } from './packed-worker.ts';

let project: Project;

beforeAll(() => {
  project = installPackage();
});
afterAll(() => project?.[Symbol.dispose]());

describe('the package as npm installs it', () => {
  it('has the files that it lists, and no sources and tests', () => {
    const entries = Object.values(packageJson.exports).filter((entry) => typeof entry !== 'string');
    const targets = entries.flatMap((entry) => [entry.import, entry.require]).flatMap(Object.values<string>);
    const others = ['LICENSE', 'README.md', 'CHANGELOG.md', 'examples/spark-pi.yaml', 'schema/sparkapplication.json'];
    for (const name of [...targets, ...others]) expect(existsSync(join(project.installed, name)), name).toBe(true);
    for (const name of ['src', 'test']) expect(existsSync(join(project.installed, name)), name).toBe(false);
  });

  it('takes less than 3 MB', () => {
    const files = readdirSync(project.installed, { recursive: true, withFileTypes: true });
    const sizes = files.filter((file) => file.isFile()).map((file) => statSync(join(file.parentPath, file.name)).size);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(3_000_000);
  });

  it('has no fault that publint and attw know of', () => {
    project.run('publint', 'run', project.installed, '--strict');
    project.run('attw', project.tarball);
  });

  it('has a command that runs', () => {
    const command = join('node_modules', 'temporal-spark', 'dist', 'cli', 'main.js');
    expect(project.node(command, '--version').trim()).toBe(packageJson.version);
    expect(project.node(command, 'validate', 'node_modules/temporal-spark/examples/spark-pi.yaml')).toContain(
      'is valid',
    );
  });
});

describe('the command, installed for all projects', () => {
  it.each<[string, () => GlobalInstall]>([
    ['from the tarball', () => installGlobally(project.path, { tarball: project.tarball })],
    // `npm pack` has built the checkout.
    ['by npm link in a checkout', () => installGlobally(project.path, { link: root })],
  ])('%s prints its version and its help', (_, install) => {
    using installed = install();
    expect(installed.run('--version').trim()).toBe(packageJson.version);
    expect(installed.run('--help')).toContain('Usage: temporal-spark [options] [command]');
    expect(installed.run('validate', join(root, 'examples/spark-pi.yaml'))).toContain('is valid');
  });

  it('by the steps of the quick start works in a fresh clone', { timeout: 900_000 }, () => {
    const clone = join(project.path, 'clone');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    const quickStart = readFileSync(join(root, 'docs/quickstart.md'), 'utf8');
    const [, steps = ''] = /^(npm ci && npm run build) && npm link$/m.exec(quickStart) ?? [];
    expect(steps).not.toBe('');
    execFileSync('sh', ['-euc', steps], { cwd: clone, stdio: ['ignore', 'ignore', 'inherit'] });
    using installed = installGlobally(project.path, { link: clone });
    expect(installed.run('--version').trim()).toBe(packageJson.version);
    expect(installed.run('--help')).toContain('Usage: temporal-spark [options] [command]');
  });
});

describe('an import', () => {
  /** The native addons that a process has mapped after it ran these imports. */
  const addonsAfter = (...modules: string[]) =>
    project.evaluate(`
      for (const name of ${JSON.stringify(modules)}) await import(name);
      process.report.excludeNetwork = true;
      const { sharedObjects } = process.report.getReport();
      console.log(JSON.stringify(sharedObjects.filter((file) => file.endsWith('.node'))));
    `) as string[];

  it.each(['temporal-spark', 'temporal-spark/client', 'temporal-spark/workflow'])(
    'of %s maps no native addon',
    (name) => {
      expect(addonsAfter(name)).toEqual([]);
    },
  );

  it('of temporal-spark/worker maps the native core', () => {
    expect(addonsAfter('temporal-spark/worker')).toEqual([expect.stringContaining('core-bridge')]);
  });

  it('of the client loads neither the Kubernetes client nor activities nor submitters', () => {
    const loaded = project.evaluate(`
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
      await import('temporal-spark/client');
      console.log(JSON.stringify(loaded));
    `) as string[];
    expect(loaded.filter((url) => url.includes('temporal-spark/dist/client/'))).not.toEqual([]);
    expect(loaded.filter((url) => /client-node|undici|dist\/(activities|submitters|kubernetes)\//.test(url))).toEqual(
      [],
    );
  });

  it('of temporal-spark has the names that moved to temporal-spark/worker', () => {
    // Those of 0.1: what the worker's entry point got later was never here.
    const moved = [
      ...['ClusterError', 'ClusterErrorType', 'Clusters', 'ClustersConfigurationError', 'connectClusters'],
      ...['KubernetesError', 'KubernetesErrorType', 'connectKubernetes', 'isKubernetesError', 'DEFAULT_TIMINGS'],
      ...['PlacementConfigurationError', 'PlacementRefusal', 'PlacementRefused', 'WorkerConfigurationError'],
      ...['Submitters', 'SubmittersConfigurationError', 'watchSubmitters', 'SparkPlugin', 'workflowsPath'],
      ...['loadWorkerConfiguration', 'runSparkWorker', 'sparkWorkerOptions'],
    ];
    const [main, worker] = project.evaluate(`
      const names = async (name) => Object.keys(await import(name));
      console.log(JSON.stringify([await names('temporal-spark'), await names('temporal-spark/worker')]));
    `) as [string[], string[]];
    expect(main).toEqual(expect.arrayContaining(moved));
    expect(worker).toEqual(expect.arrayContaining(moved));
    expect(main).toEqual(expect.arrayContaining(['SparkClient', 'SparkApplicationFailedError', 'ManifestError']));
  });

  it('of temporal-spark/activities has all activities, bound to a cluster', () => {
    expect(
      project.evaluate(`
        import { createSparkActivities } from 'temporal-spark/activities';
        console.log(JSON.stringify(Object.keys(createSparkActivities({ kubernetes: () => Promise.reject(new Error()) }))));
      `),
    ).toEqual([
      'checkSparkPipeline',
      'findChild',
      'waitForWorkflow',
      'cancelWorkflow',
      'terminateWorkflow',
      'requestSemaphore',
      'closedWorkflows',
      'submitSparkApplication',
      'waitForSparkDriver',
      'stopSparkDriver',
      'finalizeSparkApplication',
      'mirrorSparkApplication',
      'createScheduledRun',
      'waitForScheduledRun',
      'deleteScheduledRun',
      'checkManifestUpdate',
      'sweepSparkDrivers',
      'admissionLimits',
      'requestAdmission',
      'readStageOutputs',
    ]);
  });

  it('of temporal-spark/workflow-functions has the workflow functions and nothing else', () => {
    expect(
      project.evaluate(`
        import * as workflows from 'temporal-spark/workflow-functions';
        console.log(JSON.stringify(Object.keys(workflows)));
      `),
    ).toEqual([
      'scheduledSparkApplication',
      'scheduledSparkResource',
      'sparkAdmission',
      'sparkApplication',
      'sparkHousekeeping',
      'sparkPipeline',
      'sparkPipelineActivity',
      'sparkSemaphore',
      'workerCanary',
    ]);
  });
});

describe('a project', () => {
  it('of ES modules compiles and runs against the package', () => {
    project.run('tsc', '-p', 'esm');
    expect(JSON.parse(project.node('esm/out/consumer.js'))).toEqual(['temporal-spark.SparkPlugin', true, true]);
  });

  it('of CommonJS compiles and runs against the package, and gets the same classes as ES modules', () => {
    project.run('tsc', '-p', 'commonjs');
    const printed = project.node('commonjs/out/consumer.js');
    expect(JSON.parse(printed)).toEqual(['temporal-spark.SparkPlugin', true, true, true]);
  });

  it('of CommonJS compiles with the module resolution of Node 10', () => {
    project.run('tsc', '-p', 'commonjs/tsconfig.node10.json');
  });
});

describe('workflows', () => {
  const bundle = async (workflowsPath: string): Promise<string> => {
    const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
    return (await bundleWorkflowCode({ workflowsPath, logger })).code;
  };

  it("are bundled from a user's own module, small enough", async () => {
    const path = join(project.path, 'workflows.ts');
    writeFileSync(path, `export * from 'temporal-spark/workflow-functions';`);
    const code = await bundle(path);
    expect(code).toContain('sparkApplication');
    expect(code).not.toContain('client-node');
    // Without the inlined source map.
    expect(code.replace(/\/\/# sourceMappingURL=.*/, '').length).toBeLessThan(1_500_000);
  });

  it("are bundled from a user's own module of CommonJS, with the helper for workflows", async () => {
    const code = await bundle(join(project.path, 'commonjs/workflows.ts'));
    expect(code).toContain('REQUEST_CANCEL');
    expect(code).toContain('function sparkApplication(');
  });
});

describe('temporal-spark worker', () => {
  const bundles = () => readdirSync(join(project.installed, 'dist/worker')).filter((name) => name.endsWith('.js.br'));

  it('starts with the workflow bundle of the package and makes none', async () => {
    const [bundle = '', ...others] = bundles();
    expect(others).toEqual([]);
    const text = brotliDecompressSync(readFileSync(join(project.installed, 'dist/worker', bundle))).toString();
    expect(text.includes(root), 'a path of the machine that built it').toBe(false);
    expect(await startPackedWorker(project)).not.toContain('Workflow bundle created');
  });

  it('makes its workflow bundle where the package has none for the installed SDK', async () => {
    project.node('--eval', `fs.rmSync('node_modules/temporal-spark/dist/worker/${bundles()[0]}')`);
    expect(await startPackedWorker(project)).toContain('Workflow bundle created');
  });
});
