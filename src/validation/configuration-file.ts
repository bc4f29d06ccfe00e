import { checkSchema } from './check-schema.ts';
import { plainData } from './plain-data.ts';
import type { FoundProblem, ManifestProblem } from './problem.ts';
import { pathText } from './problems.ts';
import { readYaml } from './yaml.ts';
import type * as z from 'zod';
import { present } from './present.ts';

/** Adds the position of a problem: its file and document. */
export type PlaceProblem = (found: FoundProblem) => ManifestProblem;

/** How to read a configuration file that is one document of YAML or JSON. */
export interface ConfigurationReader<T> {
  /** The text after "is a second document; ": `a placement configuration is one`. */
  readonly oneDocument: string;
  readonly refuse: (problems: readonly ManifestProblem[]) => Error;
  /** Checks what was read; `placed` adds the position of each problem. */
  readonly check: (given: unknown, placed: PlaceProblem) => T;
}

/** @throws what `refuse` makes of every problem: its path, value, line and remedy */
export function readConfiguration<T>(text: string, fileName: string | undefined, reader: ConfigurationReader<T>): T {
  const file = present({ file: fileName });
  const { documents, problems, repeatedKeys } = readYaml(text);
  const unusable = [...problems, ...repeatedKeys];
  if (unusable.length > 0) throw reader.refuse(unusable.map((each) => ({ ...file, ...each })));
  const [document, second] = documents;
  if (second !== undefined) {
    const about = { code: 'too_many', message: `is a second document; ${reader.oneDocument}` };
    throw reader.refuse([{ ...file, document: second.index, path: [], pathText: '', ...about }]);
  }
  return reader.check(document?.value ?? {}, (found) => ({
    ...file,
    ...placedNowhere(found),
    ...document?.positionOf(found.path, found.code === 'unknown_field'),
  }));
}

/** For input that did not come from a file. */
export const placedNowhere: PlaceProblem = (found) => ({ document: 1, ...found, pathText: pathText(found.path) });

/** Plain data of this schema, or everything that is wrong with it. */
export function checkConfiguration<T>(
  schema: z.ZodType<T>,
  given: unknown,
): { readonly value: T } | { readonly problems: readonly FoundProblem[] } {
  const plain = plainData(given);
  return plain.problems.length > 0 ? plain : checkSchema(schema, plain.value);
}
