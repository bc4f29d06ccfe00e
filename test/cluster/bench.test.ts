import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BenchResult } from '../../src/cli/commands/bench/bench-submitters.ts';
import { Resources, type Resource } from '../../src/kubernetes/index.ts';
import type { KubernetesObject } from '../../src/kubernetes/objects.ts';
import { cli } from '../support/cli.ts';
import { useCluster } from '../support/cluster-fixture.ts';
import { eventually } from '../../lab/eventually.ts';

const cluster = useCluster('bench');

async function bench(...args: string[]) {
  const { kubeconfig, namespace } = cluster.env;
  return cli(['bench', '-n', namespace, ...args], { env: { KUBECONFIG: kubeconfig } });
}

/** Names of what there is of drivers. */
async function left(): Promise<string[]> {
  const { kubernetes, namespace } = cluster.env;
  const names: string[] = [];
  const kinds: readonly Resource[] = [Resources.pods, Resources.services, Resources.configMaps];
  for (const resource of kinds) {
    for await (const page of kubernetes.list<KubernetesObject>(resource, namespace)) {
      names.push(...page.map(({ metadata }) => metadata!.name!).filter((name) => name.startsWith('bench-')));
    }
  }
  return names;
}

it('bench measures each submitter on the cluster, and leaves nothing there', async () => {
  const { code, stdout } = await bench('--submitter', 'native,isolated', '--apps', '6', '-o', 'json');
  const results = JSON.parse(stdout) as BenchResult[];
  expect(results.map(({ submitter }) => submitter)).toEqual(['native', 'isolated']);
  for (const { applications, failed, failure, perSecond, latencyMs, cpuMs } of results) {
    expect({ applications, failed, failure }).toEqual({ applications: 6, failed: 0, failure: undefined });
    expect(perSecond).toBeGreaterThan(0);
    expect(cpuMs).toBeGreaterThan(0);
    expect(latencyMs.p50).toBeGreaterThan(0);
    expect(latencyMs.p95).toBeGreaterThanOrEqual(latencyMs.p50);
    expect(latencyMs.max).toBeGreaterThanOrEqual(latencyMs.p99);
  }
  expect(code).toBe(0);
  // They really were there: the watch saw each.
  const seen = [...cluster.drivers.seen.values()].filter(({ metadata }) => metadata!.name!.startsWith('bench-'));
  expect(seen).toHaveLength(12);
  expect(seen.every(({ spec }) => spec!.nodeName === undefined)).toBe(true);
  await eventually('everything to be gone', async () => (await left()).length === 0);
});

it('bench reports failed submissions, removes what they created, and ends with 1', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-bench-'));
  const file = join(directory, 'submitters.yaml');
  writeFileSync(file, 'modules:\n  - { name: half, module: ./half.mjs }\n');
  const native = join(import.meta.dirname, '../../src/submitters/native/native-submitter.ts');
  writeFileSync(
    join(directory, 'half.mjs'),
    `import { NativeSubmitter } from ${JSON.stringify(`file://${native}`)};
     const native = new NativeSubmitter();
     export const submitter = { name: 'half', async submit(request, context) {
       await native.submit(request, context);
       throw new Error('done, but cross');
     } };`,
  );
  const { code, stdout } = await bench('--submitter', 'half', '--apps', '2', '--submitters-file', file);
  expect(stdout).toMatch(/^half .* 2\n {2}first failure: done, but cross$/m);
  expect(code).toBe(1);
  await eventually('everything to be gone', async () => (await left()).length === 0);
});
