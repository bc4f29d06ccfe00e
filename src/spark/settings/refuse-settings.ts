import { formats } from '../../validation/formats.ts';
import type { SparkConf } from '../spark-conf.ts';
import { supportedSparkVersions, type SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { knownSettings } from './known-settings.ts';
import { relations } from './refuse-relations.ts';
import { refuseTaskResource, TASK_RESOURCE } from './refuse-task-resources.ts';
import { settingKinds, switchOf, type SettingKind } from './setting-kinds.ts';
import { sqlSettings } from './sql-settings.ts';
import { wordsOfSpark } from './words-of-spark.ts';

/** Spark replaces `${…}` before it reads a setting, and trims what Java calls blank; ASCII digits are not all it knows. */
const UNSURE = /\$\{|[^\t-\r -~]/;

/**
 * Checks the settings that every driver or session reads, by the parsers of its version of Spark, and those that
 * contradict each other. Settings that only some applications read are not checked.
 *
 * @throws SubmissionRefused for the first with which a driver ends
 */
export function refuseSettings(conf: SparkConf, rules: SparkVersionRules): void {
  const hasUi = switchOf(conf, 'spark.ui.enabled') !== false;
  for (const key in conf) {
    if (!hasUi && key.startsWith('spark.ui.')) continue;
    relations.get(key)?.(conf, rules);
    if (Object.hasOwn(heaps, key)) refuseSmallHeap(key as keyof typeof heaps, conf, rules);
    if (key.startsWith(TASK_RESOURCE)) refuseTaskResource(conf, key);
    const setting = settingOf(key, rules.minorVersion);
    if (setting !== undefined && !UNSURE.test(conf[key]!)) refuseValue(key, conf[key]!, { setting, rules });
  }
}

/** One and a half times the 300 MiB that Spark keeps for itself, in bytes. */
const LEAST_HEAP = 450 * 1024 ** 2;
/** With settings such as `spark.testing.reservedMemory` it keeps another amount. */
const TESTING = 'spark.testing';
/** Whose memory it is in the words of Spark. */
const heaps = { 'spark.driver.memory': 'System', 'spark.executor.memory': 'Executor' } as const;

/** A heap that Spark's memory manager does not start with; to it a number alone is bytes. */
function refuseSmallHeap(key: keyof typeof heaps, conf: SparkConf, rules: SparkVersionRules): void {
  const text = conf[key]!.trim();
  const bytes = settingKinds.size.read(text, 'b', rules);
  if (bytes === undefined || bytes >= LEAST_HEAP || Object.keys(conf).some((each) => each.startsWith(TESTING))) return;
  const meant = formats['jvm-memory'].suggest(text);
  const isMeant = meant !== undefined && settingKinds.size.read(meant, 'b')! >= LEAST_HEAP;
  refuseInvalid(
    key,
    `"${text}" ends the driver: "${heaps[key]} memory ${bytes} must be at least ${LEAST_HEAP}."`,
    isMeant && meant !== text
      ? `Write ${meant}: a number alone is bytes.`
      : 'Give 512m or more: a JVM may take less than 450 MiB of 450m.',
  );
}

function refuseValue(
  key: string,
  text: string,
  { setting, rules }: { readonly setting: Setting; readonly rules: SparkVersionRules },
): void {
  const kind: SettingKind = settingKinds[setting.kind];
  const value = kind.read(text.trim(), setting.unit, rules);
  if (value !== undefined && isWithin(value, setting)) return;
  const least =
    setting.least === '>0' ? ' above 0' : setting.least === undefined ? '' : ` of at least ${setting.least}`;
  const bounds = setting.most === undefined ? least : `${least} and at most ${setting.most}`;
  if (value !== undefined) {
    refuseInvalid(key, `"${text}" ends the driver: Spark takes a value${bounds}`, `Give ${kind.allowed}${bounds}.`);
  }
  const meant = kind.meant(text);
  const read = meant === undefined ? undefined : kind.read(meant, setting.unit, rules);
  refuseInvalid(
    key,
    `"${text}" ends the driver: "${wordsOfSpark(setting, { key, text, rules })}"`,
    read !== undefined && isWithin(read, setting) ? `Write ${meant}.` : `Give ${kind.allowed}${bounds}.`,
  );
}

/** Not a number is neither too small nor too large. */
function isWithin(value: number, { least, most }: Setting): boolean {
  if (least === '>0' ? value <= 0 : least !== undefined && value < Number(least)) return false;
  return most === undefined || !(value > Number(most));
}

/** What Spark reads of a setting when a driver starts or runs its first job. */
export interface Setting {
  readonly kind: keyof typeof settingKinds;
  /** Of times and sizes: the unit of a number alone. */
  readonly unit: string;
  /** The smallest value, `>0` for one above zero; undefined where any will do. */
  readonly least: string | undefined;
  readonly most: string | undefined;
  /** The first and the last minor version of Spark, by their places in `supportedSparkVersions`. */
  readonly versions: readonly [first: number, last: number];
}

let byKey: ReadonlyMap<string, readonly Setting[]> | undefined;

/** The setting of that key in a minor version of Spark; undefined where any text will do, or Spark does not know it. */
export function settingOf(key: string, minorVersion: string): Setting | undefined {
  byKey ??= decoded();
  const settings = byKey.get(key);
  if (settings === undefined) return undefined;
  const version = supportedSparkVersions.indexOf(minorVersion);
  return settings.find(({ versions: [first, last] }) => first <= version && version <= last);
}

function decoded(): ReadonlyMap<string, readonly Setting[]> {
  const settings = new Map<string, Setting[]>();
  for (const [description, keys] of [...Object.entries(knownSettings), ...Object.entries(sqlSettings)]) {
    const [kind, unit, least, most] = description.split(' ') as [Setting['kind'], string?, string?, string?];
    for (const text of keys.split(' ')) {
      const [key = '', range = '-'] = text.split('@');
      const [first = '', last = ''] = range.split('-');
      const setting: Setting = {
        kind,
        unit: unit ?? '',
        least: least === '' ? undefined : least,
        most: most === '' ? undefined : most,
        versions: [
          first === '' ? 0 : supportedSparkVersions.indexOf(first),
          last === '' ? supportedSparkVersions.length - 1 : supportedSparkVersions.indexOf(last),
        ],
      };
      settings.set(key, [...(settings.get(key) ?? []), setting]);
    }
  }
  return settings;
}
