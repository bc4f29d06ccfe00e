import { describe, expect, it } from 'vitest';
import type { Node } from '../../../src/kubernetes/objects.ts';
import { replicasFor } from '../../../src/worker/replicas.ts';

const node = (ready = 'True', spec: Node['spec'] = {}): Node => ({
  spec,
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

const replicas = (nodes: readonly Node[], bounds: Partial<{ min: number; max: number }> = {}) =>
  replicasFor(nodes, { min: 1, max: 3, ...bounds });

describe('the workers are', () => {
  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 3],
    [7, 3],
  ])('for %i nodes %i', (nodes, expected) => {
    expect(replicas(Array.from({ length: nodes }, () => node()))).toBe(expected);
  });

  it('within the configured bounds', () => {
    expect(replicas([node()], { min: 2 })).toBe(2);
    expect(
      replicas(
        Array.from({ length: 9 }, () => node()),
        { max: 5 },
      ),
    ).toBe(5);
  });

  it.each<[string, Node]>([
    ['is cordoned', node('True', { unschedulable: true })],
    ['does not answer', node('Unknown')],
    ['is not ready', node('False')],
    [
      'has no taint taken off yet',
      node('True', { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] }),
    ],
  ])('none for a node that %s', (_, other) => {
    expect(replicas([node(), other])).toBe(1);
  });

  it('one for a node with a taint of its role, which they tolerate', () => {
    const taints = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
    expect(replicas([node(), node('True', { taints })])).toBe(2);
  });
});
