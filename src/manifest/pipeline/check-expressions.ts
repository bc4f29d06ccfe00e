import { didYouMean } from '../../validation/closest.ts';
import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { isRecord } from '../../validation/unknown-data.ts';
import { shownExpression, type Checked, type ExpressionTypes } from './expression.ts';
import { isUnclosed, templateTexts, onlyExpression } from './template.ts';
import { isAssignable, isOfType, type ValueType } from './value-type.ts';
import { present } from '../../validation/present.ts';

/** The names that expressions at one place may use. */
export interface ExpressionScope {
  readonly types: ExpressionTypes;
  /** All stages of the pipeline. */
  readonly stages: readonly string[];
  /** The stages that have ended by then; absent where all have. */
  readonly ancestors?: ReadonlySet<string>;
}

/** Checks that every expression inside a value is valid and uses only known names. */
export function checkExpressions(value: unknown, at: ProblemPath, scope: ExpressionScope): Violation[] {
  return [
    ...templateTexts(value).flatMap(({ path, expressions }) =>
      expressions.flatMap((expression) => checkExpression(expression, [...at, ...path], scope)),
    ),
    ...unclosed(value, at),
  ];
}

/** As `checkExpressions`; also checks that the value, or the result of its expression, has a type. */
export function checkTyped(value: unknown, type: ValueType, at: ProblemPath, scope: ExpressionScope): Violation[] {
  const problems = checkExpressions(value, at, scope);
  if (problems.length > 0) return problems;
  const expression = typeof value === 'string' ? onlyExpression(value) : undefined;
  if (expression === undefined) {
    const hasExpressions = templateTexts(value).length > 0;
    if (isOfType(value, type) || (hasExpressions && typeof value !== 'string')) return [];
    return [{ path: at, code: 'wrong_type', message: `must be ${nameOf(type)}` }];
  }
  const checked = scope.types.check(expression);
  if (!('type' in checked) || isAssignable(checked.type, type)) return [];
  return [
    {
      path: at,
      code: 'wrong_type',
      message: `must be ${nameOf(type)}, but \`${expression}\` is ${nameOf(checked.type)}`,
    },
  ];
}

function checkExpression(
  expression: string,
  path: ProblemPath,
  { types, stages, ancestors }: ExpressionScope,
): Violation[] {
  const [first, ...others] = types.problemsOf(expression);
  if (first !== undefined) {
    const afterHyphen = stages.filter((stage) => expression.includes(`stages.${stage}`)).flatMap(partsAfterHyphen);
    const problems = [first, ...others.filter(({ name = '' }) => !afterHyphen.includes(name))];
    return problems.map((problem) => explain(expression, path, problem, stages));
  }
  if (ancestors === undefined) return [];
  return types
    .stagesNamedIn(expression)
    .filter((stage) => !ancestors.has(stage))
    .map((stage) => ({
      path,
      code: 'unknown_reference',
      message: `reads stages.${stage}, which may not have ended by then`,
      remedy: `add "${stage}" to dependsOn`,
    }));
}

/** Of `a-b-c`: `b` and `c`, which an expression takes for variables. */
const partsAfterHyphen = (stage: string): string[] => stage.split('-').slice(1);

/** Alternatives to functions that could block the workflow. */
const instead: Readonly<Record<string, string>> = {
  regular_expression: 'compare with ==, in, startsWith, endsWith or contains',
  loop_in_loop: 'within a macro iterate over parts of its item only, or compute the result in a stage',
};

type Faulty = Extract<Checked, { readonly problem: string }>;

function explain(
  expression: string,
  path: ProblemPath,
  { problem, code, name = '' }: Faulty,
  stages: readonly string[],
): Violation {
  const shown = `\`${shownExpression(expression)}\``;
  if (code === 'unknown_variable') {
    return {
      path,
      code: 'unknown_reference',
      message: `${shown} names ${name}, which is not available here`,
      ...present({ remedy: unknownRemedy(name) }),
    };
  }
  const remedy = instead[code];
  if (remedy !== undefined) {
    return { path, code: 'not_supported', message: `${shown} cannot be used: ${problem}`, remedy };
  }
  if (code === 'no_such_key') {
    const hyphened = stages.find((stage) => stage.startsWith(`${name}-`) && expression.includes(`stages.${stage}`));
    const near = expression.includes(`stages.${name}`) ? didYouMean(name, stages) : undefined;
    return {
      path,
      code: 'unknown_reference',
      message: `${shown} names ${name}, which does not exist`,
      ...present({
        remedy: hyphened === undefined ? near : `write stages["${hyphened}"]: in an expression "-" is a minus`,
      }),
    };
  }
  const unreadable = code.startsWith('unexpected') || code.startsWith('invalid') || code.startsWith('expected');
  return {
    path,
    code: unreadable ? 'invalid_expression' : 'wrong_type',
    message: `${shown} ${unreadable ? 'cannot be read' : 'has mismatched types'}: ${problem}`,
  };
}

const VARIABLES = ['params', 'stages', 'item', 'index', 'run', 'pipeline', 'schedule'];

/** Remedy for a name that is unknown here and may be known elsewhere. */
function unknownRemedy(name: string): string | undefined {
  if (name === 'item' || name === 'index') return 'it exists only in stages with forEach';
  return VARIABLES.includes(name) ? undefined : didYouMean(name, VARIABLES);
}

function unclosed(value: unknown, at: ProblemPath): Violation[] {
  if (typeof value === 'string') {
    return isUnclosed(value)
      ? [{ path: at, code: 'invalid_expression', message: 'opens an expression with "${{" and does not close it' }]
      : [];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => unclosed(item, [...at, index]));
  return isRecord(value) ? Object.entries(value).flatMap(([key, item]) => unclosed(item, [...at, key])) : [];
}

const names: Readonly<Record<string, string>> = {
  string: 'a string',
  int: 'a whole number',
  double: 'a number',
  bool: 'true or false',
  list: 'a list',
  map: 'a map',
};

/** A type, worded for users. */
export const nameOf = (type: string): string => names[type] ?? type;
