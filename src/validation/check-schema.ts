import * as z from 'zod';
import { explainIssue, type FieldHomes, type SchemaHints, type SourceOf } from './explain-issue.ts';
import type { FoundProblem } from './problem.ts';
import { present } from './present.ts';

export interface CheckSchemaOptions {
  /** Paths of objects that have a field which is unknown where it stands. @default no remedy names them */
  readonly homes?: FieldHomes;
  /** What stands in the text at a path. @default messages show the value as JSON */
  readonly sourceOf?: SourceOf;
}
/** More than a reader corrects at once; a hostile document may have a hundred thousand. */
export const MOST_PROBLEMS = 1_000;

/** The parsed value of user input, or all problems that the schema finds in it, worded for users. */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  written: unknown,
  { homes, sourceOf }: CheckSchemaOptions = {},
): { readonly value: T } | { readonly problems: FoundProblem[] } {
  const hints = new Map<string, SchemaHints>();
  const result = schema.safeParse(written, {
    // Only the callback for messages receives the schema that raised the issue.
    error: ({ path, inst }) => {
      if (inst instanceof z.ZodObject) hints.set(keyOf(path), { shape: inst.shape });
      else if (inst instanceof z.ZodCustomStringFormat) hints.set(keyOf(path), { format: inst._zod.def.format });
      return undefined;
    },
  });
  if (result.success) return { value: result.data };
  const { issues } = result.error;
  const problems: FoundProblem[] = [];
  for (const issue of issues) {
    if (problems.length >= MOST_PROBLEMS) break;
    problems.push(
      ...explainIssue(written, issue, { ...hints.get(keyOf(issue.path)), ...present({ homes, sourceOf }) }),
    );
  }
  // A schema and a rule may find the same problem; one text may name several things that do not exist.
  const identityOf = ({ code, path, message }: FoundProblem): string =>
    [code, keyOf(path), ...(code === 'unknown_reference' ? [message] : [])].join(' ');
  const once = [...new Map(problems.toReversed().map((each) => [identityOf(each), each])).values()].toReversed();
  // A value of another type is reported for its type only, not for its size, too.
  const ofWrongType = new Set(once.filter(({ code }) => code === 'wrong_type').map(({ path }) => keyOf(path)));
  const isSize = (code: string): boolean => code === 'too_small' || code === 'too_big';
  return { problems: once.filter(({ code, path }) => !(isSize(code) && ofWrongType.has(keyOf(path)))) };
}

const keyOf = (path: readonly PropertyKey[] | undefined): string => (path ?? []).map(String).join('\0');
