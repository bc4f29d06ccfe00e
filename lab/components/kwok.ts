import { join } from 'node:path';
import { ApiServer } from '../api-server.ts';
import type { LabBase } from '../base.ts';
import type { LabOptions, NodeSpec } from '../contract.ts';
import type { Node } from '../../src/kubernetes/objects.ts';
import { eventually, passes } from '../eventually.ts';
import { freePort } from '../ports.ts';

export interface KwokOptions {
  readonly binary: string;
  readonly kubeconfig: string;
}

/** Plays the kubelet of every node: pods run and end as kwok-stages.yaml says. */
export async function startKwok(base: LabBase, options: KwokOptions): Promise<void> {
  const port = await freePort();
  const api = await ApiServer.connect(options.kubeconfig);
  await base.step('kwok', () =>
    base.supervisor.start({
      name: 'kwok',
      command: options.binary,
      args: [
        `--kubeconfig=${options.kubeconfig}`,
        '--manage-all-nodes',
        `--config=${join(import.meta.dirname, 'kwok-stages.yaml')}`,
        '--node-ip=127.0.0.1',
        '--cidr=10.200.0.0/16',
        '--node-lease-duration-seconds=40',
        `--server-address=127.0.0.1:${port}`,
      ],
      // Each start has an identity of its own, which would wait until the leases of the last one have expired.
      prepare: (signal) => api.delete('/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases', signal),
      ready: async (signal) => {
        const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal });
        if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      },
    }),
  );
}

/** Makes the nodes and waits until pods can be scheduled on them. */
export async function createNodes(base: LabBase, api: ApiServer, nodes: LabOptions['nodes']): Promise<void> {
  const specs = nodeSpecs(nodes);
  await base.step('nodes', async () => {
    await Promise.all(specs.map((spec) => api.create('/api/v1/nodes', nodeObject(spec), base.signal)));
    const check = passes((signal) => checkNodes(api, specs, signal));
    await eventually('the nodes to be ready', check, { signal: base.signal });
  });
}

function nodeSpecs(nodes: LabOptions['nodes'] = 3): readonly NodeSpec[] {
  return typeof nodes === 'number'
    ? Array.from({ length: nodes }, (_, index) => ({ name: `node-${index + 1}` }))
    : nodes;
}

function nodeObject({ name, labels = {}, taints = [], cpu = '1000', memory = '4Ti' }: NodeSpec): Node {
  const allocatable = { cpu, memory, pods: '100000', 'ephemeral-storage': '4Ti' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
    },
    spec: { taints: taints.map((taint) => ({ ...taint })) },
    status: { allocatable, capacity: allocatable },
  };
}

async function checkNodes(api: ApiServer, specs: readonly NodeSpec[], signal: AbortSignal): Promise<void> {
  const { items } = await api.get<{ items: Node[] }>('/api/v1/nodes', signal);
  const schedulable = new Set(
    items
      .filter(({ status }) => status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'))
      .filter(({ spec }) => !spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/not-ready'))
      .map(({ metadata }) => metadata?.name),
  );
  const missing = specs.filter(({ name }) => !schedulable.has(name)).map(({ name }) => name);
  if (missing.length > 0) throw new Error(`not ready: ${missing.join(', ')}`);
}
