import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSparkSubmitFlags, sparkSubmitCommandLine } from '../../src/cli/spark-submit-flags.ts';
import { parseSparkApplication } from '../../src/manifest/index.ts';
import { buildDriverObjects, ownedBy, toSparkSubmission, type SubmissionIdentity } from '../../src/spark/index.ts';
import { toSparkApplication } from '../../src/spark/spark-submit/index.ts';
import { differences } from './differences.ts';
import {
  intendedDifferences,
  intendedOfTheFrontDoor,
  isIntended,
  type IntendedDifference,
} from './intended-differences.ts';
import { normalise } from './normalise.ts';
import { recordingFile, type Recording } from './recording.ts';
import { POD_UID } from './recording-stub.ts';
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
    expect(await unintendedDifferences(version, name, scenarios[name]!)).toEqual([]);
  });

  test('but for the key with a space, the same of "properties"', async () => {
    const { 'spark.some key': _key, ...conf } = scenarios['properties']!.conf;
    const unintended = await unintendedDifferences(version, 'properties', { ...scenarios['properties']!, conf });
    expect(unintended.map(({ path }) => path)).toEqual([
      '/dependents/ConfigMap~1CONF_MAP/data/spark.properties/spark.some\\ key',
    ]);
  });
});

test.each(Object.entries(refused))('"%s" is refused, and the key named', async (name, { key }) => {
  await expect(applicationOf(scenarios[name]!, '4.1.4')).rejects.toThrow(key);
});

test('every intended difference of the front door still occurs', () => {
  expect(intendedOfTheFrontDoor.filter((intended) => !used.has(intended))).toEqual([]);
});

async function unintendedDifferences(
  version: string,
  name: string,
  scenario: Scenario,
): Promise<ReturnType<typeof differences>> {
  const { prefix: _prefix, ...recording } = JSON.parse(
    await readFile(recordingFile(version, name), 'utf8'),
  ) as Recording;
  return differences(recording, await ours(scenario, version)).filter((difference) => {
    const intended = [...intendedDifferences, ...intendedOfTheFrontDoor].filter((candidate) =>
      isIntended(difference, candidate),
    );
    intended.forEach((candidate) => used.add(candidate));
    return intended.length === 0;
  });
}

/** The scenario's way through the door: the command line that spark-submit was recorded with. */
async function applicationOf(scenario: Scenario, version: string): Promise<ReturnType<typeof parseSparkApplication>> {
  const args = await sparkSubmitArguments('https://127.0.0.1:6443', { ...scenario, sparkVersion: version }, directory);
  const command = addSparkSubmitFlags(new Command('spark-submit')).exitOverride().parse(args, { from: 'user' });
  const { manifest } = toSparkApplication(
    sparkSubmitCommandLine(command),
    { read: (path) => readFileSync(path, 'utf8'), readDefaults: () => expect.unreachable() },
    { sparkVersion: version },
  );
  return parseSparkApplication(manifest);
}

async function ours(scenario: Scenario, version: string): Promise<unknown> {
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
  const { pod, dependents } = buildDriverObjects(toSparkSubmission(await applicationOf(scenario, version)), identity);
  const created = { ...pod, metadata: { ...pod.metadata, uid: POD_UID } };
  return normalise(
    pod,
    dependents.map((dependent) => ownedBy(created, dependent)),
    resourceNamePrefix,
  );
}
