import { describe, expect, it } from 'vitest';
import type { CustomObject } from '../../../../src/kubernetes/index.ts';
import { ownershipOf } from '../../../../src/operator/connect/ownership.ts';
import { newServer, serverFacts, serverPatch } from '../../../../src/operator/connect/server-resource.ts';
import { checkedConnect } from '../../../support/connects.ts';

const requested = (at: string) => ({ annotations: { 'temporal-spark/requested-at': at } });
const [first, second] = [requested('2026-11-30T12:00:00Z'), requested('2026-11-30T13:00:00Z')];
const connect = (options: Parameters<typeof checkedConnect>[1] = {}) => checkedConnect('adhoc', options);

/** The object after a patch, as the API server would have it. */
function patched(object: CustomObject, patch: object[] | undefined): CustomObject {
  const values = Object.fromEntries(
    (patch as { path: string; value: unknown }[]).map(({ path, value }) => [path, value]),
  );
  const annotations = values['/metadata/annotations'] as Record<string, string>;
  return { ...object, metadata: { ...object.metadata, annotations }, spec: values['/spec'] as Record<string, unknown> };
}

const created = (options: Parameters<typeof checkedConnect>[1] = {}): CustomObject => {
  const server = newServer(connect(options), 'uid');
  return { ...server, metadata: { ...server.metadata, resourceVersion: '7' } };
};

describe('the SparkApplication of a session', () => {
  it('belongs to it', () => {
    const server = created();
    expect(server.metadata).toMatchObject({
      name: 'adhoc-server',
      ownerReferences: [
        { apiVersion: 'sparkoperator.k8s.io/v1alpha1', kind: 'SparkConnect', name: 'adhoc', uid: 'uid' },
      ],
    });
    expect(ownershipOf(server, 'uid')).toBe('own');
    expect(ownershipOf({ ...server, metadata: { ...server.metadata, deletionTimestamp: 'x' } }, 'uid')).toBe(
      'previous',
    );
    expect(ownershipOf(server, 'another')).toBe('previous');
    expect(ownershipOf({ ...server, metadata: {} }, 'uid')).toBe('other');
  });

  it('is not written where nothing has changed', () => {
    expect(serverPatch(connect(), created())).toBeUndefined();
    // A request for a server that runs.
    expect(serverPatch(connect(first), created())).toBeUndefined();
  });

  it('gets an edit of the session, on the condition that it has not changed meanwhile', () => {
    const patch = serverPatch(connect({ image: 'spark:4.1.5' }), created())!;
    expect(patch[0]).toEqual({ op: 'test', path: '/metadata/resourceVersion', value: '7' });
    expect(patched(created(), patch).spec).toMatchObject({ image: 'spark:4.1.5' });
  });

  it('is suspended while the session is idle, and starts at the next request', () => {
    const stopped = patched(created(first), serverPatch(connect(first), created(first), true));
    expect(stopped.spec).toMatchObject({ suspend: true });
    expect(serverPatch(connect(first), stopped)).toBeUndefined();
    const started = patched(stopped, serverPatch(connect(second), stopped));
    expect(started.spec).not.toHaveProperty('suspend');
    expect(serverPatch(connect(second), started)).toBeUndefined();
  });

  it('starts at the first request of all', () => {
    const stopped = patched(created(), serverPatch(connect(), created(), true));
    expect(serverPatch(connect(), stopped)).toBeUndefined();
    expect(patched(stopped, serverPatch(connect(first), stopped)).spec).not.toHaveProperty('suspend');
  });

  it('stays suspended when the session is edited', () => {
    const stopped = patched(created(first), serverPatch(connect(first), created(first), true));
    const edited = patched(stopped, serverPatch(connect({ ...first, image: 'spark:4.1.5' }), stopped));
    expect(edited.spec).toMatchObject({ suspend: true, image: 'spark:4.1.5' });
    expect(patched(edited, serverPatch(connect(second), edited)).spec).not.toHaveProperty('suspend');
  });

  it.each([
    ['RUNNING', false],
    ['SUSPENDING', true],
    ['SUSPENDED', true],
    ['FAILED', false],
  ])('that is suspended and %s counts as stopped: %s', (state, isStopped) => {
    const spec = { suspend: true };
    expect(serverFacts({ spec, status: { applicationState: { state } } })).toMatchObject({ state, isStopped });
  });
});
