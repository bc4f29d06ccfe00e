/** The workflow that is the application: one may run at a time. */
export function sparkApplicationWorkflowId(namespace: string, name: string): string {
  return `spark/${namespace}/${name}`;
}

/** The workflow that creates a run of a `ScheduledSparkApplication` resource; the time it was due is appended. */
export function scheduledRunWorkflowId(namespace: string, name: string): string {
  return `scheduled-run/${namespace}/${name}`;
}

/** One run of a pipeline. Runs sort by time where `run` begins with one. */
export function sparkPipelineWorkflowId(namespace: string, name: string, run: string): string {
  return `pipeline/${namespace}/${name}/${run}`;
}

/** A name for a run that was given none: the time in UTC to the second and random characters, sortable and unique. */
export function pipelineRunName(now: Date, random: string): string {
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  return `${time.replaceAll(/[-:]/g, '')}-${random}`;
}

/** The id that 0.1 gave the workflow of such an id. Runs that have it are found until 1.0. */
export function oldPipelineWorkflowId(workflowId: string): string | undefined {
  const [prefix, , ...nameAndRun] = workflowId.split('/');
  return prefix === 'pipeline' && nameAndRun.length > 1 ? [prefix, ...nameAndRun].join('/') : undefined;
}

/** The child workflow of a unit: a stage, or `stage/item`, the item's number in as many digits as the last one has. */
export function stageWorkflowId(pipelineWorkflowId: string, unit: string): string {
  return `${pipelineWorkflowId}/${unit}`;
}

/**
 * Which run of a pipeline a workflow is: what follows the pipeline's name, or the full id of a run started under
 * another. An id of 0.1 has no namespace: `pipeline/<name>/<run>`.
 */
export function runOfPipeline(workflowId: string, namespace: string): string {
  const [, first, ...parts] = workflowId.split('/');
  const run = first === namespace && parts.length > 1 ? parts.slice(1) : parts;
  return run.join('/') || workflowId;
}

/** The Temporal Schedule of a pipeline; that of an application has the form of its workflow's id. */
export function sparkPipelineScheduleId(namespace: string, name: string): string {
  return `pipeline/${namespace}/${name}`;
}

/** The queue of a pool: `<pool>`, or `<cluster>/<pool>` where there are several clusters. */
export function admissionWorkflowId(queue: string): string {
  return `admission/${queue}`;
}

export function semaphoreWorkflowId(name: string): string {
  return `semaphore/${name}`;
}

/** The parts of an id of one of these forms. */
export interface WorkflowIdFacts {
  /** Kubernetes namespace of an application or a run of a pipeline. */
  readonly namespace?: string;
  readonly application?: string;
  readonly pipeline?: string;
}

/**
 * Reads `spark/<namespace>/<name>`, `pipeline/<namespace>/<name>/<run>`, `pipeline/<namespace>/<name>/<run>/<stage>`,
 * and the last two as 0.1 made them, without a namespace.
 *
 * @param memo of the workflow: without it, an id of four parts is a run, not a stage of 0.1
 */
export function factsOfWorkflowId(
  workflowId: string,
  memo: { readonly run?: unknown; readonly stage?: unknown } = {},
): WorkflowIdFacts {
  const [prefix, first, second] = workflowId.split('/');
  if (first === undefined || second === undefined) return {};
  if (prefix === 'spark') return { namespace: first, application: second };
  if (prefix !== 'pipeline') return {};
  const end = [memo.run, memo.stage].filter((part) => typeof part === 'string').join('/');
  const isKnown = end !== '' && workflowId.endsWith(`/${end}`);
  const parts = (isKnown ? workflowId.slice(0, -end.length - 1) : workflowId).split('/');
  const hasNamespace = parts.length > (isKnown ? 2 : 3);
  if (!hasNamespace) return { pipeline: first };
  // The application of a stage may be in another namespace.
  return memo.stage === undefined ? { namespace: first, pipeline: second } : { pipeline: second };
}
