/** The workflow that is the application: one may run at a time. */
export function sparkApplicationWorkflowId(namespace: string, name: string): string {
  return `spark/${namespace}/${name}`;
}

/** One run of a pipeline. Runs sort by time where `run` begins with one. */
export function sparkPipelineWorkflowId(name: string, run: string): string {
  return `pipeline/${name}/${run}`;
}

/** The child workflow of a unit: a stage, or `stage/item`, the item's number in as many digits as the last one has. */
export function stageWorkflowId(pipelineWorkflowId: string, unit: string): string {
  return `${pipelineWorkflowId}/${unit}`;
}

/**
 * Which run of a pipeline a workflow is: what follows the pipeline's name, or the full id of a run started under
 * another.
 */
export function runOfPipeline(workflowId: string): string {
  return workflowId.split('/').slice(2).join('/') || workflowId;
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
  /** Kubernetes namespace of an application. */
  readonly namespace?: string;
  readonly application?: string;
  readonly pipeline?: string;
}

/** Reads `spark/<namespace>/<name>`, `pipeline/<name>/<run>` and `pipeline/<name>/<run>/<stage>`. */
export function factsOfWorkflowId(workflowId: string): WorkflowIdFacts {
  const [prefix, first, second] = workflowId.split('/');
  if (prefix === 'pipeline' && first !== undefined) return { pipeline: first };
  return prefix === 'spark' && second !== undefined ? { namespace: first!, application: second } : {};
}
