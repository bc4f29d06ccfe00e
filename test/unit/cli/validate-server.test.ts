import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from '../../support/in-process-cli.ts';

const example = 'examples/spark-pi.yaml';
let directory: string;
let kubeconfig: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-validate-'));
  kubeconfig = join(directory, 'kubeconfig.yaml');
  const server = 'https://127.0.0.1:1';
  const config = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'nowhere' },
    clusters: [{ name: 'nowhere', cluster: { server } }],
    contexts: [{ name: 'nowhere', context: { cluster: 'nowhere', user: 'me' } }],
    users: [{ name: 'me', user: { token: 'x' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('validate --server where no API server answers', () => {
  it('checks the manifests without it, reports why it was not asked, and ends with 3', async () => {
    const { code, stdout, stderr } = await inProcess(['validate', '--server', example], {
      env: { KUBECONFIG: kubeconfig },
    });
    expect(stdout).toMatch(/is valid\n$/);
    expect(stderr).toMatch(
      /^The API server has not checked all manifests\. Cannot get .* on cluster "nowhere": no API/,
    );
    expect(code).toBe(3);
  });

  it('ends with 2 where a manifest is wrong, too', async () => {
    const wrong = join(directory, 'wrong.yaml');
    writeFileSync(
      wrong,
      'apiVersion: sparkoperator.k8s.io/v1beta2\nkind: SparkApplication\nmetadata: {name: a}\nspec: {}\n',
    );
    const { code, stderr } = await inProcess(['validate', '--server', wrong], { env: { KUBECONFIG: kubeconfig } });
    expect(stderr).toMatch(/wrong\.yaml:4:7 {2}spec\.[^]*has not checked all manifests/);
    expect(code).toBe(2);
  });

  it('names the context that the kubeconfig lacks', async () => {
    const args = ['validate', '--server', '--kube-context', 'other', example];
    const { code, stderr } = await inProcess(args, { env: { KUBECONFIG: kubeconfig } });
    expect(stderr).toContain('"other"');
    expect(code).toBe(2);
  });
});
