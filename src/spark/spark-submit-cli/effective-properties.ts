import type { SparkConf } from '../spark-conf.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { sparkSubmitFlags, type SparkSubmitCommandLine, type SparkSubmitFlag } from './flags.ts';
import { readJavaProperties } from './java-properties.ts';

/** The files that a command line of spark-submit may name, read by the caller. */
export interface SparkSubmitFiles {
  /** Text of a file; throws an error for the user where it cannot be read. */
  readonly read: (path: string) => string;
  /** Text of `spark-defaults.conf`; read only with `--load-spark-defaults`. */
  readonly readDefaults: () => string;
}

/**
 * The configuration in Spark's order, the first that sets a key: flag, `--conf` (the last of a key), properties
 * file, and, only where asked for, `spark-defaults.conf`.
 *
 * @throws SubmissionRefused for a `--conf` without "=" (not retryable)
 */
export function effectiveProperties(
  commandLine: SparkSubmitCommandLine,
  files: SparkSubmitFiles,
): { readonly conf: SparkConf; readonly notes: readonly string[] } {
  const properties = new Map<string, string>([
    ...(commandLine.loadSparkDefaults === true ? fromFile(files.readDefaults()) : []),
    ...(commandLine.propertiesFile === undefined ? [] : fromFile(files.read(commandLine.propertiesFile))),
    ...commandLine.conf.map(keyAndValue),
  ]);
  const ignored = [...properties.keys()].filter((key) => !key.startsWith('spark.'));
  for (const key of ignored) properties.delete(key);
  for (const [name, { key }] of Object.entries<SparkSubmitFlag>(sparkSubmitFlags)) {
    const value = commandLine.flags[name as keyof typeof sparkSubmitFlags];
    if (key !== undefined && value !== undefined) properties.set(key, value);
  }
  return {
    conf: Object.fromEntries(properties),
    notes: ignored.map((key) => `"${key}" is ignored, as spark-submit does: it does not begin with "spark."`),
  };
}

// Spark keeps line breaks at the ends of values, and no other space.
const BLANK = /[^\S\r\n]/;

const fromFile = (text: string): [string, string][] =>
  [...readJavaProperties(text)].map(([key, value]) => [key, withoutBlanks(value)]);

function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && BLANK.test(text[start]!)) start += 1;
  while (start < end && BLANK.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

function keyAndValue(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 0) refuseInvalid('--conf', `"${pair}" has no "="`, 'Write --conf key=value.');
  return [pair.slice(0, at), pair.slice(at + 1)];
}
