import { describe, expect, it } from 'vitest';
import { createSparkActivities } from '../../../src/activities/index.ts';
import { DEFAULT_TIMINGS, SparkPlugin, sparkWorkerOptions, type Timings } from '../../../src/worker.ts';
import { APPLICATION_TIMINGS, carriedTimings, receivedTimings, resolveTimings } from '../../../src/timings/index.ts';

describe('timings', () => {
  it('are the defaults, with what is given in their place', () => {
    expect(resolveTimings()).toEqual(DEFAULT_TIMINGS);
    expect(resolveTimings({ retryMs: 100 })).toEqual({ ...DEFAULT_TIMINGS, retryMs: 100 });
    expect(resolveTimings({ retryMs: undefined } as unknown as Partial<Timings>)).toEqual(DEFAULT_TIMINGS);
  });

  it('cannot be changed', () => {
    for (const timings of [DEFAULT_TIMINGS, resolveTimings({ retryMs: 100 })])
      expect(Object.isFrozen(timings)).toBe(true);
  });

  it.each([
    [0, '0'],
    [-1, '-1'],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [2 ** 31, '2147483648'],
    ['5s', '"5s"'],
    [null, 'null'],
  ])('must be durations, which %s is not', (value, text) => {
    expect(() => resolveTimings({ retryMs: value } as Partial<Timings>)).toThrow(
      new RangeError(`invalid timings: retryMs must be a number of milliseconds from 1 to 2147483647, not ${text}`),
    );
  });

  it('are rejected with every problem, and unknown ones with those that are known', () => {
    const timings = { retryMs: 0, heartbeatMs: 3_000, toString: 1 };
    expect(() => resolveTimings(timings)).toThrow(
      /retryMs must be .*; heartbeatMs is unknown; known: problemReportMs, .*; toString is unknown/,
    );
  });

  it('are checked where they are given: by the plugin, the activities and the options of a worker', () => {
    const timings = { retryMs: -1 };
    const kubernetes = () => Promise.reject(new Error('not asked'));
    const options = { taskQueue: 'q', temporalNamespace: 'n', maxConcurrentActivities: 1, shutdownGraceMs: 1 };
    expect(() => new SparkPlugin({ timings })).toThrow(RangeError);
    expect(() => createSparkActivities({ kubernetes, timings })).toThrow(RangeError);
    expect(() => sparkWorkerOptions({ ...options, timings })).toThrow(RangeError);
    expect(sparkWorkerOptions(options).maxHeartbeatThrottleInterval).toBe(5_000);
    expect(sparkWorkerOptions({ ...options, timings: { heartbeatThrottleMs: 500 } }).maxHeartbeatThrottleInterval).toBe(
      500,
    );
  });
});

describe('what a workflow is given of them', () => {
  it('is what it needs and what differs from the defaults', () => {
    expect(carriedTimings(DEFAULT_TIMINGS, APPLICATION_TIMINGS)).toEqual({});
    const timings = resolveTimings({ retryMs: 100, heartbeatTimeoutMs: 30_000, logTimeoutMs: 1 });
    expect(carriedTimings(timings, APPLICATION_TIMINGS)).toEqual({ timings: { retryMs: 100 } });
  });

  it('replaces the defaults there', () => {
    expect(receivedTimings()).toBe(DEFAULT_TIMINGS);
    expect(receivedTimings({ timings: { retryMs: 100 } })).toEqual({ ...DEFAULT_TIMINGS, retryMs: 100 });
  });
});
