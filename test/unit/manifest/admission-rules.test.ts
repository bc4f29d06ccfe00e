import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { admissionRules, admissionRulesFile, admissionRulesText } from '../../../scripts/admission-rules.ts';
import { ManifestError, parseManifest, type ManifestProblem } from '../../../src/manifest/index.ts';
import { asRecord, isRecord } from '../../../src/validation/unknown-data.ts';
import { badConnects } from '../../support/bad-connects.ts';
import { badResources } from '../../support/bad-resources.ts';
import { sparkConnect } from '../../support/connects.ts';
import { exampleApplications, exampleManifests } from '../../support/example-manifests.ts';
import { byLane } from '../../support/lane.ts';
import { asStored } from './as-stored.ts';
import { crdValidator } from './crd.ts';
import { application, fullYaml, schedule, type Written } from './manifests.ts';
import { mutationsOf } from './mutations.ts';

const kinds = ['SparkApplication', 'ScheduledSparkApplication', 'SparkConnect'] as const;
type Kind = (typeof kinds)[number];
const cel = new Environment({ unlistedVariablesAreDyn: true });
type Run = (context: { readonly object: unknown }) => unknown;
const compiled = new Map(
  kinds.map((kind) => [
    kind,
    admissionRules(kind).map(({ expression, message, messageExpression }) => ({
      isMet: cel.parse(expression) as Run,
      message: messageExpression === undefined ? () => message : (cel.parse(messageExpression) as Run),
    })),
  ]),
);

/** What the policy answers, all of it; an expression that fails is an error. */
function refusals(manifest: unknown): unknown[] {
  const object = withIntegers(manifest) as { readonly kind: Kind };
  return compiled
    .get(object.kind)!
    .filter(({ isMet }) => isMet({ object }) !== true)
    .map(({ message }) => message({ object }));
}

/** As an API server has them. */
function withIntegers(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withIntegers(item)]));
}

/** Whether the API server takes it. */
function isMetadata(value: unknown): boolean {
  const { name, annotations = {} } = asRecord(value);
  return typeof name === 'string' && isRecord(annotations) && Object.values(annotations).every(isText);
}

const isText = (value: unknown): boolean => typeof value === 'string';

function problemsOf(manifest: unknown): readonly ManifestProblem[] {
  try {
    parseManifest(manifest);
    return [];
  } catch (error) {
    return (error as ManifestError).problems;
  }
}

const metadata = { name: 'spark-pi', namespace: 'etl' };
const full = parse(fullYaml, { version: '1.1' }) as Written;
const session = sparkConnect('adhoc', {
  namespace: 'etl',
  annotations: {
    'temporal-spark/idle-seconds': '60',
    'temporal-spark/requested-at': '2026-11-30T12:00:00Z',
    'temporal-spark/address': 'sc://adhoc.example.org:443/;use_ssl=true',
    'temporal-spark/ingress-class': 'nginx',
    'temporal-spark/tls-secret': 'adhoc-tls',
  },
  spec: {
    hadoopConf: { 'spark.hadoop.fs.a': '1' },
    sparkConf: { 'spark.connect.grpc.binding.port': ' 15002 ', 'spark.ui.enabled': 'true' },
    server: { cores: 1, memory: '1g', service: { metadata: { name: 'shared' } }, template: { spec: {} } },
    executor: { instances: 0, memory: '512' },
    dynamicAllocation: { enabled: true, minExecutors: 0, maxExecutors: 4 },
  },
});

describe('the rules of the admission policy', () => {
  it('are what scripts/admission-rules.ts writes', async () => {
    expect(readFileSync(admissionRulesFile, 'utf8')).toBe(await admissionRulesText());
  });

  it('have patterns that RE2 takes', () => {
    const patterns = kinds
      .flatMap(admissionRules)
      .flatMap(({ expression }) => [...expression.matchAll(/matches\(("(?:[^"\\]|\\.)*")\)/g)])
      .map(([, text = '']) => JSON.parse(text) as string);
    expect(patterns.length).toBeGreaterThan(100);
    for (const pattern of new Set(patterns)) expect(() => RE2JS.compile(pattern), pattern).not.toThrow();
  });

  it('admit an application without an image, one with every field, and every example', () => {
    const examples = exampleManifests.flatMap((file) => exampleApplications(file, 'etl'));
    expect(refusals(application({}, metadata))).toEqual([]);
    for (const manifest of [full, ...examples]) {
      const written = { ...manifest, metadata: { ...manifest.metadata, namespace: 'etl' } };
      expect(refusals(asStored(written))).toEqual([]);
      const nightly = schedule({ schedule: '@daily', template: written.spec }, metadata);
      expect(refusals(asStored(nightly))).toEqual([]);
    }
  });

  it.each(badResources)('refuse $spec $name in the words of validate', ({ spec, name, message }) => {
    const manifest = application(spec, name === undefined ? metadata : { ...metadata, name });
    const words = message.replaceAll('NAMESPACE', 'etl');
    expect(refusals(asStored(manifest))).toEqual([words]);
    if (name !== undefined) return;
    const nightly = schedule({ schedule: '@daily', template: manifest.spec }, metadata);
    expect(refusals(asStored(nightly))).toEqual([words.replace('spec.', 'spec.template.')]);
  });

  it('admit a session with few fields, and one with many', () => {
    for (const manifest of [sparkConnect('adhoc', { namespace: 'etl' }), session]) {
      expect(refusals(asStored(manifest))).toEqual([]);
      expect(() => parseManifest(manifest)).not.toThrow();
    }
  });

  it.each(badConnects)('refuse a session with $spec $annotations $name in the words of validate', (bad) => {
    const { name = 'adhoc', annotations = {}, spec = {}, message } = bad;
    const manifest = sparkConnect(name, { namespace: 'etl', annotations, spec });
    expect(refusals(asStored(manifest))).toEqual([message]);
    const [path = ''] = message.split(': ');
    expect(problemsOf(manifest).map(({ pathText }) => pathText)).toEqual([path]);
  });

  it('refuse nothing that validate takes, and never fail', () => {
    const crd = Object.fromEntries(kinds.map((kind) => [kind, crdValidator(kind)]));
    const mutated = mutationsOf(full, schedule({ template: full.spec }), session);
    fc.assert(
      fc.property(mutated, (manifest) => {
        const stored = asStored(manifest) as Partial<Written>;
        const kind = kinds.find((each) => each === stored.kind);
        if (kind === undefined || !crd[kind]!(stored)) return;
        if (!isMetadata(stored.metadata)) return;
        const named = { ...stored, metadata: { namespace: 'default', ...stored.metadata } };
        if (refusals(named).length > 0) expect(() => parseManifest(named)).toThrow(ManifestError);
      }),
      { numRuns: byLane({ test: 300, all: 3_000 }) },
    );
  });
});
