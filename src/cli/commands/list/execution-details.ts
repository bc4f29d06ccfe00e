import type { ListedExecution, SparkClient } from '../../../client/index.ts';

/** Applications that are read at once. */
const CONCURRENT = 16;
const BUDGET_MS = 10_000;

/** What a list does not have. */
export interface ExecutionDetails {
  readonly attempts?: number;
  readonly exitCode?: number;
  readonly reason?: string;
}

export interface DetailsOptions {
  /** No read begins later; one may take 5 s, where no worker answers. @default 10000 */
  readonly budgetMs?: number;
}

/** Attempts, exit codes and reasons of the first applications, as many as can be read in the time. */
export async function detailsOf(
  spark: Pick<SparkClient, 'describe'>,
  executions: readonly ListedExecution[],
  { budgetMs = BUDGET_MS }: DetailsOptions = {},
): Promise<readonly ExecutionDetails[]> {
  const details: ExecutionDetails[] = [];
  const end = performance.now() + budgetMs;
  const rest = executions.entries();
  const read = async () => {
    while (performance.now() < end) {
      const { value } = rest.next();
      if (value === undefined) return;
      const [index, execution] = value;
      details[index] = await detailOf(spark, execution);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, read));
  return details;
}

/** Of the newest run of the id; nothing of an older one. */
async function detailOf(
  spark: Pick<SparkClient, 'describe'>,
  { workflowId, runId }: ListedExecution,
): Promise<ExecutionDetails> {
  try {
    const { status, failure, ...description } = await spark.describe(workflowId);
    if (description.runId !== runId) return {};
    return status ?? (failure?.type === undefined ? {} : { reason: failure.type });
  } catch {
    return {};
  }
}
