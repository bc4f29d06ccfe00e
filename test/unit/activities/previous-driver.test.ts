import { describe, expect, it } from 'vitest';
import { isPrevious } from '../../../src/activities/submit/previous-driver.ts';
import type { Pod, PodStatus } from '../../../src/kubernetes/objects.ts';
import { attemptIdentity } from '../../../src/spark/index.ts';
import { Annotation } from '../../../src/spark/metadata.ts';
import type { SubmissionIdentity } from '../../../src/protocol/index.ts';

interface Run {
  readonly workflowId?: string;
  readonly firstRunId?: string;
  readonly attempt?: number;
  readonly temporalNamespace?: string;
  readonly temporalNamespaceId?: string;
}

function identityOf({ temporalNamespaceId, ...run }: Run): SubmissionIdentity {
  const identity = attemptIdentity({
    workflowId: 'spark/default/pi',
    firstRunId: 'first',
    attempt: 2,
    temporalNamespace: 'default',
    applicationName: 'pi',
    driverPodName: 'pi-driver',
    submitTime: 0,
    ...run,
  });
  if (temporalNamespaceId === undefined) return identity;
  return {
    ...identity,
    annotations: { ...identity.annotations, [Annotation.TemporalNamespaceId]: temporalNamespaceId },
  };
}

interface PodOptions extends Run {
  readonly isHeld?: boolean;
  readonly isDeleted?: boolean;
  readonly status?: PodStatus;
}

function podOf({ isHeld = false, isDeleted = false, status = running, ...run }: PodOptions): Pod {
  const { labels, annotations, finalizers } = identityOf(run);
  return {
    metadata: {
      name: 'pi-driver',
      ...{ labels: { ...labels }, annotations: { ...annotations } },
      ...(isHeld ? { finalizers: [...finalizers] } : {}),
      ...(isDeleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'node', containers: [{ name: 'proxy' }, { name: 'spark-kubernetes-driver' }] },
    status,
  };
}

const container = (name: string, state: object) => ({
  ...{ name, image: '', imageID: '', restartCount: 0, ready: true },
  state,
});
const running: PodStatus = {
  phase: 'Running',
  containerStatuses: [container('proxy', { running: {} }), container('spark-kubernetes-driver', { running: {} })],
};
/** The driver has exited; its sidecar, or the kubelet's next look at the pod, keeps the phase. */
const exited: PodStatus = {
  phase: 'Running',
  containerStatuses: [
    container('proxy', { running: {} }),
    container('spark-kubernetes-driver', { terminated: { exitCode: 1 } }),
  ],
};

const current = identityOf({ attempt: 2 });

describe('a pod that has the name of the driver', () => {
  it.each<[what: string, pod: PodOptions]>([
    ['the previous attempt, whose sidecar still runs', { attempt: 1, status: exited }],
    ['the previous attempt, which could not be stopped', { attempt: 1, isHeld: true }],
    ['an earlier run, whose sidecar still runs', { firstRunId: 'before', status: exited }],
    ['an earlier run that is being deleted', { firstRunId: 'before', isDeleted: true }],
    ['an earlier run that is being deleted, and still held', { firstRunId: 'before', isDeleted: true, isHeld: true }],
    ['an earlier run, on a server without IDs of namespaces', { firstRunId: 'before', status: { phase: 'Failed' } }],
  ])('is removed where it is of %s', (_, pod) => {
    expect(isPrevious(podOf(pod), current)).toBe(true);
  });

  it.each<[what: string, pod: PodOptions]>([
    ['this attempt', { attempt: 2, status: exited }],
    ['a later attempt: this try was given up', { attempt: 3, status: exited }],
    ['an earlier run whose end is not recorded', { firstRunId: 'before', status: exited, isHeld: true }],
    ['an earlier run, and still runs', { firstRunId: 'before' }],
    ['another workflow', { workflowId: 'spark/default/other', attempt: 1, status: exited }],
    ['another Temporal namespace', { temporalNamespace: 'other', attempt: 1, status: exited }],
  ])('is left alone where it is of %s', (_, pod) => {
    expect(isPrevious(podOf(pod), current)).toBe(false);
  });

  it('is left alone where it is of a workflow of the same ID on another Temporal server', () => {
    const own = identityOf({ temporalNamespaceId: 'here' });
    expect(isPrevious(podOf({ firstRunId: 'before', status: exited, temporalNamespaceId: 'there' }), own)).toBe(false);
    expect(isPrevious(podOf({ firstRunId: 'before', status: exited, temporalNamespaceId: 'here' }), own)).toBe(true);
  });

  it('is removed where another operator made it for the same resource and it has ended, and is left alone while it runs', () => {
    const own = { ...current, owner: { name: 'pi', uid: 'resource' } };
    const ofAnother = (uid: string, phase: string): Pod => ({
      metadata: {
        name: 'pi-driver',
        labels: { 'sparkoperator.k8s.io/app-name': 'pi', 'spark-role': 'driver' },
        ownerReferences: [{ apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'SparkApplication', name: 'pi', uid }],
      },
      status: { phase },
    });
    expect(isPrevious(ofAnother('resource', 'Succeeded'), own)).toBe(true);
    expect(isPrevious(ofAnother('resource', 'Running'), own)).toBe(false);
    expect(isPrevious(ofAnother('another', 'Succeeded'), own)).toBe(false);
    expect(isPrevious(ofAnother('resource', 'Succeeded'), current)).toBe(false);
  });

  it('is left alone where only one of it and this attempt has the ID of its Temporal namespace', () => {
    const pod = { firstRunId: 'before', status: exited };
    expect(isPrevious(podOf(pod), identityOf({ temporalNamespaceId: 'here' }))).toBe(false);
    expect(isPrevious(podOf({ ...pod, temporalNamespaceId: 'there' }), current)).toBe(false);
  });

  it('is removed where it is of the previous attempt, whatever the ID of its Temporal namespace', () => {
    const own = identityOf({ temporalNamespaceId: 'here' });
    expect(isPrevious(podOf({ attempt: 1, status: exited }), own)).toBe(true);
  });

  it('is left alone where its owner is unknown', () => {
    expect(isPrevious({ metadata: { name: 'pi-driver' }, status: { phase: 'Failed' } }, current)).toBe(false);
  });
});
