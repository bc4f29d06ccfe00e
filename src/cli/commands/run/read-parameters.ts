import type { SparkPipelineSpec } from '../../../manifest/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';

/**
 * Reads parameters of the form `name=value`: text where the pipeline declares a string, otherwise JSON.
 *
 * @throws CliError where one cannot be read; whether it fits is checked with the pipeline
 */
export function readParameters(
  pairs: readonly string[],
  { parameters = {} }: Pick<SparkPipelineSpec, 'parameters'>,
): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || text === undefined) {
        throw new CliError(ExitCode.BadInput, `--parameter ${pair} has no "="; write --parameter name=value.`);
      }
      const type = parameters[name]?.type;
      if (type === 'string' || type === undefined) return [name, text];
      try {
        return [name, JSON.parse(text) as unknown];
      } catch {
        throw new CliError(
          ExitCode.BadInput,
          `--parameter ${name}: ${JSON.stringify(text)} is not a ${type} in JSON${type.startsWith('list') ? `, for example ["a","b"]` : ''}.`,
        );
      }
    }),
  );
}
