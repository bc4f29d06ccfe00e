import { Context } from '@temporalio/activity';
import type { KubernetesClient } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { driverProgressSignal, type DriverProgressReport, type ReportedProgress } from '../../protocol/index.ts';
import { DriverProgress } from './driver-progress.ts';
import { present } from '../../validation/present.ts';

const DEADLINE_MS = 5_000;

/**
 * Reports the driver's progress to its workflow, for its page in Temporal's UI. Each report costs four events of
 * history, so the intervals double: nothing in the first half minute, seven times in the first hour, eighteen in two
 * months.
 */
export class ProgressReports {
  private readonly progress: DriverProgress;
  private readonly kubernetes: KubernetesClient;
  private readonly timings: Timings;
  private readonly context = Context.current();
  private reportedAt: number | undefined;
  private lastReport: string | undefined;

  constructor(kubernetes: KubernetesClient, timings: Timings = DEFAULT_TIMINGS) {
    this.progress = new DriverProgress(kubernetes, timings);
    this.kubernetes = kubernetes;
    this.timings = timings;
    this.reportedAt = (this.context.info.heartbeatDetails as ReportedProgress | undefined)?.reportedAt;
  }

  /**
   * The known progress of a running driver; also sends a report to the workflow when one is due.
   *
   * @param startedAt by the API server's clock, in milliseconds since the epoch
   */
  of(pod: Pod, startedAt: number, report: Pick<DriverProgressReport, 'submissionId' | 'executors'>): ReportedProgress {
    const progress = this.progress.of(pod, startedAt);
    const known = present({ progress });
    if (this.isDue(startedAt)) void this.send({ ...report, ...known });
    return {
      ...known,
      ...present({ reportedAt: this.reportedAt }),
    };
  }

  close(): void {
    this.progress.close();
  }

  private isDue(startedAt: number): boolean {
    const { progressReportMs } = this.timings;
    const afterMs = this.reportedAt === undefined ? progressReportMs : 2 * (this.reportedAt - startedAt);
    return this.kubernetes.now() - startedAt >= afterMs;
  }

  /** Nothing depends on it: what fails is left for the next time. */
  private async send(report: DriverProgressReport): Promise<void> {
    const news = JSON.stringify(report, (key, value: unknown) => (key === 'observedAt' ? undefined : value));
    if (news === this.lastReport) return;
    this.reportedAt = this.kubernetes.now();
    this.lastReport = news;
    const { info, log } = this.context;
    const { workflowId, runId } = info.workflowExecution!;
    try {
      const { client } = this.context;
      await client.withDeadline(Date.now() + DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId, runId).signal(driverProgressSignal, report),
      );
    } catch (error) {
      log.info('Cannot report the progress of the driver to its workflow', { error });
    }
  }
}
