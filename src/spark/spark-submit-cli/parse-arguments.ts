import { refuseInvalid } from '../submission-refused.ts';
import {
  ineffectiveFlags,
  otherActions,
  sparkSubmitFlags,
  type IneffectiveFlagName,
  type OtherActionName,
  type SparkSubmitCommandLine,
  type SparkSubmitFlagName,
} from './flags.ts';

const withValue: ReadonlySet<string> = new Set([
  ...Object.keys(sparkSubmitFlags),
  ...Object.keys(otherActions),
  ...Object.keys(ineffectiveFlags).filter((name) => name !== 'supervise'),
  'conf',
  'properties-file',
]);
const switches: ReadonlySet<string> = new Set(['supervise', 'load-spark-defaults', 'verbose']);
const short: Readonly<Record<string, string>> = { '-c': '--conf', '-v': '--verbose' };

/**
 * The arguments of spark-submit, taken apart as Spark's own parser does: `--flag value` or `--flag=value`, a flag given
 * twice counts as the last time, and everything from the first argument that is not a flag belongs to the application.
 *
 * @throws SubmissionRefused for a flag that Spark does not know or that lacks its value (not retryable)
 */
export function parseSparkSubmitArguments(args: readonly string[]): SparkSubmitCommandLine {
  const values: [name: string, value: string][] = [];
  const given = new Set<string>();
  let index = 0;
  for (; index < args.length; index++) {
    const arg = args[index]!;
    const [, flag = arg, attached] = /^(--[^=]+)=(.+)$/.exec(arg) ?? [];
    const name = (short[flag] ?? flag).replace(/^--/, '');
    if (!flag.startsWith('-')) break;
    if (withValue.has(name)) {
      if (attached === undefined) index++;
      const value = attached ?? args[index];
      if (value === undefined) refuseInvalid(flag, 'its value is missing', `Write ${flag} and a value.`);
      values.push([name, value]);
    } else if (switches.has(name) && attached === undefined) {
      given.add(name);
    } else {
      refuseInvalid(flag, 'spark-submit has no such flag', 'Correct it, or leave it out.');
    }
  }
  const last = new Map(values);
  const namesIn = <T extends string>(flags: Readonly<Record<T, unknown>>): T[] =>
    (Object.keys(flags) as T[]).filter((name) => last.has(name) || given.has(name));
  const propertiesFile = last.get('properties-file');
  const resource = args[index];
  return {
    flags: Object.fromEntries(namesIn<SparkSubmitFlagName>(sparkSubmitFlags).map((name) => [name, last.get(name)!])),
    conf: values.flatMap(([name, value]) => (name === 'conf' ? [value] : [])),
    ...(propertiesFile !== undefined && { propertiesFile }),
    ...(given.has('load-spark-defaults') && { loadSparkDefaults: true }),
    ineffective: namesIn<IneffectiveFlagName>(ineffectiveFlags),
    otherActions: namesIn<OtherActionName>(otherActions),
    ...(resource !== undefined && { resource }),
    arguments: args.slice(index + 1),
  };
}
