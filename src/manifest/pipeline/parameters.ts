import { bytesText, jsonBytes, PARAMETERS_LIMIT } from '../size.ts';
import { render } from './template.ts';
import type { SparkPipelineSpec } from './types.ts';
import { isOfType } from './value-type.ts';

/** Parameters that do not match a pipeline. Not retryable: the same parameters are rejected again. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
  readonly type = 'InvalidParameters';
  readonly retryable = false;
  /** One sentence for each parameter that is wrong. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    // A client may name a parameter by half a character, which no workflow could report.
    super(problems.join('\n').toWellFormed());
    this.problems = problems;
  }
}

/**
 * The value of every parameter: as given, else its default.
 *
 * @param evaluate for the expressions of defaults; without it they are left as they are
 * @throws ParameterError with everything that is wrong
 */
export function resolveParameters(
  { parameters = {} }: Pick<SparkPipelineSpec, 'parameters'>,
  given: Readonly<Record<string, unknown>>,
  evaluate?: (expression: string) => unknown,
): Record<string, unknown> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { type, default: preset }] of Object.entries(parameters)) {
    const isGiven = Object.hasOwn(given, name);
    if (!isGiven && preset === undefined) {
      problems.push(`The parameter ${name} (${type}) is required.`);
      continue;
    }
    if (!isGiven && evaluate === undefined) continue;
    let value = given[name];
    if (!isGiven) {
      try {
        value = render(preset, evaluate!);
      } catch (error) {
        problems.push(`cannot evaluate the default of the parameter ${name}: ${(error as Error).message}`);
        continue;
      }
    }
    if (isOfType(value, type)) values[name] = value;
    else problems.push(`The parameter ${name} must be of type ${type}, not ${JSON.stringify(value)}.`);
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) {
      const known = Object.keys(parameters);
      problems.push(
        `Unknown parameter ${name}; ${known.length === 0 ? 'the pipeline has no parameters' : `known: ${known.join(', ')}`}.`,
      );
    }
  }
  const bytes = jsonBytes(values);
  if (bytes > PARAMETERS_LIMIT) {
    problems.push(
      `The parameters are ${bytesText(bytes)}; the limit is ${bytesText(PARAMETERS_LIMIT)}. Write large values to a file and pass its path.`,
    );
  }
  if (problems.length > 0) throw new ParameterError(problems);
  return values;
}
