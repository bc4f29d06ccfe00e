import * as z from 'zod';
import { checkSchema } from '../../manifest/check-schema.ts';
import { formatted } from '../../manifest/formats.ts';
import { plainData } from '../../manifest/plain-data.ts';
import { formatProblems, pathText, type FoundProblem, type ManifestProblem } from '../../manifest/problems.ts';
import { readYaml } from '../../manifest/yaml.ts';

const name = formatted('dns-1123-label');
const labels = z.record(formatted('label-key'), formatted('label-value'));

const rule = z.strictObject({
  namespaces: z.array(name).min(1).exactOptional().describe('Namespaces it is for. Default: all.'),
  labels: labels.exactOptional().describe('Labels that the application has, all of them. Default: none.'),
  submitter: name.describe('Who submits.'),
});

const module_ = z.strictObject({
  name: name.describe('Name of the submitter; the one the module gives it has to be the same.'),
  module: z.string().min(1).describe('Module that exports `submitter`; a relative path starts at this file.'),
});

/** What a configuration of submitters may say, as written. */
export const submittersSchema = z
  .strictObject({
    default: name
      .exactOptional()
      .describe('Who submits where neither the application nor a rule says. Default: native.'),
    rules: z.array(rule).exactOptional().describe('The first that fits decides.'),
    modules: z.array(module_).exactOptional().describe('Submitters of your own.'),
  })
  .describe('Which submitter an application gets.');

export type SubmittersConfiguration = z.output<typeof submittersSchema>;

/** A configuration of submitters that can't be used, with everything that is wrong with it. Not retryable. */
export class SubmittersConfigurationError extends Error {
  override readonly name = 'SubmittersConfigurationError';
  readonly type = 'InvalidSubmittersConfiguration';
  readonly retryable = false;
  readonly problems: readonly ManifestProblem[];

  constructor(problems: readonly ManifestProblem[]) {
    super(`The configuration of submitters is not valid:\n${formatProblems(problems)}`);
    this.problems = problems;
  }
}

/**
 * Reads a configuration of submitters from YAML or JSON.
 *
 * @throws SubmittersConfigurationError with every problem, its path, value, line and remedy
 */
export function readSubmitters(text: string, fileName?: string): SubmittersConfiguration {
  const file = fileName === undefined ? {} : { file: fileName };
  const { documents, problems } = readYaml(text);
  if (problems.length > 0) throw new SubmittersConfigurationError(problems.map((each) => ({ ...file, ...each })));
  const [document, second] = documents;
  if (second !== undefined) {
    const about = { code: 'too_many', message: 'is a second document; a configuration of submitters is one' };
    throw new SubmittersConfigurationError([{ ...file, document: second.index, path: [], pathText: '', ...about }]);
  }
  return check(document?.value ?? {}, (found) => ({
    ...file,
    document: 1,
    ...found,
    pathText: pathText(found.path),
    ...document?.positionOf(found.path, found.code === 'unknown_field'),
  }));
}

/** @throws SubmittersConfigurationError */
export function parseSubmitters(written: unknown): SubmittersConfiguration {
  return check(written, (found) => ({ document: 1, ...found, pathText: pathText(found.path) }));
}

function check(given: unknown, placed: (found: FoundProblem) => ManifestProblem): SubmittersConfiguration {
  const plain = plainData(given);
  const checked = plain.problems.length > 0 ? plain : checkSchema(submittersSchema, plain.value);
  if ('problems' in checked) throw new SubmittersConfigurationError(checked.problems.map(placed));
  return checked.value;
}
