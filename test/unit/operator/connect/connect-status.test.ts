import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../../src/kubernetes/index.ts';
import { connectStatus, readySince, type ConnectFacts } from '../../../../src/operator/connect/connect-status.ts';

const now = '2026-11-30T12:00:00Z';
const running = { state: 'RUNNING', isStopped: false };

function pod(
  ready: boolean,
  { started = ready, ...rest }: { started?: boolean; deletionTimestamp?: string } = {},
): Pod {
  return {
    metadata: { name: 'adhoc-server', ...rest },
    status: {
      ...{ phase: 'Running', podIP: '10.0.0.7' },
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-11-30T11:00:00Z' }],
      containerStatuses: [{ name: 'spark', started } as never],
    },
  };
}

const of = (facts: Partial<ConnectFacts>) =>
  connectStatus({ ...{ name: 'adhoc', before: undefined, now, executors: [], serviceName: 'adhoc-server' }, ...facts });

describe('the status of a session', () => {
  it.each<[string, Partial<ConnectFacts>, string, RegExp]>([
    ['Provisioning before there is a server', {}, 'Provisioning', /being started/],
    ['Provisioning before there is a pod', { server: running }, 'Provisioning', /being started/],
    [
      'Provisioning while the server starts',
      { server: running, pod: pod(false) },
      'Provisioning',
      /not ready: its phase/,
    ],
    ['Ready once the server answers', { server: running, pod: pod(true) }, 'Ready', /^Server pod is ready$/],
    [
      'NotReady where a server that has started does not answer',
      { server: running, pod: pod(false, { started: true }) },
      'NotReady',
      /not ready/,
    ],
    [
      'NotReady while its pod is being deleted',
      { server: running, pod: pod(true, { deletionTimestamp: now }) },
      'NotReady',
      /being deleted/,
    ],
    [
      'NotReady while the server waits for its restart, with the cause',
      { server: { state: 'PENDING_RERUN', isStopped: false, errorMessage: 'exit code 137' }, pod: pod(false) },
      'NotReady',
      /started again: exit code 137/,
    ],
    [
      'NotReady while it is stopped, with the remedy',
      { server: { state: 'SUSPENDED', isStopped: true } },
      'NotReady',
      /temporal-spark connect adhoc/,
    ],
    [
      'NotReady where a user has suspended the server, with the remedy',
      { server: { state: 'SUSPENDED', isStopped: false } },
      'NotReady',
      /temporal-spark resume adhoc-server/,
    ],
    [
      'Failed once the server is not started again, with the cause',
      { server: { state: 'FAILED', isStopped: false, errorMessage: 'was killed' } },
      'Failed',
      /not started again: was killed/,
    ],
    ['Failed where its manifest is invalid', { fault: 'spec.image  is required' }, 'Failed', /spec\.image/],
    [
      'that of its server where an edit is invalid',
      { fault: 'x', server: running, pod: pod(true) },
      'Ready',
      /is ready/,
    ],
  ])('is %s', (_, facts, state, message) => {
    const status = of(facts);
    expect(status.state).toBe(state);
    const [ready, idle] = status.conditions;
    const isReady = state === 'Ready';
    expect(ready).toMatchObject({
      ...{ type: 'ServerPodReady', status: isReady ? 'True' : 'False' },
      reason: isReady ? 'ServerPodReady' : 'ServerPodNotReady',
      message: expect.stringMatching(message) as string,
    });
    expect(idle).toMatchObject({ type: 'Idle', status: facts.server?.isStopped === true ? 'True' : 'False' });
  });

  it('has the pod, its address, the Service, and the executors by phase', () => {
    const executors = ['Running', 'Running', 'Pending'].map((phase) => ({ status: { phase } }));
    expect(of({ server: running, pod: pod(true), executors })).toMatchObject({
      server: { podName: 'adhoc-server', podIp: '10.0.0.7', serviceName: 'adhoc-server' },
      executors: { running: 2, pending: 1 },
    });
    expect(of({})).not.toHaveProperty('executors');
  });

  it('has the address of the route, or why it is missing, and keeps both until the route is known again', () => {
    const address = 'sc://adhoc.example.org:443';
    const exposed = of({ route: { kind: 'Ingress', address } });
    expect(exposed.conditions[2]).toMatchObject({
      ...{ type: 'Exposed', status: 'True', reason: 'IngressWritten', message: address },
    });
    expect(of({ before: exposed }).conditions[2]).toEqual(exposed.conditions[2]);
    const refused = of({ before: exposed, route: { kind: 'GRPCRoute', fault: 'no' } });
    expect(refused.conditions[2]).toMatchObject({ status: 'False', reason: 'GRPCRouteNotWritten', message: 'no' });
    expect(of({ before: refused, route: { kind: 'none' } }).conditions).toHaveLength(2);
  });

  it('keeps when the session began, and since when a condition holds', () => {
    const before = of({ server: running, pod: pod(true) });
    const later = '2026-11-30T13:00:00Z';
    const same = of({ before, now: later, server: running, pod: pod(true) });
    expect(same).toEqual({ ...before, lastUpdateTime: later });
    const changed = of({ before, now: later, server: running, pod: pod(false, { started: true }) });
    expect(changed.startTime).toBe(now);
    expect(changed.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([later, now]);
  });
});

it('knows since when a pod is ready', () => {
  expect(readySince(pod(true))).toBe(Date.parse('2026-11-30T11:00:00Z'));
  expect(readySince(pod(false))).toBeUndefined();
});
