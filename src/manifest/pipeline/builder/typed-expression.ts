import { onlyExpression } from '../template.ts';
import type { ValueOf, ValueType } from '../value-type.ts';

declare const VALUE_TYPE: unique symbol;

/**
 * A text `${{ … }}` that has a value of the type when the pipeline runs. It may stand alone or inside a longer text:
 * `` `--model=${train.outputs.model}` ``. `never` is a type that only shows when the pipeline is checked.
 */
export type PipelineExpression<T extends ValueType = ValueType> = string & { readonly [VALUE_TYPE]: () => T };

/** Types of expressions that are allowed where a value of the type is required. */
type Accepted<T extends ValueType> = T extends 'double'
  ? 'int' | 'double'
  : T extends 'list<double>'
    ? 'list<int>' | 'list<double>'
    : T extends 'list'
      ? Extract<ValueType, `list${string}`>
      : T;

/** What is allowed where a value of the type is required. */
export type Value<T extends ValueType> = ValueOf<T> | PipelineExpression<Accepted<T>>;

/** `V` where it is a value of the type or an expression of one. An expression is a text too, but not what any text may be. */
export type Fitting<T extends ValueType, V> =
  V extends PipelineExpression<infer E> ? ([E] extends [Accepted<T>] ? V : PipelineExpression<Accepted<T>>) : Value<T>;

/** What stands inside an expression: another expression, or a value to write there. */
type Part = string | number | boolean | null | readonly Part[];

/**
 * An expression in CEL over other expressions and values:
 * `` cel`${train.outputs.accuracy} >= ${params.threshold} && ${params.region} != ${'test'}` ``.
 *
 * Its type is found when the pipeline is checked, before it starts; `` cel<'int'>`…` `` declares it to TypeScript.
 *
 * @throws TypeError for a text that contains an expression: only a complete expression can be part of another
 */
export function cel<T extends ValueType = never>(
  texts: TemplateStringsArray,
  ...parts: readonly Part[]
): PipelineExpression<T> {
  return expression(texts.map((text, index) => text + (index < parts.length ? written(parts[index]!) : '')).join(''));
}

/** The text of an expression. */
export function expression<T extends ValueType>(text: string): PipelineExpression<T> {
  return `\${{ ${text} }}` as PipelineExpression<T>;
}

/** A member of a variable: `params.day`, `stages["my-stage"]`. */
export function member(variable: string, name: string): string {
  return IDENTIFIER.test(name) ? `${variable}.${name}` : `${variable}[${JSON.stringify(name)}]`;
}

/** What is allowed after a dot: not a reserved word of the language. */
const IDENTIFIER = /^(?!(?:in|null|true|false)$)\w+$/;

function written(part: Part): string {
  const inner = typeof part === 'string' ? onlyExpression(part) : undefined;
  if (inner !== undefined) return /^[\w."[\]-]+$/.test(inner) ? inner : `(${inner})`;
  if (Array.isArray(part)) return `[${part.map(written).join(', ')}]`;
  if (typeof part === 'string' && part.includes('${{')) {
    throw new TypeError(
      `The text ${JSON.stringify(part)} cannot be part of an expression, because it contains one. Join texts with + inside cel\`…\`.`,
    );
  }
  return JSON.stringify(part);
}
