import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/build.ts';

interface PackageJson {
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as PackageJson;
let project: string;

/** An empty project into which npm installed the packed tarball, with what it depends on and nothing else. */
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'temporal-spark-package-'));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  // `npm pack` builds first (prepack).
  const pack = ['pack', '--silent', '--pack-destination', project];
  execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = readdirSync(project).find((name) => name.endsWith('.tgz'))!;
  const types = `@types/node@${packageJson.devDependencies['@types/node']}`;
  const install = ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`, types];
  execFileSync('npm', install, { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
}

/** What a module of the consumer's prints as JSON. */
function evaluate(code: string): unknown {
  return JSON.parse(node('--input-type=module', '--eval', code)) as unknown;
}

describe('the package as npm would install it', () => {
  it('holds what it says, and no tests', () => {
    const installed = join(project, 'node_modules', 'temporal-spark');
    for (const target of Object.values(packageJson.exports)) expect(existsSync(join(installed, target))).toBe(true);
    for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md', 'examples/spark-pi.yaml']) {
      expect(existsSync(join(installed, name))).toBe(true);
    }
    expect(existsSync(join(installed, 'test'))).toBe(false);
    execFileSync(join(root, 'node_modules', '.bin', 'publint'), ['run', installed, '--strict'], { stdio: 'pipe' });
  });

  it('exports the plugin and the client without loading the Kubernetes client', () => {
    const exported = evaluate(`
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => { if (url.includes('client-node')) loaded.push(url); return next(url, context); } });
      const main = await import('temporal-spark');
      new main.SparkPlugin();
      console.log(JSON.stringify({ names: Object.keys(main), loaded }));
    `) as { names: string[]; loaded: string[] };
    expect(exported.names).toEqual(
      expect.arrayContaining([
        'SparkPlugin',
        'SparkClient',
        'SparkApplicationFailedError',
        'ManifestError',
        'KubernetesError',
      ]),
    );
    expect(exported.loaded).toEqual([]);
  });

  it('exports the activities, bound to a cluster', () => {
    expect(
      evaluate(`
        import { createSparkActivities } from 'temporal-spark/activities';
        console.log(JSON.stringify(Object.keys(createSparkActivities({ kubernetes: () => Promise.reject(new Error()) }))));
      `),
    ).toEqual([
      'checkSparkPipeline',
      'waitForWorkflow',
      'cancelWorkflow',
      'terminateWorkflow',
      'requestSemaphore',
      'closedWorkflows',
      'submitSparkApplication',
      'waitForSparkDriver',
      'stopSparkDriver',
      'finalizeSparkApplication',
      'checkManifestUpdate',
      'sweepSparkDrivers',
      'admissionLimits',
      'requestAdmission',
      'readStageOutputs',
    ]);
  });

  it('exports the submitters, and what it takes to write one', () => {
    expect(
      evaluate(`
        import { NativeSubmitter, SubmitterError, ensureOwned } from 'temporal-spark/submitters';
        console.log(JSON.stringify([new NativeSubmitter().name, typeof SubmitterError, typeof ensureOwned]));
      `),
    ).toEqual(['native', 'function', 'function']);
  });

  it('has a command that runs', () => {
    const command = join('node_modules', 'temporal-spark', 'dist', 'cli', 'main.js');
    expect(node(command, '--version').trim()).toBe(packageJson.version);
    expect(node(command, 'validate', 'node_modules/temporal-spark/examples/spark-pi.yaml')).toContain('is valid');
  });
});

describe('workflows', () => {
  async function bundle(code: string): Promise<string> {
    const path = join(project, 'workflows.ts');
    writeFileSync(path, code);
    const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
    return (await bundleWorkflowCode({ workflowsPath: path, logger })).code;
  }

  it('are exported as workflow functions and nothing else', () => {
    expect(
      evaluate(
        `import * as workflows from 'temporal-spark/workflows'; console.log(JSON.stringify(Object.keys(workflows)));`,
      ),
    ).toEqual([
      'scheduledSparkApplication',
      'sparkAdmission',
      'sparkApplication',
      'sparkHousekeeping',
      'sparkPipeline',
      'sparkPipelineActivity',
      'sparkSemaphore',
      'workerCanary',
    ]);
  });

  it("are bundled from a user's own module, small enough", async () => {
    const code = await bundle(`export * from 'temporal-spark/workflows';`);
    expect(code).toContain('sparkApplication');
    expect(code).not.toContain('client-node');
    // Without the inlined source map.
    expect(code.replace(/\/\/# sourceMappingURL=.*/, '').length).toBeLessThan(1_500_000);
  });

  it("of a user's own use the helper for workflows", async () => {
    const code = await bundle(`
      import { executeSparkApplication, statusQuery, type SparkApplicationManifest } from 'temporal-spark/workflow';
      export async function mine(manifest: SparkApplicationManifest) {
        return [await executeSparkApplication(manifest), statusQuery.name];
      }
    `);
    expect(code).toContain('REQUEST_CANCEL');
  });
});

describe('types', () => {
  it('resolve for a consumer with NodeNext', () => {
    writeFileSync(
      join(project, 'consumer.ts'),
      `import { SparkClient, type SparkApplicationManifest, type SparkApplicationResult } from 'temporal-spark';
import { SparkPlugin } from 'temporal-spark/worker';
       import { createSparkActivities } from 'temporal-spark/activities';
       import { NativeSubmitter, type SparkApplicationSubmitter } from 'temporal-spark/submitters';
       import { executeSparkApplication } from 'temporal-spark/workflow';
       import { sparkApplication } from 'temporal-spark/workflows';
       export const submitter: SparkApplicationSubmitter = new NativeSubmitter();
       export const plugin = new SparkPlugin({ submitter, workflows: true });
       export const run = (client: SparkClient, manifest: SparkApplicationManifest): Promise<SparkApplicationResult> => client.start(manifest).then((started) => started.result());
       export const all = [createSparkActivities, executeSparkApplication, sparkApplication];
       // @ts-expect-error a manifest has a kind
       export const wrong: SparkApplicationManifest = { metadata: { name: 'x' } };
      `,
    );
    cpSync(join(root, 'test/package/consumer.tsconfig.json'), join(project, 'tsconfig.json'));
    execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', project], {
      cwd: project,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  });
});
