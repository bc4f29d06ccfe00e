import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClustersConfigurationError } from '../../../src/clusters/index.ts';
import { ClusterChoice, Clusters, readClusters } from '../../../src/clusters/index.ts';
import { connectClusters } from '../../../src/worker/clusters-file.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import { application } from '../spark/fixtures.ts';

const HEALTH = { cacheForMs: 0, timeoutMs: 50 };

/** Where only whether it can be reached matters; the rest is tried on real API servers. */
function cluster(state: { down?: boolean; mute?: boolean; asked?: number } = {}): KubernetesClient {
  return {
    version: async ({ signal }: { signal: AbortSignal }) => {
      state.asked = (state.asked ?? 0) + 1;
      if (state.mute) {
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        );
      }
      if (state.down) throw new Error('connection refused');
      return '1.36';
    },
  } as unknown as KubernetesClient;
}

const three = { clusters: [{ name: 'east' }, { name: 'west', weight: 3 }, { name: 'spare', weight: 0 }] };
const clients = () => ({ east: cluster(), west: cluster(), spare: cluster() });
const named = (index: number) => application({}, { name: `etl-${index}` });

describe('the cluster of an attempt', () => {
  it('is one by weight, and always the same', async () => {
    const clusters = new Clusters(three, clients(), HEALTH);
    const chosen = await Promise.all(Array.from({ length: 1_000 }, (_, index) => clusters.choose(named(index))));
    const share = chosen.filter((name) => name === 'west').length;
    expect(share).toBeGreaterThan(680);
    expect(share).toBeLessThan(820);
    expect(chosen).not.toContain('spare');
    expect(await clusters.choose(named(7))).toBe(chosen[7]);
  });

  it('is another one only for those whose cluster cannot be reached', async () => {
    const all = new Clusters(three, clients(), HEALTH);
    // Asked once: each time it would cost the timeout.
    const health = { ...HEALTH, cacheForMs: 60_000 };
    const without = new Clusters(three, { ...clients(), west: cluster({ mute: true }) }, health);
    for (let index = 0; index < 20; index++) {
      const before = await all.choose(named(index));
      expect(await without.choose(named(index))).toBe('east');
      expect(['east', 'west']).toContain(before);
    }
  });

  it('is, by fewest drivers that wait, not one that does not list its drivers in time', async () => {
    const listing = (ready: Promise<void>) => ({
      ...cluster(),
      watch: () => ({ ready, list: () => [], release: () => undefined }),
    });
    const both = { east: listing(Promise.resolve()), west: listing(new Promise(() => {})) };
    const two = { clusters: [{ name: 'east' }, { name: 'west', weight: 1_000 }], choose: ClusterChoice.LeastPending };
    const clusters = new Clusters(two, both as unknown as Record<string, KubernetesClient>, {
      ...HEALTH,
      listTimeoutMs: 50,
    });
    for (let index = 0; index < 5; index++) expect(await clusters.choose(named(index))).toBe('east');
  });

  it('is the one that the annotation names, reachable or not', async () => {
    const clusters = new Clusters(three, { ...clients(), spare: cluster({ down: true }) }, HEALTH);
    const pinned = (name: string) => application({}, { annotations: { 'temporal-spark/cluster': name } });
    expect(await clusters.choose(pinned('spare'))).toBe('spare');
    expect(clusters.isFree(pinned('spare'))).toBe(false);
    expect(clusters.isFree(application())).toBe(true);
    await expect(clusters.choose(pinned('easd'))).rejects.toMatchObject({
      type: 'UnknownCluster',
      retryable: false,
      message: expect.stringContaining(
        'Unknown cluster "easd" (did you mean "east"?); known: east, west, spare.',
      ) as string,
    });
  });

  it('is one that the first matching rule names', async () => {
    const rules = [
      { labels: { tier: 'gold' }, clusters: ['spare'] },
      { namespaces: ['analytics'], clusters: ['east'] },
    ];
    const clusters = new Clusters({ ...three, rules }, clients(), HEALTH);
    expect(await clusters.choose(application({}, { labels: { tier: 'gold' } }))).toBe('spare');
    expect(await clusters.choose(application())).toBe('east');
    const chosen = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        clusters.choose(application({}, { namespace: 'elsewhere', name: `etl-${index}` })),
      ),
    );
    expect(chosen).toContain('west');
  });

  it('is retried while none is reachable, with the reason for each', async () => {
    const down = { east: cluster({ down: true }), west: cluster({ mute: true }), spare: cluster() };
    await expect(new Clusters(three, down, HEALTH).choose(application())).rejects.toMatchObject({
      type: 'NoClusterReachable',
      retryable: true,
      message: expect.stringMatching(
        /^No eligible cluster is reachable: east: connection refused; west: it did not answer within 50 ms/,
      ) as string,
    });
  });

  it('is probed once while its answer is cached, and avoided for a while after it failed', async () => {
    const east = { asked: 0 };
    const clusters = new Clusters(three, { ...clients(), east: cluster(east) }, { cacheForMs: 60_000 });
    await Promise.all(Array.from({ length: 50 }, (_, index) => clusters.choose(named(index))));
    expect(east.asked).toBe(1);
    clusters.failed('west', 'connection refused');
    for (let index = 0; index < 20; index++) expect(await clusters.choose(named(index))).toBe('east');
  });

  it('must be configured on the worker that continues it', () => {
    const clusters = new Clusters(three, clients());
    expect(() => clusters.client('north')).toThrow(expect.objectContaining({ type: 'ClusterNotConfigured' }) as Error);
    expect(clusters.client('west')).not.toBe(clusters.client());
    expect(clusters.client()).toBe(clusters.client('east'));
  });
});

describe('a configuration of clusters', () => {
  let directory: string | undefined;
  afterEach(async () => {
    if (directory !== undefined) await rm(directory, { recursive: true });
    directory = undefined;
  });

  it('is rejected with every problem, its line and what to do', () => {
    const text = `clusters:
  - name: east
    inCluster: true
    context: east
  - name: West
  - name: east
rules:
  - clusters: [eats]
choose: randomly
`;
    const problems = (() => {
      try {
        readClusters(text, 'clusters.yaml');
        return [];
      } catch (error) {
        return (error as ClustersConfigurationError).message.split('\n').slice(1);
      }
    })();
    expect(problems).toEqual([
      expect.stringMatching(
        /^clusters.yaml:2:5 {2}clusters\[0\] {2}cannot combine inCluster with kubeconfig or context/,
      ),
      expect.stringMatching(/^clusters.yaml:5:11 {2}clusters\[1\].name {2}/),
      expect.stringMatching(/^clusters.yaml:9:9 {2}choose {2}.*weight/),
    ]);
    const named = text.replace('    context: east\n', '').replace('West', 'west').replace('randomly', 'weight');
    expect(() => readClusters(named, 'clusters.yaml')).toThrow(
      /clusters\[2\].name {2}is already the name of clusters\[0\].*\n.*rules\[0\].clusters\[0\] {2}is not a configured cluster; allowed: east, west, east; did you mean "east"\?/,
    );
  });

  it('resolves kubeconfigs relative to its file, and reports which cannot be used', async () => {
    directory = await mkdtemp(join(tmpdir(), 'clusters-'));
    const file = join(directory, 'clusters.yaml');
    const kubeconfig = {
      'current-context': 'a',
      contexts: ['a', 'b'].map((name) => ({ name, context: { cluster: 'c', user: 'u' } })),
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: [{ name: 'u', user: { token: 't' } }],
    };
    await writeFile(join(directory, 'kubeconfig'), JSON.stringify(kubeconfig));
    await writeFile(
      file,
      'clusters: [{name: one, kubeconfig: kubeconfig}, {name: two, kubeconfig: kubeconfig, context: b}]',
    );
    const { clusters, close } = await connectClusters(file);
    expect(clusters.names.map((name) => clusters.client(name).cluster)).toEqual(['a', 'b']);
    close();
    await writeFile(file, 'clusters: [{name: one, kubeconfig: kubeconfig}, {name: two, kubeconfig: missing}]');
    await expect(connectClusters(file)).rejects.toThrow(/clusters\[1\] {2}.*missing/);
    await expect(connectClusters(join(directory, 'none.yaml'))).rejects.toThrow(/cannot be read/);
  });
});
