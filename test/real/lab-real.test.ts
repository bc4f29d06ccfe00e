import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ApiServer } from '../../lab/api-server.ts';
import type { Lab, LabComponent } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { eventually, passes } from '../../lab/eventually.ts';
import { sweepOrphanedLabs } from '../../lab/record.ts';
import { announce, podOf, processesIn, type RealLab, runPod, traces, waitForPhase } from './real-lab.ts';

let lab: Lab;
let real: RealLab;

beforeAll(async () => {
  lab = await startLab({ mode: 'real', temporal: false });
  real = announce(lab);
}, 1_800_000);

afterAll(() => lab?.stop());

function component(name: string): LabComponent {
  return lab.components[name] ?? expect.fail(`The lab has no ${name}.`);
}

async function startOwner() {
  const script = join(import.meta.dirname, 'fixtures', 'real-lab-owner.ts');
  const owner = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void owner.kill('SIGKILL'));
  const ended = once(owner, 'exit');
  const [line] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string];
  return { owner, ended, other: JSON.parse(line) as RealLab };
}

describe('a pod of a real lab', () => {
  test('runs, resolves names of services, and its log can be read', async () => {
    const log = await runPod(real, 'looks-up', ['getent', 'hosts', 'kubernetes.default']);
    expect(log).toMatch(/^10\.96\.0\.1\s+kubernetes\.default\.svc\.cluster\.local/);
  });

  test('finds its gateway at the same hardware address, whatever pods come and go', async () => {
    const lookUp = ['sh', '-c', 'getent hosts kubernetes.default > /dev/null; grep ^10.244.0.1 /proc/net/arp'];
    const entries: string[] = [];
    for (const name of ['first', 'second', 'third', 'fourth']) entries.push(await runPod(real, name, lookUp));
    const addresses = entries.map((entry) => entry.split(/\s+/)[3]);
    expect(addresses).toEqual(addresses.map(() => '0a:58:0a:f4:00:01'));
  });

  test('reaches the API server as a service account', async () => {
    const request = [
      'import ssl, urllib.request',
      'folder = "/var/run/secrets/kubernetes.io/serviceaccount/"',
      'request = urllib.request.Request("https://kubernetes.default.svc/version")',
      'request.add_header("Authorization", "Bearer " + open(folder + "token").read())',
      'trusted = ssl.create_default_context(cafile=folder + "ca.crt")',
      'print(urllib.request.urlopen(request, context=trusted).status)',
    ].join('\n');
    expect(await runPod(real, 'asks', ['python3', '-c', request])).toBe('200\n');
  });

  test('whose image does not exist reports it within moments', async () => {
    const api = await ApiServer.connect(lab.kubeconfig);
    onTestFinished(() => api.close());
    await api.create('/api/v1/namespaces/default/pods', podOf('no-image', 'nowhere.invalid/nothing:1', []));
    const missing = passes(async (signal) => {
      const pod = await api.text('GET', '/api/v1/namespaces/default/pods/no-image', undefined, signal);
      expect(pod).toMatch(/"reason": ?"(ErrImagePull|ImagePullBackOff)"/);
    });
    await eventually('the kubelet to report the missing image', missing, { timeoutMs: 20_000 });
  });
});

describe('a real lab', () => {
  test('runs its pods on after its kubelet and its containerd were killed and started again', async () => {
    const api = await ApiServer.connect(lab.kubeconfig);
    onTestFinished(() => api.close());
    const path = '/api/v1/namespaces/default/pods/outlives';
    const command = ['bash', '-c', 'trap "echo told to end; exit 0" TERM; echo begun; while true; do sleep 0.1; done'];
    await api.create('/api/v1/namespaces/default/pods', podOf('outlives', real.sparkImage, command));
    await waitForPhase(api, path, 'Running');
    for (const name of ['kubelet', 'containerd']) await component(name).kill('SIGKILL');
    for (const name of ['containerd', 'kubelet']) await component(name).start();
    expect(await runPod(real, 'comes-after', ['echo', 'here'])).toBe('here\n');
    expect(await api.text('GET', `${path}/log`)).toBe('begun\n');
    await api.delete(`${path}?gracePeriodSeconds=20`);
    const gone = passes((signal) => expect(api.get(path, signal)).rejects.toMatchObject({ status: 404 }));
    await eventually('the pod to be gone', gone, { timeoutMs: 15_000 });
  });

  test('runs next to another, of which nothing is left after its owner was killed', async () => {
    const { owner, ended, other } = await startOwner();
    const [here, there] = await Promise.all([
      runPod(real, 'twin', ['bash', '-c', 'echo here']),
      runPod(other, 'twin', ['bash', '-c', 'echo there']),
    ]);
    expect({ here, there }).toEqual({ here: 'here\n', there: 'there\n' });
    expect(processesIn(other.pidNamespace).length).toBeGreaterThan(8);

    owner.kill('SIGKILL');
    await ended;
    const over = passes(() => expect(processesIn(other.pidNamespace)).toEqual([]));
    await eventually('its processes to end with their owner', over, { timeoutMs: 10_000 });
    sweepOrphanedLabs();
    // Another start may have begun to sweep it just before.
    const removed = passes(() => expect(traces(other)).toEqual([]));
    await eventually('its traces to be removed', removed, { timeoutMs: 10_000 });
    expect(await runPod(real, 'survivor', ['echo', 'alive'])).toBe('alive\n');
  });

  test('leaves nothing when it is stopped', async () => {
    expect(traces(real).length).toBeGreaterThan(8);
    await lab.stop();
    expect(traces(real)).toEqual([]);
    expect(existsSync(lab.kubeconfig)).toBe(false);
  });
});
