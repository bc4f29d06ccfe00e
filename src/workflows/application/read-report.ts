import type { DriverProgressReport, ExecutorCounts, SparkProgress, StageProgress } from '../../protocol/index.ts';
import { asRecord, isRecord } from '../../validation/unknown-data.ts';

const MAX_STAGES = 3;
const MAX_TEXT = 200;

/** A report of the wait for the driver; undefined for what is not one, because any client can send the signal. */
export function readProgressReport(given: unknown): DriverProgressReport | undefined {
  const { submissionId, executors, progress } = asRecord(given);
  const counts = readExecutorCounts(executors);
  if (!isText(submissionId) || counts === undefined) return undefined;
  if (progress === undefined) return { submissionId, executors: counts };
  const read = readProgress(progress);
  return read && { submissionId, executors: counts, progress: read };
}

function readExecutorCounts(given: unknown): ExecutorCounts | undefined {
  return readCounts(given, ['pending', 'running', 'succeeded', 'failed']);
}

function readProgress(given: unknown): SparkProgress | undefined {
  const { jobs, stages, tasks, runningStages, observedAt } = asRecord(given);
  const stageCounts = readCounts(stages, ['completed', 'running', 'total']);
  const taskCounts = readCounts(tasks, ['completed', 'running', 'failed', 'total']);
  if (!isCount(jobs) || stageCounts === undefined || taskCounts === undefined || !isText(observedAt)) return undefined;
  if (!Array.isArray(runningStages) || runningStages.length > MAX_STAGES) return undefined;
  const running = runningStages.flatMap((each) => readStage(each) ?? []);
  if (running.length < runningStages.length) return undefined;
  return { jobs, stages: stageCounts, tasks: taskCounts, runningStages: running, observedAt };
}

function readStage(given: unknown): StageProgress | undefined {
  const { name } = asRecord(given);
  const counts = readCounts(given, ['id', 'completed', 'total']);
  return isText(name) && counts !== undefined ? { ...counts, name } : undefined;
}

function readCounts<K extends string>(given: unknown, names: readonly K[]): Record<K, number> | undefined {
  if (!isRecord(given)) return undefined;
  const counts = Object.fromEntries(names.map((name) => [name, given[name]])) as Record<K, unknown>;
  return Object.values(counts).every(isCount) ? (counts as Record<K, number>) : undefined;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT;
