import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { buildDriverObjects, ownedBy, type SubmissionIdentity } from '../../src/spark/index.ts';
import { resourceNamePrefix } from '../../src/spark/names.ts';
import { differences } from './differences.ts';
import { intendedDifferences, isIntended, type IntendedDifference } from './intended-differences.ts';
import { normalise } from './normalise.ts';
import { recordingFile, type Recording } from './recording.ts';
import { POD_UID } from './recording-stub.ts';
import { recordedVersions, scenarios, type Scenario } from './scenarios.ts';

const used = new Set<IntendedDifference>();

describe.each(recordedVersions)('Spark %s', (version) => {
  test.each(Object.keys(scenarios))('makes of "%s" what spark-submit makes of it', async (name) => {
    const scenario = scenarios[name]!;
    const recording = await readRecording(version, name);
    const found = differences(withoutPrefix(recording), ours(scenario, version));
    const unintended = found.filter((difference) => {
      const intended = intendedDifferences.filter((candidate) => isIntended(difference, candidate));
      intended.forEach((candidate) => used.add(candidate));
      return intended.length === 0;
    });
    expect(unintended).toEqual([]);
  });
});

test.each(Object.keys(scenarios))('a generated name begins as in Spark: %s', async (name) => {
  const { prefix } = await readRecording('4.1.4', name);
  expect(resourceNamePrefix(`${scenarios[name]!.appName}-unique`)).toBe(prefix);
});

test('every intended difference still occurs', () => {
  expect(intendedDifferences.filter((intended) => !used.has(intended))).toEqual([]);
});

function ours(scenario: Scenario, version: string): unknown {
  const resourceNamePrefix = 'made-up-prefix';
  const identity: SubmissionIdentity = {
    submissionId: '11111111-2222-8333-8444-555555555555',
    sparkApplicationId: 'spark-11111111222283338444555555555555',
    driverPodName: scenario.conf['spark.kubernetes.driver.pod.name'] ?? `${resourceNamePrefix}-driver`,
    resourceNamePrefix,
    submitTime: 0,
    labels: { 'temporal-spark/submission-id': '11111111-2222-8333-8444-555555555555' },
    annotations: { 'temporal-spark/workflow-id': 'spark/analytics/pi' },
    finalizers: ['temporal-spark/driver-protection'],
  };
  const { pod, dependents } = buildDriverObjects({ ...scenario, sparkVersion: version }, identity);
  const created = { ...pod, metadata: { ...pod.metadata, uid: POD_UID } };
  return normalise(
    pod,
    dependents.map((dependent) => ownedBy(created, dependent)),
    resourceNamePrefix,
  );
}

async function readRecording(version: string, name: string): Promise<Recording> {
  return JSON.parse(await readFile(recordingFile(version, name), 'utf8')) as Recording;
}

function withoutPrefix({ prefix: _prefix, ...objects }: Recording): Omit<Recording, 'prefix'> {
  return objects;
}
