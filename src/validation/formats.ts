import * as z from 'zod';
import { Longest } from './lengths.ts';
import { withoutTrailing } from './trim.ts';

/** A grammar for one kind of string, with the words that explain it to users. */
export interface Format {
  readonly pattern: RegExp;
  /** What is allowed, with examples. */
  readonly allowed: string;
  /** Characters of the longest value, where `allowed` does not state it. */
  readonly longest?: number;
  /** The correct spelling of a wrong value, where it is certain. */
  readonly suggest?: (value: string) => string | undefined;
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

export const formats = {
  'dns-1035-label': {
    pattern: /^(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?$/,
    allowed:
      'at most 63 lower-case letters, digits and "-", beginning with a letter and not ending in "-", for example "spark-pi"',
    suggest: (value) => nonEmpty(toLabel(value).replace(/^[^a-z]+/, '')),
  },
  'dns-1035-prefix': {
    longest: 253,
    pattern: /^(?=.{0,253}$)[a-z][-a-z0-9]*$/,
    allowed: 'lower-case letters, digits and "-", beginning with a letter, for example "spark-pi-"',
    suggest: (value) => nonEmpty(toLabel(value).replace(/^[^a-z]+/, '')),
  },
  'dns-1123-label': {
    pattern: new RegExp(`^(?=.{1,63}$)${label}$`),
    allowed: 'at most 63 lower-case letters, digits and "-", for example "analytics"',
    suggest: (value) => nonEmpty(toLabel(value)),
  },
  'dns-1123-subdomain': {
    pattern: new RegExp(`^(?=.{1,253}$)${label}(\\.${label})*$`),
    allowed: 'at most 253 lower-case letters, digits, "-" and ".", for example "spark-pi-driver"',
  },
  identifier: {
    pattern: /^(?=.{1,63}$)[A-Za-z_][A-Za-z0-9_]*$/,
    allowed: 'at most 63 letters, digits and "_", not beginning with a digit, for example "run_date"',
    suggest: (value) => nonEmpty(value.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^[0-9]+/, '')),
  },
  'label-key': {
    pattern: new RegExp(
      `^((?=[^/]{1,253}/)${label}(\\.${label})*/)?(?=[^/]{1,63}$)[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`,
    ),
    allowed: 'a Kubernetes qualified name, for example "team" or "example.com/team"',
  },
  'label-value': {
    pattern: /^(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/,
    allowed: 'at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, or empty',
  },
  'environment-variable': {
    longest: Longest.Path,
    pattern: /^(?=.{0,4096}$)(?!\.\.?$)[-._A-Za-z][-._A-Za-z0-9]*$/,
    allowed: 'letters, digits, "_", "-" and ".", not beginning with a digit, for example "LOG_LEVEL"',
  },
  // spark-submit splits `--conf key=value` at the first "=", so a key that contains one would become another key.
  'configuration-key': {
    longest: Longest.Path,
    pattern: /^(?=.{0,4096}$)[^\s=](?:[^=\r\n]*[^\s=])?$/,
    allowed: 'a key without "=", and without spaces around it',
  },
  'spark-version': {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)\d+\.\d+\.\d+([-.+][0-9A-Za-z][-.+0-9A-Za-z]*)?$/,
    allowed: 'a full Spark version X.Y.Z, for example "4.1.4"',
    suggest: (value) => /^v(\d+\.\d+\.\d+)$/.exec(value)?.[1],
  },
  'spark-memory': {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)\d+([bB]|[kKmMgGtTpP][bB]?)?$/,
    allowed: 'a whole number with k, m, g or t, for example "512m" or "2g"',
    suggest: suggestMemory,
  },
  'jvm-memory': {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)0*[1-9]\d*[kKmMgGtT]$/,
    allowed: 'a whole number with k, m, g or t, for example "512m" or "2g"',
    suggest: suggestMemory,
  },
  'memory-limit': {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)(\d+|\d*\.\d+)([kKmMgGtTpP][bBi]?)?$/,
    allowed: 'a size such as "2g" or "1536m", or a Kubernetes quantity such as "2Gi"',
  },
  cpu: {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)(?=.*[1-9])(\d+(\.\d*)?|\.\d+)(m|k|[eE][+-]?\d+)?$/,
    allowed: 'a CPU quantity, for example "1", "0.5", "1500m"',
    suggest: (value) => nonEmpty(/^(\d+(\.\d+)?)\s*(v?cpus?|cores?)$/i.exec(value.trim())?.[1] ?? ''),
  },
  quantity: {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)\+?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/,
    allowed: 'a Kubernetes quantity, for example "2", "500m", "4Gi"',
  },
  factor: {
    longest: Longest.Setting,
    pattern: /^(?=.{0,256}$)(\d+(\.\d*)?|\.\d+)$/,
    allowed: 'a decimal number, for example "0.1"',
    suggest: (value) => {
      const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(value)?.[1];
      return percent === undefined ? undefined : String(Number(percent) / 100);
    },
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

/** A string of one of the {@link formats}. */
export const formatted = (name: FormatName): z.ZodCustomStringFormat => z.stringFormat(name, formats[name].pattern);

/** A quantity: a string of a format, or a number as YAML reads it; always a string afterwards. */
export const quantity = (name: FormatName): z.ZodPipe<z.ZodType<string, string | number>, z.ZodType<string, string>> =>
  z
    .union([formatted(name), z.number()])
    .transform(String)
    .pipe(formatted(name));

/** The format of that name, as data to explain a problem with. */
export const findFormat = (name: string): Format | undefined =>
  Object.hasOwn(formats, name) ? formats[name as FormatName] : undefined;

function toLabel(value: string): string {
  const label = value
    .toLowerCase()
    .replace(/[^-a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  return withoutTrailing(withoutTrailing(label, '-').slice(0, 63), '-');
}

function nonEmpty(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/** Spark's units are binary, so `1Gi` is `1g`; a fraction becomes a whole number of the next smaller unit. */
function suggestMemory(value: string): string | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i|b|ib)?$/i.exec(value.trim());
  if (match?.[1] === undefined) return undefined;
  const number = Number(match[1]);
  if (number === 0) return undefined;
  // Bytes, which a JVM has no letter for.
  if (match[2] === '' && match[3] !== undefined) return number % 1024 === 0 ? `${number / 1024}k` : undefined;
  const unit = match[2]!.toLowerCase() || 'm';
  if (Number.isInteger(number)) return unit === 'p' ? `${number * 1024}t` : `${number}${unit}`;
  const smaller = { m: 'k', g: 'm', t: 'g', p: 't' }[unit];
  return smaller === undefined ? undefined : `${Math.round(number * 1024)}${smaller}`;
}
