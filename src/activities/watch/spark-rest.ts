import type { KubernetesClient } from '../../kubernetes/index.ts';
import type { SparkProgress, StageProgress } from '../../protocol/index.ts';
import { restPath, type SparkRestAddress } from '../../spark/driver/endpoint.ts';

const STAGES_SHOWN = 3;
const NAME_LIMIT = 80;
const DEADLINE_MS = 3_000;

/** Of a job, as Spark's REST API has it. */
interface Job {
  readonly stageIds: readonly number[];
  readonly numCompletedStages: number;
  readonly numSkippedStages: number;
  readonly numActiveStages: number;
  readonly numTasks: number;
  readonly numCompletedTasks: number;
  readonly numSkippedTasks: number;
  readonly numActiveTasks: number;
  readonly numFailedTasks: number;
}

interface Stage {
  readonly stageId: number;
  readonly name: string;
  readonly numTasks: number;
  readonly numCompleteTasks: number;
}

/**
 * Asks a driver, through the API server, what runs.
 *
 * @throws KubernetesError where the driver does not answer: no permission, no UI, not up yet
 * @throws TypeError or SyntaxError where its answer is malformed
 */
export async function readProgress(
  kubernetes: KubernetesClient,
  address: SparkRestAddress,
  signal: AbortSignal,
): Promise<SparkProgress> {
  const ask = async <T>(path: string): Promise<readonly T[]> => {
    const { namespace, pod, port } = address;
    const answer: unknown = JSON.parse(
      await kubernetes.getFromPod(namespace, pod, port, restPath(address, path), { signal, timeoutMs: DEADLINE_MS }),
    );
    if (!Array.isArray(answer)) throw new TypeError(`The driver's answer to ${path} is not a list.`);
    return answer as T[];
  };
  // Only what runs: what is over grows with the age of the application.
  const jobs = await ask<Job>('jobs?status=running');
  const stages = jobs.length === 0 ? [] : await ask<Stage>('stages?status=active');
  const sum = (of: (job: Job) => number) => jobs.reduce((total, job) => total + countOf(of(job)), 0);
  return {
    jobs: jobs.length,
    stages: {
      completed: sum((job) => job.numCompletedStages + job.numSkippedStages),
      running: sum((job) => job.numActiveStages),
      total: sum((job) => job.stageIds.length),
    },
    tasks: {
      completed: sum((job) => job.numCompletedTasks + job.numSkippedTasks),
      running: sum((job) => job.numActiveTasks),
      failed: sum((job) => job.numFailedTasks),
      total: sum((job) => job.numTasks),
    },
    runningStages: stages
      .toSorted((a, b) => a.stageId - b.stageId)
      .slice(0, STAGES_SHOWN)
      .map(stageProgress),
    observedAt: new Date().toISOString(),
  };
}

function stageProgress({ stageId, name, numTasks, numCompleteTasks }: Stage): StageProgress {
  return {
    id: countOf(stageId),
    name: String(name).slice(0, NAME_LIMIT),
    completed: countOf(numCompleteTasks),
    total: countOf(numTasks),
  };
}

/** The driver runs a user's code: its answers go into histories and pages, and are checked. */
function countOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new TypeError(`The driver answered ${JSON.stringify(value)?.slice(0, 50)} where a number is expected.`);
}
