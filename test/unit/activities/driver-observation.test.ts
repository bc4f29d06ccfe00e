import { describe, expect, it } from 'vitest';
import { viewDriver } from '../../../src/activities/watch/driver-observation.ts';
import type { ContainerStatus, Pod, PodStatus } from '../../../src/kubernetes/objects.ts';

const driver = { name: 'spark-kubernetes-driver', image: 'spark' };

function pod(status: PodStatus, metadata: Pod['metadata'] = {}): Pod {
  return { metadata: { name: 'pi-driver', ...metadata }, spec: { containers: [{ name: 'sidecar' }, driver] }, status };
}

function container(state: ContainerStatus['state'], name = driver.name): ContainerStatus {
  return { name, image: 'spark', imageID: '', ready: false, restartCount: 0, state: state! };
}

describe('the driver container decides before the phase', () => {
  it('is done when the driver exited although a sidecar keeps the pod running', () => {
    const view = viewDriver(
      pod({
        phase: 'Running',
        containerStatuses: [
          container({ running: { startedAt: '2026-01-01T00:00:00Z' } }, 'sidecar'),
          container({ terminated: { exitCode: 0, reason: 'Completed', finishedAt: '2026-01-01T00:01:00Z' } }),
        ],
      }),
    );
    expect(view).toEqual({
      phase: 'ended',
      outcome: {
        succeeded: true,
        exitCode: 0,
        reason: 'Completed',
        finishedAt: '2026-01-01T00:01:00Z',
        deleted: false,
      },
    });
  });

  it('completed when it exited 0 before its pod was deleted or evicted', () => {
    const view = viewDriver(
      pod(
        { phase: 'Failed', reason: 'Evicted', containerStatuses: [container({ terminated: { exitCode: 0 } })] },
        { deletionTimestamp: '2026-01-01T00:00:00Z' },
      ),
    );
    expect(view).toMatchObject({ phase: 'ended', outcome: { succeeded: true, reason: 'Completed', deleted: true } });
  });

  it('is not done when only a sidecar ended', () => {
    const view = viewDriver(
      pod({
        phase: 'Running',
        containerStatuses: [container({ terminated: { exitCode: 1 } }, 'sidecar'), container({ running: {} })],
      }),
    );
    expect(view).toEqual({ phase: 'running', ready: true });
  });

  it('reads the container Spark runs in when a template named it otherwise: the last one', () => {
    const view = viewDriver({
      spec: { containers: [{ name: 'sidecar' }, { name: 'my-driver' }] },
      status: { containerStatuses: [container({ terminated: { exitCode: 3 } }, 'my-driver')] },
    });
    expect(view).toMatchObject({ phase: 'ended', outcome: { succeeded: false, exitCode: 3, reason: 'Error' } });
  });
});

describe('why a driver failed', () => {
  it('reports OOMKilled with its exit code', () => {
    const view = viewDriver(
      pod({ phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 137, reason: 'OOMKilled' } })] }),
    );
    expect(view).toMatchObject({ outcome: { succeeded: false, exitCode: 137, reason: 'OOMKilled' } });
  });

  it("prefers Spark's own exception to the termination message", () => {
    const view = viewDriver(
      pod(
        { phase: 'Failed', containerStatuses: [container({ terminated: { exitCode: 1, message: 'last lines' } })] },
        { annotations: { 'spark.exit-exception': 'java.lang.IllegalStateException: no input' } },
      ),
    );
    expect(view).toMatchObject({ outcome: { message: 'java.lang.IllegalStateException: no input' } });
  });

  it('keeps the end of a message that is too long for history', () => {
    const view = viewDriver(
      pod({ containerStatuses: [container({ terminated: { exitCode: 1, message: `${'x'.repeat(9000)}the end` } })] }),
    );
    const message = view.phase === 'ended' ? view.outcome.message! : '';
    expect(message.length).toBeLessThan(4200);
    expect(message).toMatch(/^…x.*the end$/);
  });

  it('takes an eviction from the pod where the container left no status', () => {
    const view = viewDriver(pod({ phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' }));
    expect(view).toEqual({
      phase: 'ended',
      outcome: { succeeded: false, reason: 'Evicted', message: 'The node was low on memory', deleted: false },
    });
  });

  it('takes a lost node from the disruption condition', () => {
    const view = viewDriver(
      pod({
        phase: 'Failed',
        conditions: [
          { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'node not found' },
        ],
      }),
    );
    expect(view).toMatchObject({ outcome: { reason: 'DeletionByPodGC', message: 'node not found' } });
  });

  it('reports Deleted for a pod deleted before it was scheduled', () => {
    const view = viewDriver(pod({ phase: 'Failed' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    expect(view).toMatchObject({ outcome: { succeeded: false, reason: 'Deleted', deleted: true } });
  });
});

describe('a driver that was disrupted', () => {
  it('reports the reason of the disruption, and the exit code of its container', () => {
    const view = viewDriver(
      pod(
        {
          phase: 'Failed',
          conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' }],
          containerStatuses: [container({ terminated: { exitCode: 143, reason: 'Error' } })],
        },
        { deletionTimestamp: '2026-01-01T00:00:00Z' },
      ),
    );
    expect(view).toMatchObject({ outcome: { exitCode: 143, reason: 'EvictionByEvictionAPI', deleted: true } });
  });

  it('is over when it was deleted before it was scheduled, whatever its phase', () => {
    const view = viewDriver(pod({ phase: 'Pending' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }));
    expect(view).toMatchObject({ phase: 'ended', outcome: { succeeded: false, reason: 'Deleted' } });
  });
});

describe('a driver that succeeded', () => {
  it('passes on what it wrote to its termination log', () => {
    const terminated = { exitCode: 0, reason: 'Completed', message: '{"rows":42}' };
    const view = viewDriver(pod({ phase: 'Succeeded', containerStatuses: [container({ terminated })] }));
    expect(view).toMatchObject({ outcome: { succeeded: true, message: '{"rows":42}' } });
  });
});

describe('a driver that runs', () => {
  it('is not ready where its node stopped answering', () => {
    const conditions = [{ type: 'Ready', status: 'False' }];
    const view = viewDriver(pod({ phase: 'Running', conditions, containerStatuses: [container({ running: {} })] }));
    expect(view).toEqual({ phase: 'running', ready: false });
  });
});

describe('why a driver does not start', () => {
  it.each([
    ['an image that cannot be pulled', container({ waiting: { reason: 'ImagePullBackOff', message: 'back-off' } })],
    ['a missing ConfigMap', container({ waiting: { reason: 'CreateContainerConfigError', message: 'no such' } })],
  ])('explains %s', (_, status) => {
    const { reason, message } = status.state!.waiting!;
    expect(viewDriver(pod({ phase: 'Pending', containerStatuses: [status] }))).toEqual({
      phase: 'pending',
      waiting: { reason, message },
    });
  });

  it("repeats the scheduler's message", () => {
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes' }];
    expect(viewDriver(pod({ phase: 'Pending', conditions }))).toEqual({
      phase: 'pending',
      waiting: { reason: 'Unschedulable', message: '0/3 nodes' },
    });
  });

  it('reports no problem for a container that is being created', () => {
    const status = container({ waiting: { reason: 'ContainerCreating' } });
    expect(viewDriver(pod({ phase: 'Pending', containerStatuses: [status] }))).toEqual({ phase: 'pending' });
  });

  it('keeps waiting for a deleted pod that still runs', () => {
    const status = pod(
      { phase: 'Running', containerStatuses: [container({ running: {} })] },
      { deletionTimestamp: 'x' },
    );
    expect(viewDriver(status)).toEqual({ phase: 'running', ready: true });
  });
});

describe('the message of a driver', () => {
  const url = (password: string): string => `cannot connect to jdbc:postgresql://reader:${password}@database/sales`;
  const ended = (exitCode: number) =>
    viewDriver(pod({ containerStatuses: [container({ terminated: { exitCode, message: url('sesame') } })] }));

  it('has its secrets masked where the driver failed or cannot start', () => {
    expect(ended(1)).toMatchObject({ outcome: { message: url('*****') } });
    const waiting = container({ waiting: { reason: 'CreateContainerError', message: url('sesame') } });
    expect(viewDriver(pod({ containerStatuses: [waiting] }))).toMatchObject({ waiting: { message: url('*****') } });
  });

  it('is left as it is where the driver succeeded, because it may hold outputs', () => {
    expect(ended(0)).toMatchObject({ outcome: { message: url('sesame') } });
  });
});

describe('a container whose status the kubelet does not know', () => {
  const unknown = { exitCode: 137, reason: 'ContainerStatusUnknown' };
  const outcomeOf = (terminated: object) => {
    const view = viewDriver(pod({ containerStatuses: [container({ terminated: { ...unknown, ...terminated } })] }));
    return view.phase === 'ended' ? view.outcome : undefined;
  };

  it('has no exit code where it never ran', () => {
    const outcome = { succeeded: false, reason: 'ContainerStatusUnknown', deleted: false };
    expect(outcomeOf({})).toEqual(outcome);
    expect(outcomeOf({ startedAt: null })).toMatchObject({ reason: 'ContainerStatusUnknown' });
    expect(outcomeOf({ startedAt: null })).not.toHaveProperty('exitCode');
  });

  it('has the exit code of the kubelet where it ran', () => {
    expect(outcomeOf({ startedAt: '2026-01-01T00:00:00Z' })).toMatchObject({ exitCode: 137 });
  });
});
