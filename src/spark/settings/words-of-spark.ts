import type { SparkVersionRules } from '../spark-version.ts';
import type { settingKinds } from './setting-kinds.ts';

interface Setting {
  readonly kind: keyof typeof settingKinds;
  readonly unit: string;
}

const TIME_UNITS: Readonly<Record<string, string>> = {
  ns: 'NANOSECONDS',
  us: 'MICROSECONDS',
  ms: 'MILLISECONDS',
  s: 'SECONDS',
  m: 'MINUTES',
};
const SIZE_UNITS: Readonly<Record<string, string>> = { b: 'BYTE', k: 'KiB', m: 'MiB', g: 'GiB' };

/** With which words Spark refuses the text of a setting. */
export function wordsOfSpark(
  { kind, unit }: Setting,
  { key, text, rules }: { readonly key: string; readonly text: string; readonly rules: SparkVersionRules },
): string {
  if (rules.settingErrors) return `It should be a/an '${typeOf(kind, unit)}' value.`;
  switch (kind) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'double':
      return `${key} should be ${kind}, but was ${text}`;
    case 'time':
      return 'Time must be specified as seconds (s), milliseconds (ms), microseconds (us), minutes (m or min), hour (h), or day (d).';
    case 'size':
      return 'Size must be specified as bytes (b), kibibytes (k), mebibytes (m), gibibytes (g), tebibytes (t), or pebibytes(p).';
    default:
      return kind satisfies never;
  }
}

function typeOf(kind: Setting['kind'], unit: string): string {
  if (kind === 'time') return `time in ${TIME_UNITS[unit] ?? unit}`;
  return kind === 'size' ? `bytes in ${SIZE_UNITS[unit] ?? unit}` : kind;
}
