import { checkSchema } from './check-schema.ts';
import { plainData } from './plain-data.ts';
import type { FoundProblem, ManifestProblem } from './problem.ts';
import { pathText, problemAt } from './problems.ts';
import { readYaml } from './yaml.ts';
import type * as z from 'zod';
import { present } from './present.ts';

/** A kind of configuration: one document of YAML or JSON. */
export interface ConfigurationKind<T> {
  /** For messages, after "a": `placement configuration`. */
  readonly name: string;
  readonly schema: z.ZodType<T>;
  /** What a configuration that the schema allows gets wrong. @default nothing */
  readonly findProblems?: (configuration: T) => readonly FoundProblem[];
  readonly error: new (problems: readonly ManifestProblem[]) => Error;
}

/** Reads and checks configurations of one kind. */
export class ConfigurationFormat<T> {
  private readonly kind: ConfigurationKind<T>;

  constructor(kind: ConfigurationKind<T>) {
    this.kind = kind;
  }

  /** @throws the error of the kind, with every problem, its path, value, line and remedy */
  read(text: string, fileName?: string): T {
    const file = present({ file: fileName });
    const { documents, problems, repeatedKeys } = readYaml(text);
    const unusable = [...problems, ...repeatedKeys];
    if (unusable.length > 0) throw new this.kind.error(unusable.map((each) => ({ ...file, ...each })));
    const [document, second] = documents;
    if (second !== undefined) {
      const about = { code: 'too_many', message: `is a second document; a ${this.kind.name} is one` };
      throw new this.kind.error([{ ...file, document: second.index, path: [], pathText: '', ...about }]);
    }
    return this.check(document?.value ?? {}, (found) => ({
      ...file,
      ...withoutPosition(found),
      ...document?.positionOf(found.path, found.code === 'unknown_field'),
    }));
  }

  /** For a configuration that did not come from a file. @throws the error of the kind, with every problem */
  parse(written: unknown): T {
    return this.check(written, withoutPosition);
  }

  private check(given: unknown, placed: (found: FoundProblem) => ManifestProblem): T {
    const { schema, findProblems = () => [], error } = this.kind;
    const plain = plainData(given);
    const checked = plain.problems.length > 0 ? { problems: plain.problems } : checkSchema(schema, plain.value);
    if ('problems' in checked) throw new error(checked.problems.map(placed));
    const problems = findProblems(checked.value);
    if (problems.length > 0) throw new error(problems.map(placed));
    return checked.value;
  }
}

const withoutPosition = (found: FoundProblem): ManifestProblem => ({
  ...{ document: 1, ...found },
  pathText: pathText(found.path),
});

/** Items of the list at `key` that have the name of a previous one. */
export function findRepeatedNames<K extends string>(
  configuration: Readonly<Record<K, readonly { readonly name: string }[]>>,
  key: K,
): FoundProblem[] {
  const firsts = new Map<string, number>();
  return configuration[key].flatMap(({ name }, index) => {
    const first = firsts.get(name);
    if (first === undefined) firsts.set(name, index);
    const about = { code: 'duplicate', message: `is already the name of ${key}[${first}]` };
    return first === undefined ? [] : [problemAt(configuration, [key, index, 'name'], about)];
  });
}
