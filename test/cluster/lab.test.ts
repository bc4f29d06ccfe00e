import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import type { Lab, LabComponent } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { eventually, passes } from '../../lab/eventually.ts';
import { identifyProcess } from '../../lab/process-identity.ts';
import { sweepOrphanedLabs } from '../../lab/record.ts';
import { createNamespace, privateLab, sharedLab } from '../support/lab-fixture.ts';

interface Announcement {
  readonly directory: string;
  readonly pids: Readonly<Record<string, number>>;
}

async function connect(lab: Pick<Lab, 'kubeconfig'>): Promise<ApiServer> {
  const api = await ApiServer.connect(lab.kubeconfig);
  onTestFinished(() => api.close());
  return api;
}

const component = (lab: Lab, name: string): LabComponent => {
  const found = lab.components[name];
  if (found === undefined) throw new Error(`The lab has no ${name}.`);
  return found;
};

describe('a simulated lab', () => {
  test('next to another has its own cluster, Temporal server and directory', async () => {
    const begun = Date.now();
    const lab = await privateLab({ nodes: [{ name: 'spot', labels: { pool: 'spot' }, taints: [spotTaint] }] });
    console.log(`A second simulated lab was ready in ${((Date.now() - begun) / 1000).toFixed(1)} s.`);
    const [mine, shared] = await Promise.all([connect(lab), connect(sharedLab())]);
    const nodeNames = async (api: ApiServer): Promise<string[]> => {
      const { items } = await api.get<{ items: { metadata: { name: string } }[] }>('/api/v1/nodes');
      return items.map(({ metadata }) => metadata.name).sort();
    };
    expect(await nodeNames(mine)).toEqual(['spot']);
    expect(await nodeNames(shared)).toEqual(['node-1', 'node-2', 'node-3']);
    expect(await mine.get('/api/v1/nodes/spot')).toMatchObject({
      metadata: { labels: { pool: 'spot' } },
      spec: { taints: [spotTaint] },
    });
    expect(lab.temporal?.address).not.toBe(sharedLab().temporal.address);

    const pids = Object.values(lab.components).map(({ pid }) => pid as number);
    await lab.stop();
    await lab.stop();
    expect(pids.map(identifyProcess)).toEqual(pids.map(() => undefined));
    expect(existsSync(lab.directory)).toBe(false);
    expect(await nodeNames(shared)).toHaveLength(3);
  });

  test('keeps its objects and its addresses while its parts are killed and started again', async () => {
    const lab = await privateLab({ temporal: false });
    const api = await connect(lab);
    const namespace = await createNamespace({ lab });
    for (const name of ['kube-apiserver', 'etcd', 'kwok']) {
      const part = component(lab, name);
      const before = part.pid;
      await part.kill('SIGKILL');
      await part.start();
      expect(part.pid).not.toBe(before);
    }
    await eventually(
      'the namespace',
      passes((signal) => api.get(`/api/v1/namespaces/${namespace}`, signal)),
    );
    await api.create(`/api/v1/namespaces/${namespace}/pods`, {
      metadata: { name: 'driver', labels: { 'spark-role': 'driver' } },
      spec: { containers: [{ name: 'driver', image: 'spark' }] },
    });
    await eventually(
      'the driver to succeed',
      async (signal) => {
        const pod = await api.get<{ status: { phase: string } }>(`/api/v1/namespaces/${namespace}/pods/driver`, signal);
        if (pod.status.phase !== 'Succeeded') throw new Error(pod.status.phase);
        return true;
      },
      { timeoutMs: 30_000 },
    );
  });

  test('with a persistent Temporal server remembers workflows over a kill of it', async () => {
    const { Client, Connection } = await import('@temporalio/client');
    const lab = await startTemporalOnly();
    const { address, namespace } = lab.temporal ?? { address: '', namespace: '' };
    const withClient = async <T>(work: (client: InstanceType<typeof Client>) => Promise<T>): Promise<T> => {
      const connection = await Connection.connect({ address });
      try {
        return await work(new Client({ connection, namespace }));
      } finally {
        await connection.close();
      }
    };
    await withClient((client) => client.workflow.start('anything', { workflowId: 'remembered', taskQueue: 'nobody' }));
    await component(lab, 'temporal').kill('SIGKILL');
    await component(lab, 'temporal').start();
    const description = await withClient((client) => client.workflow.getHandle('remembered').describe());
    expect(description.status.name).toBe('RUNNING');
  });

  test('leaves no process and no directory when its owner is killed', async () => {
    const script = join(import.meta.dirname, '..', 'unit', 'lab', 'fixtures', 'lab-owner.ts');
    const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void owner.kill('SIGKILL'));
    const ended = once(owner, 'exit');
    const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
    const { directory, pids } = JSON.parse(line) as Announcement;
    expect(Object.keys(pids).sort()).toEqual([
      ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'temporal'],
    ]);
    owner.kill('SIGKILL');
    await ended;
    sweepOrphanedLabs();
    expect(Object.entries(pids).filter(([, pid]) => identifyProcess(pid) !== undefined)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  test('whose part does not start reports which, and leaves its log', async () => {
    vi.stubEnv('TEMPORAL_SPARK_KUBE_SCHEDULER', '/bin/false');
    onTestFinished(() => void vi.unstubAllEnvs());
    const error = await startLab({ mode: 'simulated', temporal: false }).catch((reason: unknown) => reason);
    const { message, logFile } = error as { message: string; logFile: string };
    expect(message).toContain('kube-scheduler ended before it was ready (exit code 1)');
    expect(message).toContain(logFile);
    expect(readFileSync(logFile, 'utf8')).toContain('/bin/false');
    rmSync(dirname(dirname(logFile)), { recursive: true });
  });

  test('ends within moments when its start is interrupted', async () => {
    const interrupted = new AbortController();
    const starting = startLab({
      mode: 'simulated',
      temporal: false,
      signal: interrupted.signal,
      onProgress: ({ step }) => {
        if (step === 'kube-apiserver') interrupted.abort(new Error('interrupted'));
      },
    });
    await expect(starting).rejects.toThrow('interrupted');
  });

  test('keeps an audit log of each request', async () => {
    const api = await connect(sharedLab());
    const namespace = await createNamespace();
    await api.create(`/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name: 'seen' },
      data: { key: 'value' },
    });
    const entries = readFileSync(sharedLab().auditLog, 'utf8')
      .split('\n')
      .filter((line) => line.includes(namespace))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries).toContainEqual(
      expect.objectContaining({
        verb: 'create',
        objectRef: expect.objectContaining({ resource: 'configmaps', name: 'seen' }) as unknown,
        requestObject: expect.objectContaining({ data: { key: 'value' } }) as unknown,
      }),
    );
  });

  test('enforces RBAC', async () => {
    const api = await connect(sharedLab());
    const namespace = await createNamespace();
    const review = (verb: string, resource: string) =>
      api.create<{ status: { allowed: boolean } }>('/apis/authorization.k8s.io/v1/subjectaccessreviews', {
        spec: {
          user: `system:serviceaccount:${namespace}:spark`,
          groups: ['system:authenticated'],
          resourceAttributes: { namespace, verb, resource },
        },
      });
    expect((await review('create', 'pods')).status.allowed).toBe(true);
    expect((await review('list', 'nodes')).status.allowed).toBe(false);
  });
});

const spotTaint = { key: 'spot', value: 'true', effect: 'NoSchedule' };

/** Temporal next to an existing cluster: the quickest lab with Temporal. */
async function startTemporalOnly(): Promise<Lab> {
  return privateLab({ mode: 'existing', kubeconfig: sharedLab().kubeconfig, persistTemporal: true });
}
