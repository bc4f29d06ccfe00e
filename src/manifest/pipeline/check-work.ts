import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { asRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import type { PipelineStage } from './types.ts';
import { unknownName } from './unknown-name.ts';

const WORK = [
  'application',
  'applicationFile',
  'template',
  'pipeline',
  'pipelineFile',
  'workflow',
  'activity',
] as const satisfies readonly (keyof PipelineStage)[];

/** A stage runs exactly one kind of work, and has no field that belongs to another kind. */
export function checkWork(stage: UnknownRecord, at: ProblemPath, { templates }: UnknownRecord): Violation[] {
  const given = WORK.filter((field) => stage[field] !== undefined);
  if (given.length !== 1) {
    return [
      {
        path: given.length === 0 ? at : [...at, given[1]!],
        code: given.length === 0 ? 'required' : 'exclusive',
        message: given.length === 0 ? 'declares nothing to run' : `cannot be combined with ${given[0]}`,
        allowed: `exactly one of ${WORK.join(', ')}`,
      },
    ];
  }
  const [work] = given;
  const violations: Violation[] = [];
  if (work === 'template' && typeof stage['template'] === 'string') {
    const names = Object.keys(asRecord(templates));
    if (!names.includes(stage['template'])) {
      violations.push(unknownName([...at, 'template'], 'is not one of spec.templates', stage['template'], names));
    }
  }
  if (work === 'applicationFile' || work === 'pipelineFile') {
    violations.push({
      path: [...at, work],
      code: 'unresolved_file',
      message: 'was not read before the manifest was submitted',
      remedy: 'start the pipeline with the CLI, which reads it, or replace it with its content',
    });
  }
  const only = (field: string, allowed: readonly string[]): void => {
    if (stage[field] === undefined || allowed.includes(work!)) return;
    violations.push({
      path: [...at, field],
      code: 'not_supported',
      message: `has no meaning for a stage with ${work}`,
      allowed: `only with ${allowed.join(' or ')}`,
    });
  };
  only('overrides', ['template', 'applicationFile']);
  only('parameters', ['pipeline', 'pipelineFile']);
  only('terminateAfterSeconds', ['workflow', 'activity']);
  only('outputsFrom', ['application', 'applicationFile', 'template']);
  if (stage['outputsFrom'] !== undefined && stage['outputs'] === undefined) {
    violations.push({
      path: [...at, 'outputsFrom'],
      code: 'required',
      message: 'has no meaning without outputs',
      remedy: 'declare their names and types in outputs',
    });
  }
  if (work === 'pipeline' || work === 'pipelineFile') {
    if (stage['outputs'] !== undefined) {
      violations.push({
        path: [...at, 'outputs'],
        code: 'not_supported',
        message: 'has no meaning for a nested pipeline',
        remedy: 'the outputs of the nested pipeline are those of the stage',
      });
    }
  }
  return violations;
}
