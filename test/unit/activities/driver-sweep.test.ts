import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { DriverSweep } from '../../../src/activities/housekeeping/driver-sweep.ts';
import type { KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { Pod } from '../../../src/kubernetes/objects.ts';
import { Annotation, DRIVER_FINALIZER } from '../../../src/spark/metadata.ts';

/** A run of the driver's workflow, as a Temporal server describes it. */
interface KnownRun {
  readonly runId: string;
  readonly firstRunId: string;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'TERMINATED' | 'CONTINUED_AS_NEW' | 'PAUSED';
  readonly resetRunId?: string;
}

/** A Temporal server whose namespace `default` has that ID, and which knows these runs of any workflow, latest last. */
function temporal(id: string, runs: readonly KnownRun[] = []): Client {
  return {
    connection: {},
    options: { namespace: 'default' },
    workflowService: { describeNamespace: () => Promise.resolve({ namespaceInfo: { id } }) },
    workflow: {
      getHandle: (workflowId: string, runId?: string) => ({
        describe: () => {
          const run = runs.findLast((each) => runId === undefined || each.runId === runId);
          if (run === undefined) return Promise.reject(new WorkflowNotFoundError('not found', workflowId, runId));
          const { firstRunId, resetRunId } = run;
          const raw = { workflowExecutionInfo: { firstRunId }, workflowExtendedInfo: { resetRunId } };
          return Promise.resolve({ status: { name: run.status }, runId: run.runId, raw });
        },
      }),
    },
  } as unknown as Client;
}

/** A driver that ended long ago, or still runs. */
function driver(
  annotations: Record<string, string>,
  finalizers?: string[],
  phase: 'Succeeded' | 'Running' = 'Succeeded',
): Pod {
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
    status: { phase },
  };
}

async function actionsOn(pod: Pod, id: string, runs?: readonly KnownRun[], stops = false): Promise<string[]> {
  const sweep = new DriverSweep({ now: () => Date.now() } as KubernetesClient, temporal(id, runs), {
    dryRun: true,
    stops,
  });
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

it('a driver that seems to be created in half a second is no younger than one without a grace period', async () => {
  const created = Date.parse('2026-01-01T00:00:00Z');
  const kubernetes = { now: () => created - 500 } as KubernetesClient;
  const sweep = new DriverSweep(kubernetes, temporal('ours'), { dryRun: true, graceMs: 0, unknownGraceMs: 0 });
  expect((await sweep.page([driver({}, [DRIVER_FINALIZER])])).actions).toMatchObject([{ action: 'release' }]);
});

describe('a running driver whose annotations do not name a Temporal namespace ID', () => {
  const running = driver({}, [DRIVER_FINALIZER], 'Running');
  const another = { runId: 'another', firstRunId: 'another' };

  it('keeps its finalizer where this server ran an application of its name, but not its run', async () => {
    expect(await actionsOn(running, 'ours', [{ ...another, status: 'COMPLETED' }])).toEqual([]);
    expect(await actionsOn(running, 'ours', [{ ...another, status: 'RUNNING' }])).toEqual([]);
  });

  it('keeps its finalizer where a server that reports no chains does not know its run', async () => {
    expect(await actionsOn(running, 'ours', [{ ...another, firstRunId: '', status: 'COMPLETED' }])).toEqual([]);
  });

  it('is released where this server knows its run, and a later start followed', async () => {
    const own: KnownRun = { runId: 'run', firstRunId: 'run', status: 'COMPLETED' };
    expect(await actionsOn(running, 'ours', [own, { ...another, status: 'RUNNING' }])).toEqual(['release']);
  });

  it('is released where the chain of its run has ended and its first run is no longer kept', async () => {
    expect(await actionsOn(running, 'ours', [{ runId: 'third', firstRunId: 'run', status: 'COMPLETED' }])).toEqual([
      'release',
    ]);
  });
});

describe('a driver that runs although its workflow has ended', () => {
  const own = { runId: 'run', firstRunId: 'run' };
  const later: KnownRun = { runId: 'later', firstRunId: 'later', status: 'RUNNING' };
  const ours = { [Annotation.TemporalNamespaceId]: 'ours' };
  const held = (phase: 'Succeeded' | 'Running'): Pod => driver(ours, [DRIVER_FINALIZER], phase);
  const housekeeping = (pod: Pod, ...runs: KnownRun[]) => actionsOn(pod, 'ours', runs, true);

  it('is stopped where the workflow ended by itself: nothing watches it', async () => {
    expect(await housekeeping(held('Running'), { ...own, status: 'COMPLETED' })).toEqual(['stop']);
    expect(await housekeeping(held('Running'), { ...own, status: 'CANCELLED' })).toEqual(['stop']);
  });

  it('is stopped where the application was started again meanwhile', async () => {
    expect(await housekeeping(held('Running'), { ...own, status: 'CANCELLED' }, later)).toEqual(['stop']);
  });

  it('is released, and runs on, where the workflow was terminated', async () => {
    expect(await housekeeping(held('Running'), { ...own, status: 'TERMINATED' })).toEqual(['release']);
    expect(await housekeeping(held('Running'), { ...own, status: 'TERMINATED' }, later)).toEqual(['release']);
  });

  it('is released where it is not known how the last run of its chain ended', async () => {
    expect(await housekeeping(held('Running'), { ...own, status: 'CONTINUED_AS_NEW' }, later)).toEqual(['release']);
  });

  it('is released where its first run was reset: another one may have been terminated', async () => {
    const reset: KnownRun = { ...own, status: 'CANCELLED', resetRunId: 'reset' };
    expect(await housekeeping(held('Running'), reset, later)).toEqual(['release']);
  });

  it('is left alone while its workflow is paused', async () => {
    expect(await housekeeping(held('Running'), { ...own, status: 'PAUSED' })).toEqual([]);
  });

  it('is released once it has ended', async () => {
    expect(await housekeeping(held('Succeeded'), { ...own, status: 'COMPLETED' })).toEqual(['release']);
  });

  it('is only released by the command, which deletes nothing', async () => {
    expect(await actionsOn(held('Running'), 'ours', [{ ...own, status: 'COMPLETED' }])).toEqual(['release']);
  });
});

describe('a deleted driver of a workflow that was terminated', () => {
  const terminated = [{ runId: 'run', firstRunId: 'run', status: 'TERMINATED' }] as const;
  const deleted = (phase: 'Succeeded' | 'Running'): Pod => {
    const { metadata, ...pod } = driver({}, [DRIVER_FINALIZER], phase);
    const spec = { ...pod.spec!, nodeName: 'node' };
    return { ...pod, spec, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:10:00Z' } };
  };

  it('keeps its finalizer until its node has confirmed its end', async () => {
    expect(await actionsOn(deleted('Running'), 'ours', terminated)).toEqual([]);
    expect(await actionsOn(deleted('Succeeded'), 'ours', terminated)).toEqual(['release']);
  });
});
