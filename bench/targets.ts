/** The target for a figure of a benchmark. */
export interface Target {
  readonly figure: string;
  /** Minimum. */
  readonly least?: number;
  /** Exclusive maximum. */
  readonly below?: number;
}

/** Of `submission`: what a dry run adds to a submission whose template is known, in percent of its CPU. */
export const SUBMISSION_TARGETS: readonly Target[] = [{ figure: 'knownDryRunPercent', below: 10 }];

/** Of `submitters`, on one machine and in one run. */
export const SUBMITTERS_TARGETS: readonly Target[] = [
  { figure: 'nativeRateOverSparkSubmit', least: 60 },
  { figure: 'batchRateOverSparkSubmit', least: 60 },
  { figure: 'sparkSubmitCpuOverNative', least: 100 },
  { figure: 'sparkSubmitCpuOverBatch', least: 100 },
  { figure: 'batchWritesSavedPercent', least: 25 },
  { figure: 'rssGrownMiB', below: 50 },
];

/**
 * Of `manifest`. Checking is what is ours: of a YAML text, three quarters of the time are the parser's, and a workflow is
 * given data.
 */
export const MANIFEST_TARGETS: readonly Target[] = [
  { figure: 'manifestDataMs', below: 0.5 },
  { figure: 'translationsPerSecond', least: 2000 },
  { figure: 'validateFilesSeconds', below: 8 },
];

/** Of `pipeline`, whatever its size. */
export const PIPELINE_TARGETS: readonly Target[] = [
  { figure: 'lost', below: 1 },
  { figure: 'doubled', below: 1 },
];

/** Of `scale`, on two cores; printed next to the values. */
export const SCALE_TARGETS: readonly Target[] = [
  { figure: 'burst.overOperator', least: 65 },
  { figure: 'burst.ofCeiling', least: 85 },
  { figure: 'burst.workerOverEmptyWorker', below: 1.5 },
  { figure: 'burst.temporalOverEmpty', below: 1.3 },
  { figure: 'burst.idleStartP50', below: 60 },
  // Of 5,000 running.
  { figure: 'held.peak.worker', below: 1024 },
  { figure: 'held.rest.worker', below: 15 },
  { figure: 'held.rest.temporal', below: 30 },
  // Of 2,000 running.
  { figure: 'recovery.readyToRecorded', below: 60 },
  { figure: 'recovery.lost', below: 1 },
  { figure: 'recovery.doubled', below: 1 },
  { figure: 'growth.lastOverFirst', below: 1.2 },
];

/** Of `operator`, on two cores; printed next to the values. */
export const OPERATOR_TARGETS: readonly Target[] = [
  { figure: 'burst.ofSdk', least: 90 },
  // At most four; lists that all applications share are counted, too.
  { figure: 'burst.callsMore', below: 4.2 },
  // Of 5,000 resources.
  { figure: 'held.rssMore', below: 150 },
  { figure: 'held.caughtUp', below: 30 },
];

/** Of `logs`: one worker follows 500 drivers. */
export const LOGS_TARGETS: readonly Target[] = [
  { figure: 'rssMoreMiB', below: 200 },
  { figure: 'awayRssMoreMiB', below: 200 },
  { figure: 'incomplete', below: 1 },
  { figure: 'bytesLost', below: 1 },
];

/** Of `cli`: what users wait for. */
export const CLI_TARGETS: readonly Target[] = [
  { figure: 'helpSeconds', below: 0.15 },
  { figure: 'validateFilesSeconds', below: 8 },
  { figure: 'listSeconds', below: 2 },
  { figure: 'listPeakMiB', below: 200 },
];

/** Each target that these figures miss, in words; one whose figure is absent, or not a number, is missed. */
export function missedTargets(figures: Readonly<Record<string, number>>, targets: readonly Target[]): string[] {
  return targets.flatMap(({ figure, least = -Infinity, below = Infinity }) => {
    const value = figures[figure] ?? NaN;
    if (value >= least && value < below) return [];
    const wanted = least === -Infinity ? `less than ${below}` : `at least ${least}`;
    return [`${figure} is ${value}, and should be ${wanted}`];
  });
}
