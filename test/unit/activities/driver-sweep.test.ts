import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { DriverSweep } from '../../../src/activities/housekeeping/driver-sweep.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { Annotation, DRIVER_FINALIZER } from '../../../src/spark/metadata.ts';

/** A Temporal server whose namespace `default` has that ID, and which knows no workflow. */
function temporal(id: string): Client {
  return {
    connection: {},
    options: { namespace: 'default' },
    workflowService: { describeNamespace: () => Promise.resolve({ namespaceInfo: { id } }) },
    workflow: {
      getHandle: (workflowId: string) => ({
        describe: () => Promise.reject(new WorkflowNotFoundError('not found', workflowId, undefined)),
      }),
    },
  } as unknown as Client;
}

/** A driver that ended long ago. */
function driver(annotations: Record<string, string>, finalizers?: string[]): Pod {
  return {
    metadata: {
      ...{ name: 'pi-driver', namespace: 'default', uid: 'uid', creationTimestamp: '2026-01-01T00:00:00Z' },
      annotations: {
        [Annotation.TemporalNamespace]: 'default',
        [Annotation.WorkflowId]: 'spark/default/pi',
        [Annotation.FirstRunId]: 'run',
        [Annotation.TimeToLiveSeconds]: '1',
        ...annotations,
      },
      ...(finalizers && { finalizers }),
    },
    spec: { containers: [{ name: 'spark-kubernetes-driver' }] },
    status: { phase: 'Succeeded' },
  };
}

async function actionsOn(pod: Pod, id: string): Promise<string[]> {
  const sweep = new DriverSweep({} as KubernetesClient, temporal(id), { dryRun: true });
  return (await sweep.page([pod])).actions.map(({ action }) => action);
}

describe('a driver of a namespace of the same name', () => {
  const ours = { [Annotation.TemporalNamespaceId]: 'ours' };

  it('is not touched where it is on another Temporal server', async () => {
    expect(await actionsOn(driver(ours, [DRIVER_FINALIZER]), 'another')).toEqual([]);
    expect(await actionsOn(driver(ours), 'another')).toEqual([]);
  });

  it('is released, or deleted, where it is on this one', async () => {
    expect(await actionsOn(driver(ours, [DRIVER_FINALIZER]), 'ours')).toEqual(['release']);
    expect(await actionsOn(driver(ours), 'ours')).toEqual(['delete']);
  });

  it('is treated as one of this server where its annotations do not name one', async () => {
    expect(await actionsOn(driver({}, [DRIVER_FINALIZER]), 'ours')).toEqual(['release']);
  });
});
