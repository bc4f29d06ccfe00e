import { Context } from '@temporalio/activity';
import type { MetricMeter, MetricTags } from '@temporalio/common';
import { ApplicationFact, type CountedFact, type Counting } from '../protocol/index.ts';
import { ApplicationMetric, applicationMetricCounters } from './application-metric.ts';
import { MetricLabels } from './metric-labels.ts';

/** A driver that runs, as long as a worker waits for its end. */
export interface FollowedDriver {
  /** Its running executors. */
  observe(executors: number): void;
}

interface Running {
  readonly tags: MetricTags;
  applications: number;
  executors: number;
}

interface Measured extends Counting {
  readonly namespace: string;
}

/**
 * Counts what the records of applications have new. It is in the input of an activity; its first try counts it, so that
 * nothing is counted twice, whatever happens to workers. What a worker has counted since it was last scraped ends with it.
 */
export class ApplicationMetrics {
  private readonly labels: MetricLabels;
  /** Of the process; the meter of an activity adds tags of its own. */
  private meter: MetricMeter | undefined;
  /** By labels. */
  private readonly running = new Map<string, Running>();

  /**
   * @param labels of applications that metrics carry (`MetricLabels`)
   * @throws RangeError with every problem of the labels
   */
  constructor(labels: readonly string[] = []) {
    this.labels = new MetricLabels(labels);
  }

  /** Counts with the meter of the process; first zeros, so that the first increase is one. */
  begin(meter: MetricMeter): void {
    this.meter = meter;
    // The values of labels are not known yet.
    if (this.labels.names.length > 0) return;
    for (const name of applicationMetricCounters) this.add(name, 0, {});
    this.show({ tags: {}, applications: 0, executors: 0 });
  }

  count({ namespace, counts }: Measured): void {
    if (counts?.facts === undefined || Context.current().info.attempt > 1) return;
    const tags = this.tagsOf(namespace, counts.labels);
    for (const fact of counts.facts) this.countFact(fact, tags);
  }

  /** Counts the driver as running until the work has ended. */
  async following<T>({ namespace, counts }: Measured, work: (driver: FollowedDriver) => Promise<T>): Promise<T> {
    const tags = this.tagsOf(namespace, counts?.labels);
    const key = JSON.stringify(tags);
    const running = this.running.get(key) ?? { tags, applications: 0, executors: 0 };
    this.running.set(key, running);
    let executors = 0;
    const change = (applications: number, executorsNow: number): void => {
      running.applications += applications;
      running.executors += executorsNow - executors;
      executors = executorsNow;
      this.show(running);
    };
    change(1, 0);
    try {
      return await work({ observe: (now) => change(0, now) });
    } finally {
      change(-1, 0);
    }
  }

  private countFact(fact: CountedFact, tags: MetricTags): void {
    switch (fact.fact) {
      case ApplicationFact.Created:
        return this.add(ApplicationMetric.Count, 1, tags);
      case ApplicationFact.Submitted:
        this.add(ApplicationMetric.SubmitCount, 1, tags);
        this.record(ApplicationMetric.SubmitLatency, fact.latencySeconds, tags);
        return this.record(ApplicationMetric.SubmitLatencyHistogram, fact.latencySeconds, tags);
      case ApplicationFact.SubmissionFailed:
        return this.add(ApplicationMetric.FailedSubmissionCount, 1, tags);
      case ApplicationFact.Started:
        this.record(ApplicationMetric.StartLatency, fact.latencySeconds, tags);
        return this.record(ApplicationMetric.StartLatencyHistogram, fact.latencySeconds, tags);
      case ApplicationFact.DriverEnded:
        this.add(ApplicationMetric.ExecutorSuccessCount, fact.succeeded, tags);
        return this.add(ApplicationMetric.ExecutorFailureCount, fact.failed, tags);
      case ApplicationFact.Completed:
        this.add(ApplicationMetric.SuccessCount, 1, tags);
        return this.record(ApplicationMetric.SuccessExecutionTime, fact.executionSeconds, tags);
      case ApplicationFact.Failed:
        this.add(ApplicationMetric.FailureCount, 1, tags);
        return this.record(ApplicationMetric.FailureExecutionTime, fact.executionSeconds, tags);
      default:
        // Of a later version of the workflows.
        fact satisfies never;
    }
  }

  private show({ tags, applications, executors }: Running): void {
    const meter = this.currentMeter();
    meter.createGauge(ApplicationMetric.RunningCount).set(applications, tags);
    meter.createGauge(ApplicationMetric.ExecutorRunningCount).set(executors, tags);
  }

  private add(name: ApplicationMetric, value: number, tags: MetricTags): void {
    this.currentMeter().createCounter(name).add(value, tags);
  }

  private record(name: ApplicationMetric, seconds: number | undefined, tags: MetricTags): void {
    // A node's time that cannot be read is null by now.
    if (typeof seconds === 'number') this.currentMeter().createHistogram(name, 'float', 's').record(seconds, tags);
  }

  private tagsOf(namespace: string, labels: unknown): MetricTags {
    return this.labels.names.length === 0 ? {} : this.labels.of(namespace, labels);
  }

  private currentMeter(): MetricMeter {
    return this.meter ?? Context.current().metricMeter;
  }
}
