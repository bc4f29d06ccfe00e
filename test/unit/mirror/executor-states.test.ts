import { describe, expect, it } from 'vitest';
import type { Pod } from '../../../src/kubernetes/index.ts';
import {
  executorEvents,
  executorStates,
  MOST_EXECUTORS,
  readExecutorStates,
  type ExecutorStates,
} from '../../../src/mirror/index.ts';

const pods = (phases: Readonly<Record<string, string>>): Pod[] =>
  Object.entries(phases).map(([name, phase]) => ({ metadata: { name }, status: { phase } }));

describe('the states of executors', () => {
  it.each<[string, Readonly<Record<string, string>>, ExecutorStates, boolean | undefined, ExecutorStates]>([
    [
      'are those of their pods, in the words of the operator',
      { a: 'Pending', b: 'Running', c: 'Succeeded', d: 'Failed', e: 'Unknown' },
      {},
      undefined,
      { a: 'PENDING', b: 'RUNNING', c: 'COMPLETED', d: 'FAILED', e: 'UNKNOWN' },
    ],
    [
      'are unknown where a pod is gone before its end was seen',
      { b: 'Running' },
      { a: 'RUNNING', b: 'PENDING' },
      undefined,
      { a: 'UNKNOWN', b: 'RUNNING' },
    ],
    [
      'stay where a pod has ended and is gone',
      {},
      { a: 'COMPLETED', b: 'FAILED' },
      false,
      { a: 'COMPLETED', b: 'FAILED' },
    ],
    [
      'are COMPLETED with their driver',
      { b: 'Running' },
      { a: 'RUNNING', b: 'RUNNING' },
      true,
      { a: 'COMPLETED', b: 'COMPLETED' },
    ],
    ['are FAILED with their driver', { b: 'Pending' }, { a: 'UNKNOWN' }, false, { a: 'FAILED', b: 'FAILED' }],
  ])('%s', (_, phases, known, succeeded, expected) => {
    expect(executorStates(pods(phases), known, succeeded)).toEqual(expected);
  });

  it('are bounded: those that run come first, then those that were created last', () => {
    const known = Object.fromEntries(
      Array.from({ length: MOST_EXECUTORS + 2 }, (_, index) => [
        `pi-exec-${index + 1}`,
        index === 0 ? 'RUNNING' : 'COMPLETED',
      ]),
    ) as ExecutorStates;
    const states = executorStates(pods({ 'pi-exec-1': 'Running' }), known);
    expect(Object.keys(states)).toHaveLength(MOST_EXECUTORS);
    expect(states['pi-exec-1']).toBe('RUNNING');
    expect(states).not.toHaveProperty('pi-exec-2');
    expect(states).toHaveProperty(`pi-exec-${MOST_EXECUTORS + 2}`);
  });

  it('are read from a status, whatever else it has', () => {
    expect(readExecutorStates({ executorState: { a: 'RUNNING', b: 'BUSY', c: 1 } })).toEqual({ a: 'RUNNING' });
    expect(readExecutorStates(undefined)).toEqual({});
  });
});

describe('the Events about executors', () => {
  const resource = { namespace: 'etl', name: 'pi', uid: 'uid' };

  it('are one for each state, with some of the names', () => {
    const now = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`e${index}`, 'RUNNING'])) as ExecutorStates;
    const events = executorEvents(resource, { e0: 'PENDING', x: 'RUNNING' }, { ...now, x: 'FAILED' });
    expect(events.map(({ type, reason, message }) => `${type} ${reason} ${message}`)).toEqual([
      'Normal SparkExecutorRunning Executors [e0, e1, e2, e3, e4] and 2 more are running',
      'Warning SparkExecutorFailed Executor [x] failed',
    ]);
  });

  it('stay the same where nothing has changed', () => {
    expect(executorEvents(resource, { a: 'RUNNING' }, { a: 'RUNNING' })).toEqual([]);
  });
});
