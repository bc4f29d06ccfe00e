import { sparkPipelineWorkflowId } from '../protocol/index.ts';

/** A run of a pipeline by its names, or by the id of its workflow, `pipeline/<namespace>/<name>/<run>`. */
export type PipelineReference =
  | string
  | {
      /** Of Kubernetes. @default "default" */
      readonly namespace?: string;
      readonly name: string;
      readonly run: string;
    };

export function pipelineWorkflowId(reference: PipelineReference): string {
  if (typeof reference === 'string') return reference;
  const { namespace = 'default', name, run } = reference;
  return sparkPipelineWorkflowId(namespace, name, run);
}
