import { expect, test } from 'vitest';
import { sparkApplicationSchema } from '../../src/manifest/index.ts';
import {
  buildCompanionObjects,
  buildDriverObjects,
  driverPodName,
  SubmissionRefused,
  toSparkSubmission,
} from '../../src/spark/index.ts';
import { withSample } from '../manifest/crd-samples.ts';
import { childOf, crdPaths, crdTree, stepsOf, type CrdNode } from '../manifest/crd.ts';
import { problemsOf } from '../manifest/manifests.ts';
import { identity, manifest } from './fixtures.ts';

type Json = Record<string, unknown>;

/** What a property counts beside, by the beginning of its path. */
const beside: readonly (readonly [RegExp, Json])[] = [
  [/^batchSchedulerOptions/, { batchScheduler: 'volcano' }],
  [/^dynamicAllocation/, { dynamicAllocation: { enabled: true } }],
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

/** Lists whose items are files. */
const files = /\.(archives|files|jars|pyFiles)\[\]$/;

/** Properties that say nothing about what is made for one attempt. */
const elsewhere: Readonly<Record<string, string>> = {
  type: 'Spark goes by the ending of mainApplicationFile; a contradiction is refused',
  mode: 'only "cluster" is accepted',
  suspend: 'the life of the application: see the workflow',
  restartPolicy: 'the life of the application: see the workflow',
  timeToLiveSeconds: 'the life of the application: see the workflow',
  failureRetries: 'dead in the operator too',
  retryInterval: 'dead in the operator too',
};

const tree = crdTree(crdPaths.SparkApplication);
const paths = Object.keys(crdPaths.SparkApplication).filter((path) => {
  const [root, field] = stepsOf(path) as [string, string | undefined];
  return root === 'spec' && field !== undefined && !Object.hasOwn(elsewhere, field);
});

test('every property of the CRD changes what is made when it is set, or set to something else', () => {
  const withoutEffect = paths.filter((path) => !takesEffect(path));
  expect(withoutEffect).toEqual([]);
  expect(paths.length).toBeGreaterThan(2000);
});

function takesEffect(path: string): boolean {
  const steps = stepsOf(path);
  const node = steps.reduce(childOf, tree);
  // What has parts is proven by them.
  if (node.items ?? node.values ?? node.properties.size > 0) return true;
  const sample = withSample(manifest(contextOf(path)), tree, steps);
  const written = files.test(path) ? withValue(sample, steps, 'local:///a') : sample;
  const made = objectsOf(written);
  const changes = files.test(path) ? ['local:///b'] : [undefined, ...alternatives(steps.at(-1)!, node)];
  return changes
    .map((value) => withValue(written, steps, value))
    .map(objectsOf)
    .some((changed) => made !== undefined && changed !== undefined && changed !== made);
}

const contextOf = (path: string): Json => beside.find(([prefix]) => prefix.test(path.slice('spec.'.length)))?.[1] ?? {};

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
  const key = step === '*' ? 'KEY' : step!;
  const { [key]: child, ...siblings } = parent as Json;
  const changed = rest.length === 0 ? value : withValue(child, rest, value);
  return changed === undefined ? siblings : { ...siblings, [key]: changed };
}

/** All that is made, as text; of what is refused nothing is. */
function objectsOf(written: unknown): string | undefined {
  if (problemsOf(written).length > 0) return undefined;
  const checked = sparkApplicationSchema.parse(written);
  try {
    const submission = toSparkSubmission(checked);
    const named = { ...identity, driverPodName: driverPodName(checked) };
    const { pod, dependents } = buildDriverObjects(submission, named);
    const companions = buildCompanionObjects(checked, submission, named, { uiIngressUrl: 'ui.example.org' });
    return JSON.stringify([pod, ...dependents, ...companions]);
  } catch (error) {
    if (error instanceof SubmissionRefused) return undefined;
    throw error;
  }
}
