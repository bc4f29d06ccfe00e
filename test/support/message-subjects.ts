/** Workflows for `any-message.ts`: what each is started with, and what it knows. */
import { RESOURCE_MEMO } from '../../src/protocol/index.ts';
import type { AnyMessageOptions } from './any-message.ts';
import { sparkPi } from './manifests.ts';
import { pipelineOf, step } from './pipelines.ts';

export interface MessageSubject extends Pick<AnyMessageOptions, 'known' | 'valid' | 'together'> {
  readonly type: string;
  readonly workflowId: string;
  readonly args: readonly unknown[];
  readonly memo?: Readonly<Record<string, unknown>>;
  /** A signal without which it would end at once. */
  readonly signal?: { readonly name: string; readonly args: readonly unknown[] };
}

const counts = { completed: 1, running: 1, failed: 0, total: 3 };
const progress = { jobs: 1, stages: counts, tasks: counts, runningStages: [], observedAt: '2026-01-01T00:00:00Z' };
const executors = { pending: 0, running: 1, succeeded: 0, failed: 0 };

/** Suspended, so that it needs no cluster. */
export function applicationSubject(name: string, namespace = 'default'): MessageSubject {
  const manifest = sparkPi({ name, namespace });
  const suspended = { ...manifest, spec: { ...manifest.spec, suspend: true } };
  return {
    ...{ type: 'sparkApplication', workflowId: `spark/${namespace}/${name}`, args: [suspended] },
    known: [name, namespace],
    valid: [
      { reason: 'enough', gracePeriodSeconds: 5 },
      suspended,
      { ...suspended, spec: { ...suspended.spec, arguments: ['7'] } },
      { submissionId: name, executors, progress },
      { queue: 'pool', holder: name, place: 1, waiting: 2 },
      { queue: 'pool', holder: name },
    ],
  };
}

/** The same of a `SparkApplication` resource, whose edits arrive with what they are an edit of. */
export function resourceSubject(name: string, namespace = 'default'): MessageSubject {
  const subject = applicationSubject(name, namespace);
  const resource = { uid: `${name}-uid`, generation: 2, digest: 'digest' };
  const edits = [1, 3, 4].map((generation) => ({ ...resource, generation }));
  const [manifest] = subject.args;
  return {
    ...{ ...subject, memo: { [RESOURCE_MEMO]: resource }, together: edits.map((edit) => [manifest, edit]) },
    known: [...subject.known, resource.uid],
    valid: [...subject.valid, ...edits, { ...resource, uid: 'another' }],
  };
}

/** Waits for a semaphore that never answers. */
export function pipelineSubject(name: string, namespace = 'default'): MessageSubject {
  const semaphore = { name: `${name}-tables`, limit: 1 };
  const workflowId = `pipeline/${name}/run`;
  const manifest = pipelineOf(
    name,
    [step('use', { hold: true }, { semaphore }), step('held', { hold: true })],
    {},
    namespace,
  );
  return {
    ...{ type: 'sparkPipeline', workflowId, args: [manifest] },
    known: ['use', 'held', workflowId, `${workflowId}/use`, semaphore.name],
    valid: [
      { paused: true, note: 'lunch' },
      { paused: false },
      { semaphore: semaphore.name, holder: `${workflowId}/use`, ticket: 0 },
      { semaphore: 'another', holder: `${workflowId}/never`, ticket: 3 },
    ],
  };
}

export function queueSubject(name: string): MessageSubject {
  const request = {
    ...{ holder: 'a', workflowId: 'spark/default/nobody', runId: 'run', namespace: 'default', priority: 0 },
    ...{ requests: { cpu: 1, memory: 1 }, since: '2026-01-01T00:00:00Z' },
  };
  const limits = { maxApplications: 1 };
  return {
    ...{ type: 'sparkAdmission', workflowId: `admission/${name}`, args: [name] },
    signal: { name: 'ask', args: [request, limits] },
    known: ['a', 'b', 'spark/default/nobody'],
    valid: [request, { ...request, holder: 'b' }, limits, { holder: 'b' }],
  };
}

export function semaphoreSubject(name: string): MessageSubject {
  const acquire = { limit: 1, holder: 'a', requester: 'pipeline/nobody/run', ticket: 0 };
  return {
    ...{ type: 'sparkSemaphore', workflowId: `semaphore/${name}`, args: [name] },
    signal: { name: 'acquire', args: [acquire] },
    known: ['a', 'b', 'pipeline/nobody/run'],
    valid: [acquire, { ...acquire, holder: 'b' }, { holder: 'b', ticket: 0 }],
  };
}
