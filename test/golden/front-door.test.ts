import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SparkApplication } from '../../src/manifest/index.ts';
import { toSparkSubmission } from '../../src/spark/index.ts';
import { applicationOf } from '../support/front-door.ts';
import { build, unintendedDifferences } from './build.ts';
import type { Difference } from './differences.ts';
import { intendedDifferences, intendedOfTheFrontDoor, type IntendedDifference } from './intended-differences.ts';
import { recordingFile, type Recording } from './recording.ts';
import { recordedVersions, scenarios, type Scenario } from './scenarios.ts';
import { sparkSubmitArguments } from './spark-submit.ts';

/** Command lines that spark-submit takes, and we do not, on purpose. */
const refused: Readonly<Record<string, { readonly key: string; readonly reason: string }>> = {
  'oauth-token': {
    key: 'spark.kubernetes.authenticate.driver.oauthToken',
    reason: "The driver's token would stay in the workflow's history; drivers use their service account.",
  },
  properties: {
    key: 'spark.some key',
    reason: 'A key with a space in it is no key of Spark; in a manifest it is taken for a mistake.',
  },
};

const translated = Object.keys(scenarios).filter((name) => !Object.hasOwn(refused, name));
const used = new Set<IntendedDifference>();
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'front-door-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(recordedVersions)('Spark %s', (version) => {
  test.each(translated)('the command line of "%s" makes what spark-submit makes of it', async (name) => {
    expect(await unintended(version, name, scenarios[name]!)).toEqual([]);
  });

  test('but for the key with a space, the same of "properties"', async () => {
    const { 'spark.some key': _key, ...conf } = scenarios['properties']!.conf;
    const found = await unintended(version, 'properties', { ...scenarios['properties']!, conf });
    expect(found.map(({ path }) => path)).toEqual([
      '/dependents/ConfigMap~1CONF_MAP/data/spark.properties/spark.some\\ key',
    ]);
  });
});

test.each(Object.entries(refused))('"%s" is refused, and the key named', async (name, { key }) => {
  await expect(submitted(scenarios[name]!, '4.1.4')).rejects.toThrow(key);
});

test('every intended difference of the front door still occurs', () => {
  expect(intendedOfTheFrontDoor.filter((intended) => !used.has(intended))).toEqual([]);
});

async function unintended(version: string, name: string, scenario: Scenario): Promise<Difference[]> {
  const { prefix: _prefix, ...recording } = JSON.parse(
    await readFile(recordingFile(version, name), 'utf8'),
  ) as Recording;
  const submission = toSparkSubmission(await submitted(scenario, version));
  const ours = build(submission, scenario.conf['spark.kubernetes.driver.pod.name']);
  return unintendedDifferences(recording, ours, [...intendedDifferences, ...intendedOfTheFrontDoor], used);
}

/** The scenario's way through the door: by the command line that spark-submit was recorded with. */
async function submitted(scenario: Scenario, sparkVersion: string): Promise<SparkApplication> {
  const args = await sparkSubmitArguments('https://127.0.0.1:6443', { ...scenario, sparkVersion }, directory);
  return applicationOf(args, { sparkVersion });
}
