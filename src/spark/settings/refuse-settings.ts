import type { SparkConf } from '../spark-conf.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { relations } from './refuse-relations.ts';
import { settingKinds, switchOf, type SettingKind } from './setting-kinds.ts';
import { settingOf, type Setting } from './setting-of.ts';
import { wordsOfSpark } from './words-of-spark.ts';

/** Spark replaces `${…}` before it reads a setting, and trims what Java calls blank; ASCII digits are not all it knows. */
const UNSURE = /\$\{|[^\t-\r -~]/;

/**
 * Checks the settings that every driver reads, by the parsers of its version of Spark, and those that contradict each
 * other. Settings that only some applications read are not checked.
 *
 * @throws SubmissionRefused for the first with which a driver ends
 */
export function refuseSettings(conf: SparkConf, rules: SparkVersionRules): void {
  const hasUi = switchOf(conf, 'spark.ui.enabled') !== false;
  for (const key in conf) {
    if (!hasUi && key.startsWith('spark.ui.')) continue;
    relations.get(key)?.(conf, rules);
    const setting = settingOf(key, rules.minorVersion);
    if (setting !== undefined && !UNSURE.test(conf[key]!)) refuseValue(key, conf[key]!, { setting, rules });
  }
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
