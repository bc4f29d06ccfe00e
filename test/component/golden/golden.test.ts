import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { unintendedDifferences, type IntendedDifference } from '../../../src/submitters/compare/index.ts';
import { resourceNamePrefix } from '../../../src/spark/spark-names.ts';
import { build } from './build.ts';
import { intendedDifferences } from './intended-differences.ts';
import { recordingFile, type Recording } from './recording.ts';
import { recordedVersions, scenarios } from './scenarios.ts';

const used = new Set<IntendedDifference>();

describe.each(recordedVersions)('Spark %s', (version) => {
  test.each(Object.keys(scenarios))('creates for "%s" what spark-submit creates', async (name) => {
    const scenario = scenarios[name]!;
    const { prefix: _prefix, ...recording } = await readRecording(version, name);
    const ours = build({ ...scenario, sparkVersion: version }, scenario.conf['spark.kubernetes.driver.pod.name']);
    expect(unintendedDifferences(recording, ours, intendedDifferences, used)).toEqual([]);
  });
});

test.each(Object.keys(scenarios))('a generated name begins as in Spark: %s', async (name) => {
  const { prefix } = await readRecording('4.1.4', name);
  expect(resourceNamePrefix(`${scenarios[name]!.appName}-unique`)).toBe(prefix);
});

test('every intended difference still occurs', () => {
  expect(intendedDifferences.filter((intended) => !used.has(intended))).toEqual([]);
});

async function readRecording(version: string, name: string): Promise<Recording> {
  return JSON.parse(await readFile(recordingFile(version, name), 'utf8')) as Recording;
}
