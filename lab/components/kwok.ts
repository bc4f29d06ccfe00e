import { join } from 'node:path';
import { ApiServer } from '../api-server.ts';
import type { LabBase } from '../base.ts';
import type { CertificateAuthority } from '../certificates.ts';
import type { LabOptions, NodeSpec } from '../contract.ts';
import type { Node } from '../../src/kubernetes/objects.ts';
import { eventually, passes } from '../eventually.ts';
import { writeKubeconfig } from '../kubeconfig.ts';
import { freePort } from '../ports.ts';

const USER = 'kwok';

export interface KwokOptions {
  readonly binary: string;
  /** Of a cluster administrator. */
  readonly kubeconfig: string;
  readonly url: string;
  readonly authority: CertificateAuthority;
}

/** Plays the kubelet of every node: pods run and end as kwok-stages.yaml specifies. */
export async function startKwok(base: LabBase, options: KwokOptions): Promise<void> {
  const { binary, kubeconfig, url, authority } = options;
  const port = await freePort();
  const client = await authority.issue({ name: USER, commonName: USER, organization: 'system:masters' });
  const file = base.path('kwok-kubeconfig.yaml');
  const own = await writeKubeconfig({ file, server: url, authorityFile: authority.certFile, client });
  const api = await ApiServer.connect(kubeconfig);
  await keepToOwnPods(api, base.signal);
  await base.step('kwok', () =>
    base.supervisor.start({
      name: 'kwok',
      command: binary,
      args: [
        `--kubeconfig=${own}`,
        '--manage-all-nodes',
        `--config=${join(import.meta.dirname, 'kwok-stages.yaml')}`,
        '--node-ip=127.0.0.1',
        '--cidr=10.200.0.0/16',
        // With leases it forgets the pods of a node whose lease its cache shows later than it lists the pods.
        '--node-lease-duration-seconds=0',
        `--server-address=127.0.0.1:${port}`,
      ],
      ready: async (signal) => {
        const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal });
        if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      },
    }),
  );
}

/**
 * kwok knows pods by their names only: what it has in hand for a pod that is gone it does to the next one of that name,
 * which then fails or is deleted. A kubelet goes by the UID, and so the API server refuses what is meant for another pod.
 */
async function keepToOwnPods(api: ApiServer, signal: AbortSignal): Promise<void> {
  const group = '/apis/admissionregistration.k8s.io/v1';
  const metadata = { name: 'kwok-keeps-to-its-own-pods' };
  const isOwn = (statuses: string) =>
    `!has(object.status.${statuses}) || object.status.${statuses}.all(each, !has(each.containerID) || ` +
    "each.containerID.startsWith('kwok://' + object.metadata.uid + '/'))";
  const isBeingRemoved =
    'has(oldObject.metadata.deletionGracePeriodSeconds) && oldObject.metadata.deletionGracePeriodSeconds == 0 && ' +
    '!has(oldObject.metadata.finalizers)';
  const isUpdate = "request.operation == 'UPDATE'";
  await api.create(
    `${group}/validatingadmissionpolicies`,
    {
      metadata,
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['DELETE'] },
            { apiGroups: [''], apiVersions: ['v1'], resources: ['pods/status'], operations: ['UPDATE'] },
          ],
        },
        matchConditions: [{ name: 'kwok', expression: `request.userInfo.username == '${USER}'` }],
        validations: [
          {
            expression: `${isUpdate} || has(oldObject.metadata.deletionTimestamp)`,
            message: 'this pod was not deleted',
          },
          {
            // An update of a pod that is being removed makes the API server remove it by its name again.
            expression: `!(${isUpdate}) || !(${isBeingRemoved})`,
            message: 'this pod is being removed',
          },
          ...['containerStatuses', 'initContainerStatuses'].map((statuses) => ({
            expression: `!(${isUpdate}) || ${isOwn(statuses)}`,
            message: 'this status is of another pod',
          })),
        ],
      },
    },
    signal,
  );
  await api.create(
    `${group}/validatingadmissionpolicybindings`,
    { metadata, spec: { policyName: metadata.name, validationActions: ['Deny'] } },
    signal,
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
