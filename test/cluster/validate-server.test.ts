import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { createObjects, serviceAccountKubeconfig } from '../support/chart.ts';
import { cli } from '../support/cli.ts';
import { createNamespace, sharedLab } from '../support/lab-fixture.ts';
import { sparkPi } from '../support/manifests.ts';

let namespace: string;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'validate-server-'));
  namespace = await createNamespace({ prefix: 'validate' });
  const limits = [{ type: 'Container', max: { memory: '4Gi' } }];
  const limit = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'own', namespace }, spec: { limits } };
  await createObjects(sharedLab().kubeconfig, [limit]);
});

afterAll(() => rm(directory, { recursive: true }));

async function written(path: string, change: (spec: SparkApplicationManifest['spec']) => void = () => undefined) {
  const manifest = sparkPi({ name: path.replace(/\W/g, '-'), namespace });
  change(manifest.spec);
  await mkdir(join(directory, path, '..'), { recursive: true });
  await writeFile(join(directory, path), stringify(manifest));
  return join(directory, path);
}

const validate = (args: readonly string[], kubeconfig = sharedLab().kubeconfig) =>
  cli(['validate', '--server', ...args], { env: { KUBECONFIG: kubeconfig } });

it('reports what the API server refuses with file, line and column, next to what is wrong offline', async () => {
  await written('jobs/good.yaml', (spec) => (spec.sparkUIOptions = {}));
  await written('jobs/large.yaml', (spec) => (spec.executor.memory = '10g'));
  await written('jobs/wrong.yaml', (spec) => (spec.executor.cores = -1));
  const { code, stdout, stderr } = await validate([join(directory, 'jobs')]);
  expect(code).toBe(2);
  expect(stdout).toMatch(/good\.yaml: SparkApplication .* is valid on \S+\n$/);
  expect(stderr).toMatch(/large\.yaml:\d+:\d+ {2}spec\.executor {2}the API server .* maximum memory usage .* is 4Gi/);
  expect(stderr).toMatch(/wrong\.yaml:\d+:\d+ {2}spec\.executor\.cores/);
});

it('finds the namespace that does not exist, and creates nothing', async () => {
  const path = await written('nowhere.yaml');
  await writeFile(path, stringify(sparkPi({ name: 'nowhere', namespace: 'no-such-namespace' })));
  const { code, stderr } = await validate([path]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/nowhere\.yaml:\d+:\d+ {2}metadata\.namespace {2}.*no-such-namespace/);
});

it('names what the user may not create, and ends with 1', async () => {
  const kubeconfig = await serviceAccountKubeconfig(
    { kubeconfig: sharedLab().kubeconfig, directory },
    namespace,
    'default',
  );
  const { code, stdout, stderr } = await validate([await written('powerless.yaml')], kubeconfig);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The API server has not checked all manifests\. Cannot create \w+ in namespace/);
  expect(stdout).toContain('is valid');
});
