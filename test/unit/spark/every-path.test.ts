import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scheduleOptions } from '../../../src/client/schedule-options.ts';
import type { KubernetesObject } from '../../../src/kubernetes/objects.ts';
import {
  API_VERSION,
  ManifestError,
  parseManifest,
  parseSparkApplication,
  type ScheduledSparkApplication,
} from '../../../src/manifest/index.ts';
import { readRunSettings } from '../../../src/manifest/run-settings.ts';
import { inspectDriver } from '../../../src/spark/driver/build-driver-objects.ts';
import {
  attemptIdentity,
  buildCompanionObjects,
  driverPodName,
  findRefusals,
  SubmissionRefused,
  toSparkSubmission,
} from '../../../src/spark/index.ts';
import { renderScheduledApplication } from '../../../src/workflows/schedules/render-scheduled-application.ts';
import { AttemptEnd } from '../../../src/workflows/application/attempt-end.ts';
import { restartDelayMs } from '../../../src/workflows/application/restart-policy.ts';
import { withSample } from '../manifest/crd-samples.ts';
import { childOf, crdPaths, crdTree, stepsOf, type CrdNode } from '../manifest/crd.ts';
import { fullYaml, problemsOf } from '../manifest/manifests.ts';
import { application, identity, manifest } from './fixtures.ts';

type Json = Record<string, unknown>;

/** The context in which a property has an effect, by the beginning of its path. */
const contexts: readonly (readonly [RegExp, Json])[] = [
  [/^batchSchedulerOptions/, { batchScheduler: 'volcano' }],
  // Without shuffle tracking Spark wants shuffle files elsewhere.
  [/^dynamicAllocation/, { dynamicAllocation: { enabled: true }, sparkConf: { 'spark.decommission.enabled': 'true' } }],
  [
    /^monitoring/,
    {
      monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: true, prometheus: { jmxExporterJar: '/a.jar' } },
    },
  ],
  [/^volumes/, { driver: { volumeMounts: [{ name: '1', mountPath: '/1' }] } }],
];

/** Right values for properties whose grammar leaves other samples no choice. */
const others: Readonly<Record<string, readonly unknown[]>> = {
  sparkVersion: ['4.0.5'],
  memory: ['2g'],
  memoryOverhead: ['2g'],
  memoryLimit: ['5Gi'],
  memoryOverheadFactor: ['0.6'],
  mainApplicationFile: ['local:///b.jar'],
  template: [{ metadata: { annotations: { a: 'b' } } }],
  secretType: ['GCPServiceAccount'],
  serviceType: ['NodePort'],
  protocol: ['UDP'],
};

/** Lists whose items have a grammar: two of their items. */
const itemsOf: readonly (readonly [RegExp, first: string, second: string])[] = [
  [/\.(archives|files|jars|pyFiles)\[\]$/, 'local:///a', 'local:///b'],
  [/\.packages\[\]$/, 'org.test:a:1', 'org.test:b:1'],
];

/** Properties with no effect on the objects of one attempt, by the beginning of their path: where each is tested. */
const elsewhere = {
  // Spark decides by the extension of mainApplicationFile.
  type: (type: unknown) => findRefusals(application({ type })),
  // "client" would run the driver inside of a worker.
  mode: (mode: unknown) => problemsOf(manifest({ mode })),
  restartPolicy: (restartPolicy: unknown) => {
    const { spec } = application({ restartPolicy });
    const { settings } = readRunSettings({});
    return [AttemptEnd.Completed, AttemptEnd.Failed, AttemptEnd.SubmissionFailed].flatMap((end) =>
      [1, 2, 3].map((failures) =>
        restartDelayMs({
          ...{ policy: spec.restartPolicy, settings, end, failureClass: 'application', random: 0 },
          counts: { failures: { application: failures }, submissionFailures: failures },
        }),
      ),
    );
  },
  timeToLiveSeconds: (timeToLiveSeconds: unknown) =>
    attemptIdentity({
      ...{ workflowId: 'a', firstRunId: 'b', attempt: 1, temporalNamespace: 'c', applicationName: 'pi', submitTime: 0 },
      driverPodName: 'pi-driver',
      ...(timeToLiveSeconds === undefined ? {} : { timeToLiveSeconds: timeToLiveSeconds as number }),
    }).annotations,
} satisfies Readonly<Record<string, (value: unknown) => unknown>>;

const ofLife: readonly (readonly [field: keyof typeof elsewhere, path: string, from: unknown, to: unknown])[] = [
  ['type', 'spec.type', 'Scala', 'Python'],
  ['mode', 'spec.mode', 'cluster', 'client'],
  ['restartPolicy', 'spec.restartPolicy.type', { type: 'Never' }, { type: 'Always' }],
  ['restartPolicy', 'spec.restartPolicy.onFailureRetries', onFailure(), onFailure({ onFailureRetries: 3 })],
  ...(
    [
      ['onSubmissionFailureRetries', 3],
      ['onFailureRetryInterval', 60],
      ['onSubmissionFailureRetryInterval', 60],
    ] as const
  ).map(([name, value]) => {
    const to = onFailure({ [name]: value });
    return ['restartPolicy', `spec.restartPolicy.${name}`, onFailure(), to] as const;
  }),
  ['timeToLiveSeconds', 'spec.timeToLiveSeconds', undefined, 60],
];

function onFailure(changed: object = {}): unknown {
  return { type: 'OnFailure', onFailureRetries: 1, onSubmissionFailureRetries: 1, ...changed };
}

/** Accepted without effect: the operator ignores them too, without a warning. */
const dead = ['spec.failureRetries', 'spec.retryInterval'];
/** Where the workflow is seen to heed it: its tests begin with an application that is suspended. */
const ofWorkflow = { 'spec.suspend': '../../component/crossing-requests.test.ts' };

const tree = crdTree(crdPaths.SparkApplication);
const paths = Object.keys(crdPaths.SparkApplication).filter((path) => {
  const [root, field] = stepsOf(path) as [string, string | undefined];
  const isElsewhere = field !== undefined && Object.hasOwn(elsewhere, field);
  return root === 'spec' && field !== undefined && !isElsewhere && !dead.includes(path) && !(path in ofWorkflow);
});

test('every property of the CRD changes what is made when it is set, or set to something else', () => {
  const withoutEffect = paths.filter((path) => !takesEffect(path));
  expect(withoutEffect).toEqual([]);
  expect(paths.length).toBeGreaterThan(2000);
});

test.each(ofLife)('%s decides over the life of the application: %s', (field, _, from, to) => {
  expect(elsewhere[field](to)).not.toEqual(elsewhere[field](from));
});

test('no property is left out', () => {
  const all = Object.keys(crdPaths.SparkApplication).filter((path) => path.startsWith('spec.'));
  const proven = new Set([...paths, ...ofLife.map(([, path]) => path), ...dead, ...Object.keys(ofWorkflow)]);
  expect(all.filter((path) => !proven.has(path))).toEqual(['spec.restartPolicy']); // by its parts
  for (const file of Object.values(ofWorkflow)) {
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toContain('application({ suspend: true })');
  }
});

describe('a ScheduledSparkApplication', () => {
  const { spec: template } = withSampleOfAll();
  const base = { schedule: '@daily', template };
  const scheduled = (changed: object = {}) =>
    parseManifest({
      ...{ apiVersion: API_VERSION, kind: 'ScheduledSparkApplication', metadata: { name: 'pi', namespace: 'a' } },
      spec: { ...base, ...changed },
    }) as ScheduledSparkApplication;
  const due = (manifest: ScheduledSparkApplication) =>
    renderScheduledApplication(manifest, { time: '2026-01-02T00:00:00Z', date: '2026-01-02' });
  const options = (manifest: ScheduledSparkApplication) => {
    const { spec, policies, state } = scheduleOptions(manifest, 'queue');
    return { spec, policies, state };
  };

  test.each<[string, unknown, (manifest: ScheduledSparkApplication) => unknown]>([
    ['schedule', '@hourly', options],
    ['timeZone', 'Europe/Zurich', options],
    ['suspend', true, options],
    ['concurrencyPolicy', 'Replace', options],
    ['successfulRunHistoryLimit', 7, due],
    ['failedRunHistoryLimit', 7, due],
  ])('heeds %s', (field, value, made) => {
    expect(made(scheduled({ [field]: value }))).not.toEqual(made(scheduled()));
  });

  test('passes on its complete template, and nothing else decides', () => {
    const manifest = scheduled();
    const { driver, ...spec } = due(manifest).spec;
    const { driver: written, ...rest } = manifest.spec.template;
    expect(spec).toEqual(rest);
    expect({ ...driver, annotations: written.annotations }).toEqual(written);
    const ownFields = Object.keys(crdPaths.ScheduledSparkApplication)
      .filter((path) => /^spec\.[^.]+$/.test(path))
      .map((path) => path.replace('spec.', ''));
    expect(ownFields.toSorted()).toEqual([
      ...['concurrencyPolicy', 'failedRunHistoryLimit', 'schedule', 'successfulRunHistoryLimit', 'suspend'],
      ...['template', 'timeZone'],
    ]);
  });
});

/** The application that the tests of manifests know, which has every group of fields. */
function withSampleOfAll(): { spec: object } {
  return parse(fullYaml, { version: '1.1' }) as { spec: object };
}

test('with any value of a property, all objects are in the namespace of the application', () => {
  const seen = new Set<string | undefined>();
  let made = 0;
  for (const path of paths) {
    const steps = stepsOf(path);
    const others = ['tenant-b', '../tenant-b'].map((value) => objectsOf(withValue(sampleAt(path), steps, value)));
    for (const text of [objectsOfSample(path), ...others]) {
      const objects = JSON.parse(text ?? '[]') as KubernetesObject[];
      made += objects.length;
      for (const { metadata } of objects) seen.add(metadata?.namespace);
    }
  }
  expect([...seen]).toEqual(['analytics']);
  expect(made).toBeGreaterThan(paths.length);
});

function takesEffect(path: string): boolean {
  const steps = stepsOf(path);
  const node = steps.reduce(childOf, tree);
  // What has parts is proven by them.
  if (node.items ?? node.values ?? node.properties.size > 0) return true;
  const sample = sampleAt(path);
  const [, first, second] = itemsOf.find(([pattern]) => pattern.test(path)) ?? [];
  const written = first === undefined ? sample : withValue(sample, steps, first);
  const made = first === undefined ? objectsOfSample(path) : objectsOf(written);
  if (made === undefined) return false;
  const changes = second === undefined ? [undefined, ...alternatives(steps.at(-1)!, node)] : [second];
  // One after the other: most take effect with the first.
  return changes.some((value) => {
    const changed = objectsOf(withValue(written, steps, value));
    return changed !== undefined && changed !== made;
  });
}

const contextOf = (path: string): Json =>
  contexts.find(([prefix]) => prefix.test(path.slice('spec.'.length)))?.[1] ?? {};

const sampleAt = (path: string): unknown => withSample(manifest(contextOf(path)), tree, stepsOf(path));

/** By path; each is made once for all tests. */
const ofSamples = new Map<string, string | undefined>();

function objectsOfSample(path: string): string | undefined {
  if (!ofSamples.has(path)) ofSamples.set(path, objectsOf(sampleAt(path)));
  return ofSamples.get(path);
}

function alternatives(name: string, { facts }: CrdNode): readonly unknown[] {
  if (Object.hasOwn(others, name)) return others[name]!;
  switch (facts.type) {
    case 'integer':
      return [(facts.minimum ?? 1) + 1];
    case 'boolean':
      return [false];
    case 'string':
    case 'int-or-string':
      return facts.enum ?? ['2'];
    default:
      return [];
  }
}

/** With another value at the path; without it where the value is undefined. */
function withValue(parent: unknown, [step, ...rest]: readonly string[], value: unknown): unknown {
  if (step === '[]') return [rest.length === 0 ? value : withValue((parent as unknown[])[0], rest, value)];
  const key = step === '*' ? 'spark.KEY' : step!;
  const { [key]: child, ...siblings } = parent as Json;
  const changed = rest.length === 0 ? value : withValue(child, rest, value);
  return changed === undefined ? siblings : { ...siblings, [key]: changed };
}

/** All that is made, as text; of what is refused nothing is. */
function objectsOf(written: unknown): string | undefined {
  try {
    const checked = parseSparkApplication(written);
    const submission = toSparkSubmission(checked);
    const named = { ...identity, driverPodName: driverPodName(checked) };
    const { pod, dependents } = inspectDriver(submission, named).objects;
    const companions = buildCompanionObjects(checked, submission, named, { uiIngressUrl: 'ui.example.org' });
    return JSON.stringify([pod, ...dependents, ...companions]);
  } catch (error) {
    if (error instanceof ManifestError || error instanceof SubmissionRefused) return undefined;
    throw error;
  }
}
