import { settingKinds } from './settings/setting-kinds.ts';
import { refuseInvalid } from './submission-refused.ts';

/** Spark configuration: keys and values as `--conf` takes them. */
export type SparkConf = Readonly<Record<string, string>>;

/** Every entry whose key starts with the prefix, with the rest of the key as its name, in the order given. */
export function withPrefix(conf: SparkConf, prefix: string): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const key in conf) {
    if (key.startsWith(prefix)) entries[key.slice(prefix.length)] = conf[key]!;
  }
  return entries;
}

/** A comma-separated list without blanks. */
export function listOf(conf: SparkConf, key: string): string[] {
  return (conf[key] ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** `true` or `false` in any case. */
export function booleanOf(conf: SparkConf, key: string, fallback: boolean): boolean {
  const text = conf[key];
  if (text === undefined) return fallback;
  const value = settingKinds.boolean.read(text.trim());
  if (value !== undefined) return value === 1;
  const meant = settingKinds.boolean.meant(text);
  return refuseInvalid(
    key,
    `"${text}" is neither true nor false`,
    meant === undefined ? 'Give true or false.' : `Write ${meant}.`,
  );
}

export function portOf(conf: SparkConf, key: string): number | undefined {
  const text = conf[key]?.trim();
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port < 1 || port > 65_535) {
    // Spark would take 0 for "any free port", which a pod and a service cannot name beforehand.
    refuseInvalid(key, `"${text}" is not a port`, 'Give a number from 1 to 65535.');
  }
  return port;
}
