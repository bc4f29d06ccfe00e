import { checkSchema } from '../../validation/check-schema.ts';
import type { FoundProblem, ProblemPath, Violation } from '../../validation/problem.ts';
import { valueAt } from '../../validation/problems.ts';
import { homesOfField } from '../field-homes.ts';
import { API_VERSION, sparkApplicationSchema, type SparkApplication } from '../spark-application.ts';
import { asRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import { nameOf } from './check-expressions.ts';
import type { ExpressionTypes } from './expression.ts';
import { renderApplication, onlyExpression } from './template.ts';

/** Finds the problems of an application that is valid by its schema: problems of code `REFUSED`. */
export type FindRefusals = (application: SparkApplication) => readonly FoundProblem[];
export const REFUSED = 'refused';

interface Origin {
  /** Path of the application or its template. */
  readonly origin: ProblemPath;
  /** What is merged over its spec, and the path of that. */
  readonly overrides?: { readonly at: ProblemPath; readonly value: UnknownRecord };
  /** The stage that runs it. */
  readonly stage: ProblemPath;
  readonly typeOf: ExpressionTypes;
  readonly refusals?: FindRefusals | undefined;
}

/**
 * The problems of a stage's application, with their paths. The value of an expression is known only when the stage
 * runs, so only the type of such a field is checked; the complete application is checked before it is submitted.
 */
export function checkApplication(application: UnknownRecord, origin: Origin): Violation[] {
  const { refusals = () => [], typeOf } = origin;
  const written = asRecord(
    renderApplication(
      {
        apiVersion: API_VERSION,
        kind: 'SparkApplication',
        metadata: { name: 'name', ...asRecord(application['metadata']) },
        spec: application['spec'],
      },
      (expression) => sampleOf(typeOf, expression),
    ),
  );
  const result = checkSchema(sparkApplicationSchema, written, { homes: homesOfField });
  if (!('problems' in result)) {
    // A sample in place of an expression may violate a rule itself, or a limit that the value must stay below.
    const isWhole = !JSON.stringify(application['spec']).includes('${{');
    return refusals(result.value)
      .filter(({ path }) => expressionAt(application, path) === undefined && (isWhole || !isLimit(path)))
      .map((problem) => placed(problem, origin));
  }
  return result.problems.flatMap((problem) => {
    const expression = expressionAt(application, problem.path);
    if (expression === undefined) return [placed(problem, origin)];
    const checked = typeOf.check(expression);
    if (problem.code !== 'wrong_type' || !('type' in checked) || checked.type === 'dyn') return [];
    const message = `${problem.message.replace(/, not .*$/s, '')}, but \`${expression}\` is ${nameOf(checked.type)}`;
    return [placed({ path: problem.path, code: problem.code, message }, origin)];
  });
}

/** A value that another, which an expression may be, must stay below. */
const isLimit = (path: ProblemPath): boolean => path.at(-1) === 'memoryLimit' || path.at(-1) === 'coreLimit';

/** The expression that a value of the application is, or any expression of a text around it. */
function expressionAt(application: UnknownRecord, path: ProblemPath): string | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const value = valueAt(application, path.slice(0, length));
    if (typeof value === 'string' && value.includes('${{')) return onlyExpression(value) ?? '""';
  }
  return undefined;
}

function placed({ path, value: _, ...explanation }: FoundProblem, { origin, overrides, stage }: Origin): Violation {
  const [root, ...rest] = path;
  const overridden = root === 'spec' && overrides !== undefined && valueAt(overrides.value, rest) !== undefined;
  if (overridden) return { ...explanation, path: [...overrides.at, ...rest] };
  // What a template lacks, the stage may add.
  if (explanation.code === 'required' && origin.includes('templates')) {
    return {
      ...explanation,
      path: [...stage, 'overrides', ...rest],
      message: `${explanation.message} (the template has none)`,
    };
  }
  return { ...explanation, path: [...origin, ...path] };
}

const samples: Readonly<Record<string, unknown>> = { string: 'x', int: 1, double: 1, bool: true };

/** A sample of the type that an expression has; undefined where the type is not known. */
function sampleOf(types: ExpressionTypes, expression: string): unknown {
  const checked = types.check(expression);
  if (!('type' in checked)) return 'x';
  if (checked.type.startsWith('list')) return checked.type === 'list<string>' ? ['x'] : [];
  return checked.type.startsWith('map') ? {} : (samples[checked.type] ?? 'x');
}
