import { CliError, ExitCode } from './exit-code.ts';
import { findExecution, shortName } from './find-execution.ts';
import type { NamespaceFlags } from './flags.ts';
import type { Temporal } from './temporal.ts';

export interface FindApplicationOptions extends NamespaceFlags {
  /** That a stage of a pipeline is given to instead. */
  readonly command: string;
}

/**
 * The workflow id of the application or stage that a name stands for.
 *
 * @throws CliError for a run of a pipeline, with its stages
 */
export async function findApplication(
  temporal: Temporal,
  application: string,
  { namespace, command }: FindApplicationOptions,
): Promise<string> {
  const { workflowId, isPipeline } = await findExecution(temporal, application, namespace);
  if (!isPipeline) return workflowId;
  const run = await temporal.spark.pipelines.find(workflowId);
  const name = shortName(workflowId);
  const stages = await run.status().then(
    ({ stages }) => stages.map((stage) => `  temporal-spark ${command} ${name}/${stage.name}`).join('\n'),
    () => `  temporal-spark ${command} ${name}/STAGE`,
  );
  throw new CliError(
    ExitCode.BadInput,
    `${workflowId} is a pipeline run, which has no driver of its own. Its stages:\n${stages}`,
  );
}
