import { CliError, ExitCode } from './exit-code.ts';
import { findExecution } from './find-execution.ts';
import type { Temporal } from './temporal.ts';

/** The commands that do the same to the other kind. */
const instead = {
  pipeline: {
    kill: 'pipeline cancel',
    suspend: 'pipeline pause',
    resume: 'pipeline resume',
    restart: 'pipeline rerun',
    retry: 'pipeline rerun',
  },
  application: { pause: 'suspend', resume: 'resume', cancel: 'kill', rerun: 'retry', draw: 'describe' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** @throws CliError where it does not exist, or is a pipeline run, with the command for these */
export async function findApplication(
  temporal: Temporal,
  given: string,
  { namespace, verb }: { readonly namespace?: string | undefined; readonly verb: keyof typeof instead.pipeline },
): Promise<string> {
  const { workflowId, isPipeline } = await findExecution(temporal, given, namespace);
  if (!isPipeline) return workflowId;
  throw wrongKind(`Cannot ${verb} ${workflowId}: it is a pipeline run`, instead.pipeline[verb], workflowId);
}

/** @throws CliError where it does not exist, or is an application, with the command for these */
export async function findPipelineRun(
  temporal: Temporal,
  given: string,
  { namespace, verb }: { readonly namespace?: string | undefined; readonly verb: keyof typeof instead.application },
): Promise<string> {
  const { workflowId, isPipeline } = await findExecution(temporal, given, namespace);
  if (isPipeline) return workflowId;
  throw wrongKind(`Cannot ${verb} ${workflowId}: it is not a pipeline run`, instead.application[verb], workflowId);
}

const wrongKind = (what: string, command: string, workflowId: string): CliError =>
  new CliError(ExitCode.BadInput, `${what}; use:  temporal-spark ${command} ${workflowId}`);
