import * as z from 'zod';
import { explainIssue, type FieldHomes, type SchemaHints } from './explain-issue.ts';
import type { FoundProblem } from './problem.ts';
import { present } from './present.ts';

/** More than a reader corrects at once; a hostile document may have a hundred thousand. */
export const MOST_PROBLEMS = 1_000;

/** The parsed value of user input, or all problems that the schema finds in it, worded for users. */
export function checkSchema<T>(
  schema: z.ZodType<T>,
  written: unknown,
  homes?: FieldHomes,
): { readonly value: T } | { readonly problems: FoundProblem[] } {
  const hints = new Map<string, SchemaHints>();
  const result = schema.safeParse(written, {
    // Only the callback for messages receives the schema that raised the issue.
    error: ({ path, inst }) => {
      if (inst instanceof z.ZodObject) hints.set(keyOf(path), { fields: Object.keys(inst.shape) });
      else if (inst instanceof z.ZodCustomStringFormat) hints.set(keyOf(path), { format: inst._zod.def.format });
      return undefined;
    },
  });
  if (result.success) return { value: result.data };
  const { issues } = result.error;
  const problems: FoundProblem[] = [];
  for (const issue of issues) {
    if (problems.length >= MOST_PROBLEMS) break;
    problems.push(...explainIssue(written, issue, { ...hints.get(keyOf(issue.path)), ...present({ homes }) }));
  }
  // A schema and a rule may find the same problem.
  return {
    problems: [
      ...new Map(problems.toReversed().map((each) => [`${each.code} ${keyOf(each.path)}`, each])).values(),
    ].toReversed(),
  };
}

const keyOf = (path: readonly PropertyKey[] | undefined): string => (path ?? []).map(String).join('\0');
