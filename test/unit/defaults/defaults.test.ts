import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { defaultsJsonSchema } from '../../../scripts/json-schema.ts';
import {
  DefaultsConfigurationError,
  parseDefaults,
  readDefaults,
  TeamDefaults,
  withDefaults,
} from '../../../src/defaults/index.ts';
import { parseSparkApplication } from '../../../src/manifest/index.ts';
import { toSparkSubmission } from '../../../src/spark/index.ts';
import { watchDefaults, type WatchedDefaults } from '../../../src/worker/defaults-file.ts';
import { application } from '../manifest/manifests.ts';

const own = (spec: object = {}, metadata: object = {}) =>
  parseSparkApplication(application({ ...spec }, { name: 'pi', namespace: 'etl', ...metadata }));
const rules = (...written: object[]) => new TeamDefaults(parseDefaults({ rules: written }));
const all = (set: object) => rules({ name: 'all', set });

/** What each path gets, and from which rule. */
const decided = (defaults: TeamDefaults, manifest = own()) =>
  Object.fromEntries(defaults.decide(manifest).map(({ path, value, rule }) => [path.join(' '), [value, rule]]));

const confOf = (set: object, manifest = own({ image: 'own' })) =>
  toSparkSubmission(withDefaults(manifest, all(set).decide(manifest))).conf;

describe('which rule decides', () => {
  it('is the last one that matches, for each value', () => {
    const defaults = rules(
      { name: 'everyone', set: { image: 'a', sparkConf: { 'spark.a': '1', 'spark.b': '1' }, labels: { x: '1' } } },
      { name: 'etl', match: { namespaces: ['etl'] }, set: { image: 'b', sparkConf: { 'spark.b': '2' } } },
      { name: 'ads', match: { namespaces: ['ads'] }, set: { image: 'c' } },
      {
        ...{ name: 'batch', match: { labels: { kind: 'batch' } } },
        set: { timeToLiveSeconds: 0, eventLog: { dir: 's3a://b' } },
      },
    );
    expect(decided(defaults)).toEqual({
      'spec image': ['b', 'etl'],
      'spec sparkConf spark.a': ['1', 'everyone'],
      'spec sparkConf spark.b': ['2', 'etl'],
      'metadata labels x': ['1', 'everyone'],
    });
    expect(decided(defaults, own({}, { namespace: 'ads', labels: { kind: 'batch', more: 'y' } }))).toMatchObject({
      'spec image': ['c', 'ads'],
      'spec timeToLiveSeconds': [0, 'batch'],
      'spec sparkConf spark.eventLog.dir': ['s3a://b', 'batch'],
    });
  });

  it('matches the labels of the manifest, not those of another rule', () => {
    const defaults = rules(
      { name: 'label', set: { labels: { kind: 'batch' } } },
      { name: 'batch', match: { labels: { kind: 'batch' } }, set: { image: 'a' } },
    );
    expect(decided(defaults)).toEqual({ 'metadata labels kind': ['batch', 'label'] });
  });

  it('may change while applications run', () => {
    const defaults = all({ image: 'before' });
    defaults.exchange(parseDefaults({ rules: [{ name: 'new', set: { image: 'after' } }] }));
    expect(decided(defaults)).toEqual({ 'spec image': ['after', 'new'] });
  });
});

describe('what an application has itself', () => {
  const template = { metadata: { labels: { a: 'own' } }, spec: { serviceAccountName: 'own', containers: [] } };

  it.each<[string, object, object, object?]>([
    ['an image', { image: 'a' }, { image: 'own' }],
    ['an image of each role', { image: 'a' }, { driver: { image: 'own' }, executor: { image: 'own' } }],
    ['a service account', { serviceAccount: 'a' }, { driver: { serviceAccount: 'own' } }],
    ['the service account of a pod template', { serviceAccount: 'a' }, { driver: { template } }],
    ['a time to live', { timeToLiveSeconds: 60 }, { timeToLiveSeconds: 0 }],
    ['sparkConf', { sparkConf: { 'spark.a': '1' } }, { sparkConf: { 'spark.a': '2' } }],
    ['hadoopConf', { sparkConf: { 'spark.hadoop.a': '1' } }, { hadoopConf: { a: '2' } }],
    ['a field of a role', { sparkConf: { 'spark.executor.memory': '4g' } }, { executor: { memory: '1g' } }],
    [
      'a field that sparkConf would beat',
      { sparkConf: { 'spark.kubernetes.container.image.pullPolicy': 'Always' } },
      { imagePullPolicy: 'Never' },
    ],
    [
      'a factor by its older name',
      { sparkConf: { 'spark.driver.memoryOverheadFactor': '0.5' } },
      { memoryOverheadFactor: '0.2' },
    ],
    [
      'dynamic allocation that is off',
      { sparkConf: { 'spark.dynamicAllocation.enabled': 'true' } },
      { dynamicAllocation: { enabled: false } },
    ],
    [
      'a variable in env',
      { sparkConf: { 'spark.kubernetes.driverEnv.HOME': '/a' } },
      { driver: { env: [{ name: 'HOME', value: '/b' }] } },
    ],
    ['an event log', { eventLog: { enabled: true } }, { sparkConf: { 'spark.eventLog.enabled': 'false' } }],
    ['a label', { labels: { a: '1' } }, {}, { labels: { a: 'own' } }],
    [
      'a placement profile',
      { placementProfile: 'a' },
      {},
      { annotations: { 'temporal-spark/placement-profile': 'own' } },
    ],
  ])('stays: %s', (_, set, spec, metadata) => {
    expect(decided(all(set), own(spec, metadata))).toEqual({});
  });

  it('stays for the role that has the label', () => {
    const conf = confOf({ labels: { a: 'default' } }, own({ image: 'own', driver: { template } }));
    expect(conf).not.toHaveProperty(['spark.kubernetes.driver.label.a']);
    expect(conf).toMatchObject({ 'spark.kubernetes.executor.label.a': 'default' });
  });

  it('of one kind does not keep another default from the same role', () => {
    const labelled = { metadata: { labels: { a: 'own' } }, spec: { containers: [] } };
    const anonymous = { spec: { serviceAccountName: 'own', containers: [] } };
    const manifest = own({ image: 'own', driver: { template: anonymous }, executor: { template: labelled } });
    expect(decided(all({ labels: { a: 'default' } }), manifest)).toEqual({
      'spec driver labels a': ['default', 'all'],
    });
  });

  it('is not what the kind SparkApplication would fill in', () => {
    const sparkConf = { 'spark.executor.memory': '4g', 'spark.executor.instances': '5', 'spark.driver.cores': '2' };
    expect(confOf({ sparkConf })).toMatchObject({ ...sparkConf, 'spark.driver.memory': '1g' });
    expect(confOf({ sparkConf: { 'spark.dynamicAllocation.enabled': 'true' } })).not.toHaveProperty([
      'spark.executor.instances',
    ]);
  });

  it('stays where it came after the defaults were decided', () => {
    const later = own({ timeToLiveSeconds: 5 });
    const before = all({ timeToLiveSeconds: 60, image: 'a' }).decide(own());
    expect(withDefaults(later, before).spec).toMatchObject({ timeToLiveSeconds: 5, image: 'a' });
  });
});

describe('a defaults file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-defaults-'));
  const file = join(directory, 'defaults.yaml');
  const open: WatchedDefaults[] = [];
  afterEach(() => {
    for (const watched of open.splice(0)) watched.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('may be the one of the examples, and editors know its schema', () => {
    const example = readDefaults(readFileSync('examples/defaults.yaml', 'utf8'));
    const accepts = new Ajv().compile(defaultsJsonSchema());
    expect(example.rules.map(({ name }) => name)).toEqual(['everyone', 'etl', 'batch']);
    expect(accepts(example)).toBe(true);
    expect(accepts({ rules: [{ name: 'a', set: { images: 'b' } }] })).toBe(false);
  });

  it.each<[string, object, string, RegExp]>([
    ['nothing to set', {}, 'rules[0].set', /at least one value/],
    ['an unknown field', { imag: 'a' }, 'rules[0].set.imag', /unknown|not a field|did you mean/],
    [
      'a secret',
      { sparkConf: { 'spark.hadoop.fs.s3a.secret.key': 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' } },
      'rules[0].set.sparkConf["spark.hadoop.fs.s3a.secret.key"]',
      /looks like a secret, and defaults are recorded/,
    ],
    [
      'what sparkConf of a manifest may not have',
      { sparkConf: { 'spark.kubernetes.container.image': 'a' } },
      'rules[0].set.sparkConf["spark.kubernetes.container.image"]',
      /set image/,
    ],
    [
      'what belongs to one application',
      { sparkConf: { 'spark.kubernetes.namespace': 'a' } },
      'rules[0].set.sparkConf["spark.kubernetes.namespace"]',
      /belongs to one application/,
    ],
    ['what Spark ignores', { sparkConf: { 'fs.a': 'b' } }, 'rules[0].set.sparkConf["fs.a"]', /spark\.hadoop\.fs\.a/],
    [
      'a value that is set twice',
      { eventLog: { dir: 'a' }, sparkConf: { 'spark.eventLog.dir': 'b' } },
      'rules[0].set.sparkConf["spark.eventLog.dir"]',
      /set by eventLog/,
    ],
  ])('is rejected with %s', (_, set, path, message) => {
    const read = () => parseDefaults({ rules: [{ name: 'a', set }] });
    expect(read).toThrow(DefaultsConfigurationError);
    expect(read).toThrow(message);
    expect(read).toThrow(path);
  });

  it('is rejected with two rules of one name, with line and column', () => {
    const text = 'rules:\n  - { name: a, set: { image: a } }\n  - { name: a, set: { image: b } }\n';
    expect(() => readDefaults(text, 'd.yaml')).toThrow(/d\.yaml:3:\d+ {2}rules\[1\]\.name {2}is already the name of/);
  });

  it('is reloaded when it changes', async () => {
    writeFileSync(file, 'rules: [{ name: before, set: { image: a } }]\n');
    const onReload = vi.fn();
    const watched = watchDefaults(file, { onReload, intervalMs: 20 });
    open.push(watched);
    expect(decided(watched.defaults)).toEqual({ 'spec image': ['a', 'before'] });

    writeFileSync(file, 'rules: [{ name: after, set: { image: b } }]\n');
    await eventually('the change', () => onReload.mock.calls.length === 1);
    expect(onReload).toHaveBeenLastCalledWith(undefined);
    expect(decided(watched.defaults)).toEqual({ 'spec image': ['b', 'after'] });
  });

  it('must be readable when a worker starts', () => {
    const start = () => watchDefaults(join(directory, 'none.yaml'));
    expect(start).toThrow(DefaultsConfigurationError);
    expect(start).toThrow(/none\.yaml {2}cannot be read/);
  });
});
