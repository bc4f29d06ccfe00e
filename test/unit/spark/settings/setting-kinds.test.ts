import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingKinds, type SettingKind } from '../../../../src/spark/settings/setting-kinds.ts';
import { wordsOfSpark } from '../../../../src/spark/settings/words-of-spark.ts';
import { sparkVersionRules, supportedSparkVersions } from '../../../../src/spark/spark-version.ts';
import { answersFile, askedToRead, settingsAsked, texts, type Answers } from '../../../support/spark-settings.ts';

const recorded = JSON.parse(readFileSync(answersFile, 'utf8')) as Answers;
const kinds = Object.keys(settingsAsked) as (keyof typeof settingsAsked)[];

const asNumber = (answer: string): number => ({ true: 1, false: 0 })[answer] ?? Number(answer);

it('every version of Spark is recorded', () => {
  expect(Object.keys(recorded)).toEqual(supportedSparkVersions);
});

describe.each(supportedSparkVersions)('as Spark %s reads it,', (version) => {
  it.each(kinds)('a text is read, or refused with the same words: %s', (kind) => {
    const { key, unit } = settingsAsked[kind];
    const ours: SettingKind = settingKinds[kind];
    const different = texts.filter((text) => {
      const answer = recorded[version]![askedToRead(kind, text)]!;
      const rules = sparkVersionRules(`${version}.0`);
      const read = ours.read(text.trim(), unit, rules);
      if (!answer.startsWith('!')) return read !== asNumber(answer) && !(Number.isNaN(read) && answer === 'NaN');
      const words = wordsOfSpark({ kind, unit }, { key, text, rules });
      return read !== undefined || !(answer.startsWith('!Conversion of') || answer.includes(words));
    });
    expect(different).toEqual([]);
  });
});

describe('the text that was meant is one that Spark reads, with that value:', () => {
  it.each<[kind: keyof typeof settingKinds, written: string, meant: string | undefined]>([
    ['boolean', 'yes', 'true'],
    ['boolean', 'Off', 'false'],
    ['boolean', '"true"', 'true'],
    ['boolean', 'maybe', undefined],
    ['int', '4.0', '4'],
    ['int', '1_000', '1000'],
    ['int', '1,000,000', '1000000'],
    ['int', '0.5', undefined],
    ['int', 'four', undefined],
    ['double', '50%', '0.5'],
    ['double', 'half', undefined],
    ['time', '5 min', '5min'],
    ['time', '10 seconds', '10s'],
    ['time', '2 Days', '2d'],
    ['time', '1.5h', '90min'],
    ['time', '1h30m', '90min'],
    ['time', '1m30s', '90s'],
    ['time', '0.5s', '500ms'],
    ['time', 'soon', undefined],
    ['size', '2Gi', '2g'],
    ['size', '64KiB', '64k'],
    ['size', '1.5g', '1536m'],
    ['size', '1 MB', '1m'],
    ['size', 'much', undefined],
  ])('%s %s', (kind, written, meant) => {
    const ours: SettingKind = settingKinds[kind];
    expect(ours.read(written, 's')).toBeUndefined();
    expect(ours.meant(written)).toBe(meant);
    if (meant !== undefined) expect(ours.read(meant, kind === 'size' ? 'b' : 'ms')).toBeGreaterThanOrEqual(0);
  });
});
