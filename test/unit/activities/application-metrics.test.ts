import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { ApplicationMetrics, problemsOfMetricLabels } from '../../../src/activities/index.ts';
import type { Counting } from '../../../src/protocol/index.ts';
import { recordedMeter } from '../../support/recorded-meter.ts';

type Facts = NonNullable<Counting['counts']>['facts'];

const plain: Facts = [
  { fact: 'created' },
  { fact: 'submitted', latencySeconds: 1.5 },
  { fact: 'started', latencySeconds: 40 },
  { fact: 'driver-ended', succeeded: 2, failed: 1 },
  { fact: 'completed', executionSeconds: 65 },
];

function counting(labels: readonly string[] = []) {
  const metrics = new ApplicationMetrics(labels);
  const meter = recordedMeter();
  metrics.begin(meter);
  const count = (counts: NonNullable<Counting['counts']>, attempt = 1): Promise<void> =>
    new MockActivityEnvironment({ attempt }).run(async () => metrics.count({ namespace: 'etl', counts }));
  return { metrics, meter, count };
}

describe('the metrics of applications', () => {
  it('begin with zeros, so that the first increase is one', () => {
    const { meter } = counting();
    expect(Object.fromEntries(meter.values)).toEqual({
      spark_application_count: 0,
      spark_application_submit_count: 0,
      spark_application_failed_submission_count: 0,
      spark_application_running_count: 0,
      spark_application_success_count: 0,
      spark_application_failure_count: 0,
      spark_executor_running_count: 0,
      spark_executor_success_count: 0,
      spark_executor_failure_count: 0,
    });
  });

  it('count each fact, with its seconds under both names of the operator', async () => {
    const { meter, count } = counting();
    await count({ facts: plain });
    await count({ facts: [{ fact: 'submission-failed' }, { fact: 'failed', executionSeconds: 3 }] });
    expect(Object.fromEntries(meter.values)).toMatchObject({
      spark_application_count: 1,
      spark_application_submit_count: 1,
      spark_application_failed_submission_count: 1,
      spark_application_success_count: 1,
      spark_application_failure_count: 1,
      spark_executor_success_count: 2,
      spark_executor_failure_count: 1,
    });
    expect(Object.fromEntries(meter.observations)).toEqual({
      spark_application_submit_latency_seconds: [1.5],
      spark_application_submit_latency_seconds_histogram: [1.5],
      spark_application_start_latency_seconds: [40],
      spark_application_start_latency_seconds_histogram: [40],
      spark_application_success_execution_time_seconds: [65],
      spark_application_failure_execution_time_seconds: [3],
    });
  });

  it('count nothing in a further try of an activity', async () => {
    const { meter, count } = counting();
    await count({ facts: plain }, 2);
    expect(new Set(meter.values.values())).toEqual(new Set([0]));
    expect(meter.observations.size).toBe(0);
  });

  it('observe no latency of a driver that is not the first', async () => {
    const { meter, count } = counting();
    await count({ facts: [{ fact: 'submitted' }, { fact: 'started' }] });
    expect(meter.values.get('spark_application_submit_count')).toBe(1);
    expect(meter.observations.size).toBe(0);
  });

  it('show the drivers that are followed, with their executors, until each has ended', async () => {
    const { metrics, meter } = counting();
    const shown = () =>
      ['application', 'executor'].map((what) => meter.values.get(`spark_${what}_running_count`)).join(' and ');
    await metrics.following({ namespace: 'etl' }, async (first) => {
      first.observe(3);
      await expect(
        metrics.following({ namespace: 'ml' }, async (second) => {
          second.observe(2);
          second.observe(1);
          expect(shown()).toBe('2 and 4');
          throw new Error('the wait failed');
        }),
      ).rejects.toThrow('the wait failed');
      expect(shown()).toBe('1 and 3');
    });
    expect(shown()).toBe('0 and 0');
  });
});

describe('labels of applications', () => {
  it('become labels of the metrics, with the value Unknown where an application has none', async () => {
    const { meter, count } = counting(['app.kubernetes.io/team', 'namespace', 'tier']);
    expect(meter.values.size).toBe(0);
    await count({ labels: { 'app.kubernetes.io/team': 'core', other: 'x' }, facts: [{ fact: 'created' }] });
    expect([...meter.values.keys()]).toEqual([
      'spark_application_count{app_kubernetes_io_team="core",namespace="etl",tier="Unknown"}',
    ]);
  });

  it.each([null, 'text', [], { team: null }, { team: 7 }, { team: 'x'.repeat(64) }, { team: 'two words' }])(
    'that are not labels count as absent: %j',
    async (labels) => {
      const { meter, count } = counting(['team']);
      await count({ labels: labels as never, facts: [{ fact: 'created' }] });
      expect([...meter.values.keys()]).toEqual(['spark_application_count{team="Unknown"}']);
    },
  );

  it('take no name from the prototype of an object', async () => {
    const { meter, count } = counting(['constructor']);
    await count({ labels: { x: 'y' }, facts: [{ fact: 'created' }] });
    expect([...meter.values.keys()]).toEqual(['spark_application_count{constructor="Unknown"}']);
  });

  it('have the value Other once their combinations are too many', async () => {
    const { meter, count } = counting(['run']);
    for (let run = 0; run < 1_002; run += 1) {
      await count({ labels: { run: String(run) }, facts: [{ fact: 'created' }] });
    }
    expect(meter.values.size).toBe(1_001);
    expect(meter.values.get('spark_application_count{run="Other"}')).toBe(2);
  });

  it.each([
    [['a.b', 'a-b'], '"a.b" and "a-b" are both a_b'],
    [['7up'], '"7up" is not a name of a metric\'s label'],
    [['job'], '"job" is a label that Prometheus or Temporal sets'],
    [Array.from({ length: 11 }, (_, index) => `l${index}`), '11 labels; the limit is 10'],
  ])('are refused where they cannot be names: %j', (labels, problem) => {
    expect(problemsOfMetricLabels(labels)).toEqual([problem]);
    expect(() => new ApplicationMetrics(labels)).toThrow(problem);
  });
});
