import type { WorkflowExecutionDescription } from '@temporalio/client';
import { SPARK_PIPELINE_WORKFLOW, sparkApplicationWorkflowId, sparkPipelineWorkflowId } from '../protocol/index.ts';
import { closest } from '../validation/closest.ts';
import { CliError, ExitCode } from './exit-code.ts';
import type { Temporal } from './temporal.ts';

/** Names that are compared for a suggestion. */
const COMPARED = 1_000;
const SUGGESTED = 3;

export interface FoundExecution {
  readonly workflowId: string;
  readonly isPipeline: boolean;
  readonly description: WorkflowExecutionDescription;
}

/**
 * The application, pipeline run or stage that a name stands for. Of several candidates the first that exists counts.
 *
 * @param given such as `pi`, `etl/pi`, `weekly/monday`, `weekly/monday/transform`, or a workflow id
 * @throws CliError with the names that are similar, where none exists
 */
export async function findExecution(
  temporal: Temporal,
  given: string,
  namespace: string | undefined,
): Promise<FoundExecution> {
  const { client } = temporal;
  for (const candidate of candidateIds(given, namespace)) {
    const workflowId = await existingId(temporal, candidate);
    try {
      const description = await client.workflow.getHandle(workflowId).describe();
      return { workflowId, description, isPipeline: description.type === SPARK_PIPELINE_WORKFLOW };
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
    }
  }
  throw new CliError(ExitCode.BadInput, await notFound(temporal, given, namespace));
}

/** The workflow ids that a name may stand for, the likeliest first. */
export function candidateIds(given: string, namespace?: string): readonly string[] {
  const parts = given.split('/');
  const [first = '', second = '', third = ''] = parts;
  const own = namespace ?? 'default';
  if ((first === 'spark' && parts.length === 3) || (first === 'pipeline' && parts.length > 2)) return [given];
  const inOwn = `pipeline/${own}/${given}`;
  const full = `pipeline/${given}`;
  switch (parts.length) {
    case 1:
      return [sparkApplicationWorkflowId(own, first), given];
    case 2: {
      const run = sparkPipelineWorkflowId(own, first, second);
      return namespace === undefined ? [sparkApplicationWorkflowId(first, second), run, given] : [run, given];
    }
    default:
      return third === '' ? [given] : [inOwn, full, given];
  }
}

/** Runs that 0.1 started have no namespace in their ids. */
async function existingId({ spark }: Temporal, candidate: string): Promise<string> {
  return candidate.startsWith('pipeline/') ? (await spark.pipelines.find(candidate)).workflowId : candidate;
}

async function notFound(temporal: Temporal, given: string, namespace: string | undefined): Promise<string> {
  const candidates = candidateIds(given, namespace);
  const named = candidates.length === 1 ? candidates : candidates.filter((id) => id !== given);
  const missing = `"${given}" does not exist: no workflow ${named.join(' or ')} in Temporal namespace "${temporal.namespace}".`;
  const similar = await similarNames(temporal, given).catch(() => []);
  const suggestion = similar.length === 0 ? '' : `\nDid you mean ${similar.join(', or ')}?`;
  return `${missing}${suggestion}\nTo list what exists: temporal-spark list, or temporal-spark list pipelines`;
}

/** The same name elsewhere: in another namespace, or the runs of a pipeline; otherwise the name that is most similar. */
async function similarNames({ spark }: Temporal, given: string): Promise<readonly string[]> {
  const lists = await Promise.all([
    spark.list({ kind: 'applications', limit: COMPARED }),
    spark.list({ kind: 'pipelines', limit: COMPARED }),
  ]);
  const names = lists.flatMap(({ executions }) => executions.map(({ workflowId }) => shortName(workflowId)));
  const same = names.filter((name) => name.split('/').includes(given) || name.endsWith(`/${given}`));
  if (same.length > 0) return [...new Set(same)].slice(0, SUGGESTED);
  const byLast = new Map(names.flatMap((name): [string, string][] => [[name.split('/').at(-1)!, name]]));
  const near = closest(given, names) ?? closest(given, [...byLast.keys()]);
  return near === undefined ? [] : [byLast.get(near) ?? near];
}

/** A name that {@link findExecution} finds: without the prefix, and without the namespace "default". */
export function shortName(workflowId: string): string {
  const [, prefix, namespace, rest = ''] = /^(spark|pipeline)\/([^/]+)\/(.+)$/.exec(workflowId) ?? [];
  if (prefix === undefined) return workflowId;
  return namespace === 'default' ? rest : `${namespace}/${rest}`;
}
