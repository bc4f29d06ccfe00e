import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { asList, asRecord, isRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import { findLiteralSecrets } from '../literal-secrets.ts';

/** Fields of a stage that a run passes on; its application is checked as one. */
const PASSED_ON = ['workflow', 'activity', 'parameters', 'forEach'] as const;

/** Literal secrets of a pipeline itself: in defaults of parameters, and in what its stages pass to other work. */
export function checkSecrets(spec: UnknownRecord, at: ProblemPath): Violation[] {
  return [
    ...Object.entries(asRecord(spec['parameters'])).flatMap(([name, parameter]) =>
      findLiteralSecrets({ [name]: asRecord(parameter)['default'] }).map((violation) => ({
        ...violation,
        path: [...at, 'parameters', name, 'default', ...violation.path.slice(1)],
      })),
    ),
    ...asList(spec['stages']).flatMap((item, index) => {
      const stage = asRecord(item);
      const here = [...at, 'stages', index];
      return [
        ...PASSED_ON.flatMap((field) => findLiteralSecrets(stage[field], [...here, field])),
        ...(isRecord(stage['pipeline']) ? checkSecrets(stage['pipeline'], [...here, 'pipeline']) : []),
      ];
    }),
  ];
}
