import { parse } from 'yaml';
import type { SparkApplicationManifest, SparkPipelineManifest } from '../manifest/index.ts';
import { isRecord } from '../validation/unknown-data.ts';
import { CliError, ExitCode } from './exit-code.ts';

/**
 * A copy of the manifest with fields changed, each `path=value`: a path such as `spec.driver.memory`, `spec.arguments[0]`
 * or `spec.sparkConf["spark.sql.shuffle.partitions"]`, and a value as YAML has it; an empty one removes the field.
 *
 * @throws CliError for what is not of this form, for a path through something that is not a map or a list, and for an
 *   index beyond the end of its list
 */
export function withValues<M extends SparkApplicationManifest | SparkPipelineManifest>(
  manifest: M,
  set: readonly string[],
): M {
  const changed = structuredClone(manifest);
  for (const each of set) setValue(changed as unknown as Record<string, unknown>, each);
  return changed;
}

function setValue(manifest: Record<string, unknown>, assignment: string): void {
  const equals = /^((?:"[^"]*"|[^="])+)=(.*)$/s.exec(assignment);
  const steps = equals === null ? undefined : stepsOf(equals[1]!);
  if (equals === null || steps === undefined) {
    throw refusal(assignment, 'is not of the form path=value; write for example --set spec.driver.memory=2g');
  }
  let at: unknown = manifest;
  for (const [index, step] of steps.slice(0, -1).entries()) {
    const parent = container(at, step, assignment);
    parent[step] ??= typeof steps[index + 1] === 'number' ? [] : {};
    at = parent[step];
  }
  const last = steps.at(-1)!;
  const parent = container(at, last, assignment);
  if (equals[2] !== '') parent[last] = valueOf(equals[2]!, assignment);
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete parent[last];
}

function container(at: unknown, step: string | number, assignment: string): Record<string | number, unknown> {
  if (typeof step === 'string') {
    // It would change every object of the process.
    if (step === '__proto__') throw refusal(assignment, 'cannot be set: "__proto__" is not a name of a field');
    if (isRecord(at)) return at;
    throw refusal(assignment, `cannot be set: ${JSON.stringify(step)} is not in a map`);
  }
  if (!Array.isArray(at)) throw refusal(assignment, `cannot be set: ${step} is not in a list`);
  // A gap would be written as nulls: billions of them for a large index.
  if (step > at.length) throw refusal(assignment, `cannot be set: the next index of the list is ${at.length}`);
  return at as unknown as Record<string | number, unknown>;
}

/** The keys and indexes of a path; undefined for another form. */
function stepsOf(path: string): readonly (string | number)[] | undefined {
  const step = /\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\["([^"]*)"\]/y;
  const steps: (string | number)[] = [];
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    steps.push(index === undefined ? (name ?? quoted!) : Number(index));
  }
  return steps.length === 0 ? undefined : steps;
}

function valueOf(text: string, assignment: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw refusal(
      assignment,
      `has a value that is not YAML: ${(error as Error).message.split('\n', 1)[0]!.replace(/:$/, '')}`,
    );
  }
}

const refusal = (assignment: string, why: string): CliError =>
  new CliError(ExitCode.BadInput, `--set ${assignment} ${why}.`);
