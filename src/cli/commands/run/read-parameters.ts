import type { SparkPipelineSpec } from '../../../manifest/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';

/**
 * Parameters of a pipeline as the command line has them, `name=value`: text where the pipeline wants text, otherwise JSON.
 *
 * @throws CliError where one can't be read; whether it fits is for the pipeline to say
 */
export function readParameters(
  pairs: readonly string[],
  { parameters = {} }: Pick<SparkPipelineSpec, 'parameters'>,
): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
      if (name === undefined || text === undefined) {
        throw new CliError(ExitCode.BadInput, `--parameter ${pair} has no "=": write --parameter name=value.`);
      }
      const type = parameters[name]?.type;
      if (type === 'string' || type === undefined) return [name, text];
      try {
        return [name, JSON.parse(text) as unknown];
      } catch {
        throw new CliError(
          ExitCode.BadInput,
          `--parameter ${name}: ${JSON.stringify(text)} is no ${type} in JSON${type.startsWith('list') ? `, for example ["a","b"]` : ''}.`,
        );
      }
    }),
  );
}
