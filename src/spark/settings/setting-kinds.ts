import { durationMs } from '../../validation/duration.ts';
import { formats } from '../../validation/formats.ts';
import type { SparkVersionRules } from '../spark-version.ts';

/** What differs between versions of Spark. */
type Grammar = Partial<Pick<SparkVersionRules, 'binarySizes'>>;

/** How Spark reads the text of a setting, as its `ConfigBuilder` and `JavaUtils` do. */
export interface SettingKind {
  /** What Spark reads, in that unit (a switch is 1 or 0); undefined where it refuses the text. */
  readonly read: (text: string, unit: string, grammar?: Grammar) => number | undefined;
  /** What to write, with examples. */
  readonly allowed: string;
  /** The text that was meant by one that Spark refuses, where it is certain. */
  readonly meant: (text: string) => string | undefined;
}

const INT = 2n ** 31n;
const LONG = 2n ** 63n;
/** Of the largest number. More are not computed: that takes more than linear time. */
const DIGITS = 19;

/** A whole number that fits; undefined for others. */
function wholeBelow(limit: bigint, text: string): bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const digits = text.replace(/^[-+]?0*/, '');
  if (digits.length > DIGITS) return undefined;
  const value = BigInt(digits) * (text.startsWith('-') ? -1n : 1n);
  return value >= -limit && value < limit ? value : undefined;
}

const numberBelow =
  (limit: bigint) =>
  (text: string): number | undefined => {
    const value = wholeBelow(limit, text);
    return value === undefined ? undefined : Number(value);
  };

const SIZE_UNITS = 'bkmgtp';

function readSize(text: string, unit: string, { binarySizes = false }: Grammar = {}): number | undefined {
  const grammar = binarySizes ? /^(-?[0-9]+)(b|[kmgtp](?:b|ib?)?)?$/ : /^(-?[0-9]+)(b|[kmgtp]b?)?$/;
  const [, number, suffix = unit] = grammar.exec(text.toLowerCase()) ?? [];
  const value = number === undefined ? undefined : wholeBelow(LONG, number);
  if (value === undefined) return undefined;
  const steps = SIZE_UNITS.indexOf(suffix[0]!) - SIZE_UNITS.indexOf(unit);
  const converted = steps >= 0 ? value * 1024n ** BigInt(steps) : value / 1024n ** BigInt(-steps);
  return converted < LONG && converted > -LONG ? Number(converted) : undefined;
}

/** A time that is longer than Java's longest is that. */
const LONGEST = Number(LONG);

/** Milliseconds of each unit that a text may have; a setting's own unit may be nanoseconds, too. */
const TIME_UNITS: Readonly<Record<string, number>> = {
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

function readTime(text: string, unit: string): number | undefined {
  const [, number, suffix] = /^(-?[0-9]+)([a-z]+)?$/.exec(text.toLowerCase()) ?? [];
  const value = number === undefined ? undefined : wholeBelow(LONG, number);
  const unitMs = TIME_UNITS[unit] ?? 1e-6;
  const ownMs = Object.hasOwn(TIME_UNITS, suffix ?? '') ? TIME_UNITS[suffix!] : undefined;
  const factor = suffix === undefined ? unitMs : ownMs;
  if (value === undefined || factor === undefined) return undefined;
  const converted = Math.trunc((Number(value) * factor) / unitMs);
  return Math.max(-LONGEST, Math.min(converted, LONGEST));
}

const DOUBLE = /^[-+]?(?:NaN|Infinity|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[fFdD]?)$/;
const HEX_DOUBLE = /^[-+]?0[xX][0-9a-fA-F.]+[pP]/;

function readDouble(text: string): number | undefined {
  // No one writes these; Java reads most of them.
  if (HEX_DOUBLE.test(text)) return NaN;
  return DOUBLE.test(text) ? Number(text.replace(/(?<=[0-9.])[fFdD]$/, '')) : undefined;
}

const switches: Readonly<Record<string, string>> = Object.fromEntries([
  ...['true', 'yes', 'y', 'on', '1', 't', 'enable', 'enabled'].map((word) => [word, 'true']),
  ...['false', 'no', 'n', 'off', '0', 'f', 'disable', 'disabled'].map((word) => [word, 'false']),
]) as Record<string, string>;

const unquoted = (text: string): string => text.replaceAll(/^["']|["']$/g, '').trim();

const meantSwitch = (text: string): string | undefined => {
  const word = unquoted(text).toLowerCase();
  return Object.hasOwn(switches, word) ? switches[word] : undefined;
};

const meantWhole = (text: string): string | undefined =>
  /^[-+]?[0-9]+$/.exec(
    unquoted(text)
      .replace(/\.0+$/, '')
      .replaceAll(/(?<=[0-9])[_,](?=[0-9]{3}(?:[_,]|$))/g, ''),
  )?.[0];

const meantDouble = (text: string): string | undefined =>
  formats.factor.suggest(unquoted(text)) ?? (DOUBLE.test(unquoted(text)) ? unquoted(text) : undefined);

const timeWords: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['ms', 'msec', 'msecs', 'millis', 'millisecond', 'milliseconds'],
    ['s', 'sec', 'secs', 'second', 'seconds'],
    ['min', 'm', 'mins', 'minute', 'minutes'],
    ['h', 'hr', 'hrs', 'hour', 'hours'],
    ['d', 'day', 'days'],
  ].flatMap(([unit, ...words]) => [unit!, ...words].map((word) => [word, unit])),
) as Record<string, string>;

function meantTime(text: string): string | undefined {
  const compact = unquoted(text).toLowerCase().replaceAll(/\s+/g, '');
  const [, number, word = ''] = /^([0-9]+)([a-z]+)$/.exec(compact) ?? [];
  if (number !== undefined && Object.hasOwn(timeWords, word)) return `${number}${timeWords[word]}`;
  const [, fraction, hours] = /^([0-9]+\.[0-9]+)(h|hours?)$/.exec(compact) ?? [];
  const ms = durationMs(hours === undefined ? compact : `${fraction}h`);
  const unit = ['min', 's', 'ms'].find((each) => ms !== undefined && ms % TIME_UNITS[each]! === 0);
  return ms === undefined || unit === undefined ? undefined : `${ms / TIME_UNITS[unit]!}${unit}`;
}

const switchValues: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
]);
const whole = 'a whole number';

export const settingKinds = {
  boolean: {
    read: (text: string) => switchValues.get(text.toLowerCase()),
    allowed: 'true or false',
    meant: meantSwitch,
  },
  int: { read: numberBelow(INT), allowed: whole, meant: meantWhole },
  long: { read: numberBelow(LONG), allowed: whole, meant: meantWhole },
  double: { read: readDouble, allowed: 'a number, for example 0.5', meant: meantDouble },
  time: {
    read: readTime,
    allowed: 'a whole number with ms, s, min, h or d, without a blank, for example 90s',
    meant: meantTime,
  },
  size: {
    read: readSize,
    allowed: 'a whole number with k, m, g or t, for example 512m',
    meant: (text) => formats['jvm-memory'].suggest(unquoted(text)),
  },
} as const satisfies Record<string, SettingKind>;

/** A switch of the configuration; undefined where it is not set, or only Spark knows it: it replaces `${…}`. */
export function switchOf(conf: Readonly<Record<string, string>>, key: string): boolean | undefined {
  const value = settingKinds.boolean.read(conf[key]?.trim() ?? '');
  return value === undefined ? undefined : value === 1;
}
