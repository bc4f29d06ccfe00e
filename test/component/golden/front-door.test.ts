import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ExitCode } from '../../../src/cli/exit-code.ts';
import { createProgram } from '../../../src/cli/program.ts';
import {
  normalise,
  unintendedDifferences,
  type Difference,
  type IntendedDifference,
} from '../../../src/submitters/compare/index.ts';
import type { KubernetesObject, Pod } from '../../../src/kubernetes/objects.ts';
import { attemptIdentity, type SubmissionIdentity } from '../../../src/spark/index.ts';
import { identity } from './build.ts';
import { intendedOfADryRun } from './intended-differences.ts';
import { recordingFile, type Recording } from './recording.ts';
import { recordedVersions, scenarios, type Scenario } from './scenarios.ts';
import { sparkSubmitArguments } from './spark-submit.ts';

/** Command lines that spark-submit takes, and we do not, on purpose. */
const refused: Readonly<Record<string, { readonly key: string; readonly reason: string }>> = {
  'oauth-token': {
    key: 'spark.kubernetes.authenticate.driver.oauthToken',
    reason: "The driver's token would stay in the workflow's history; drivers use their service account.",
  },
};

/** Scenarios with placeholders that only this version of Spark and later ones replace: no cluster can run the driver. */
const placeholders: Readonly<Record<string, number>> = { labels: 4.0, image: 4.1 };
const isUnreplaced = (version: string, name: string): boolean => parseFloat(version) < (placeholders[name] ?? 0);

const translated = Object.keys(scenarios).filter((name) => !Object.hasOwn(refused, name));
/** Paths of the intended differences that were met. */
const used = new Set<string>();
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'front-door-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(recordedVersions)('Spark %s', (version) => {
  test.each(translated.filter((name) => !isUnreplaced(version, name)))(
    'the command line of "%s" prints what spark-submit creates for it',
    async (name) => {
      expect(await unintended(version, name, scenarios[name]!)).toEqual([]);
    },
  );
});

test.each(
  recordedVersions.flatMap((version) =>
    Object.keys(placeholders).flatMap((name) => (isUnreplaced(version, name) ? [[name, version] as const] : [])),
  ),
)('"%s" is rejected for Spark %s, which does not replace its placeholders', async (name, version) => {
  const { text, error } = await dryRun(scenarios[name]!, version);
  expect(String(error)).toContain('the driver pod');
  expect(text).toBe('');
});

test.each(Object.entries(refused))('"%s" is rejected with the key, and nothing is printed', async (name, { key }) => {
  const { text, error } = await dryRun(scenarios[name]!, '4.1.4');
  expect(String(error)).toContain(key);
  expect(text).toBe('');
});

test('every intended difference of the front door still occurs', () => {
  const paths = intendedOfADryRun(identity).map(({ path }) => path);
  expect(paths.filter((path) => !used.has(path))).toEqual([]);
});

async function unintended(version: string, name: string, scenario: Scenario): Promise<Difference[]> {
  const { prefix: _prefix, ...recording } = JSON.parse(
    await readFile(recordingFile(version, name), 'utf8'),
  ) as Recording;
  const { text, error } = await dryRun(scenario, version);
  if (error !== undefined) throw error as Error;
  const [pod, ...dependents] = parseAllDocuments(text).flatMap(
    (document) => (document.toJS() as KubernetesObject | null) ?? [],
  );
  const printed = identityOf(pod as Pod);
  const intended = new Set<IntendedDifference>();
  const found = unintendedDifferences(
    recording,
    normalise(pod as Pod, dependents, printed.resourceNamePrefix),
    intendedOfADryRun(printed),
    intended,
  );
  for (const { path } of intended) used.add(path);
  return found;
}

/** The identity that a dry run makes up for the application that the pod is the driver of. */
function identityOf({ metadata }: Pod): SubmissionIdentity {
  const applicationName = metadata!.labels!['sparkoperator.k8s.io/app-name']!;
  return attemptIdentity({
    workflowId: `spark/analytics/${applicationName}`,
    firstRunId: 'rendered',
    attempt: 1,
    temporalNamespace: 'default',
    applicationName,
    driverPodName: metadata!.name!,
    submitTime: 0,
  });
}

/** What `temporal-spark spark-submit` prints for the command line that spark-submit was recorded with. */
async function dryRun(scenario: Scenario, sparkVersion: string): Promise<{ text: string; error?: unknown }> {
  const args = await sparkSubmitArguments('https://127.0.0.1:6443', { ...scenario, sparkVersion }, directory);
  const print = vi.spyOn(console, 'log').mockReturnValue();
  const note = vi.spyOn(console, 'error').mockReturnValue();
  const printed = () => print.mock.calls.map(([text]) => String(text)).join('\n');
  let code: ExitCode | undefined;
  try {
    await createProgram('0.0.0', (ended) => (code = ended)).parseAsync(
      ['spark-submit', '--dry-run', '-o', 'yaml', '--spark-version', sparkVersion, ...args],
      { from: 'user' },
    );
    expect(code).toBe(ExitCode.Ok);
    return { text: printed() };
  } catch (error) {
    return { text: printed(), error };
  } finally {
    print.mockRestore();
    note.mockRestore();
  }
}
