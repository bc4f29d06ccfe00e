import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { tenancyJsonSchema } from '../../../scripts/json-schema.ts';
import { parseTenancy, readTenancy, Tenancy, TenancyConfigurationError } from '../../../src/tenancy/index.ts';
import { watchTenancy, type WatchedTenancy } from '../../../src/worker/tenancy-file.ts';

const payments = { temporalNamespace: 'payments', taskQueue: 'temporal-spark' };
const target = { namespace: 'payments', name: 'pi' };
const noLabels = () => Promise.reject(new Error('labels are not needed'));
const rules = (...written: object[]) => new Tenancy(parseTenancy({ rules: written }));
const use = { serviceAccounts: ['spark'], cluster: undefined, submitter: 'native', pools: ['compute'] };

describe('which rule decides', () => {
  it('is the first of the Temporal namespace, the task queue and the Kubernetes namespace', async () => {
    const tenancy = rules(
      { name: 'others', from: { temporalNamespaces: ['ads'] }, submitters: ['a'] },
      { name: 'queue', from: { taskQueues: ['etl'] }, submitters: ['b'] },
      { name: 'elsewhere', namespaces: ['ads'], submitters: ['c'] },
      { name: 'own', namespaces: ['payments'], submitters: ['d'] },
      { name: 'all', submitters: ['e'] },
    );
    const submitters = async (origin: object, namespace = 'payments') => {
      const allowance = await tenancy.allowance({ ...payments, ...origin }, { ...target, namespace }, noLabels);
      return ['a', 'b', 'c', 'd', 'e'].filter((name) => allowance.allowsSubmitter(name)).join('');
    };
    expect(await submitters({})).toBe('d');
    expect(await submitters({ temporalNamespace: 'ads' })).toBe('a');
    expect(await submitters({ taskQueue: 'etl' })).toBe('b');
    expect(await submitters({}, 'ads')).toBe('c');
    expect(await submitters({}, 'third')).toBe('e');
  });

  it('may be one by labels of the namespace, all of them, read only where they are needed', async () => {
    const tenancy = rules(
      { name: 'name', namespaces: ['payments'] },
      { name: 'labels', namespaceLabels: { team: 'ads', stage: 'test' }, submitters: ['isolated'] },
    );
    const labelled = (labels: Record<string, string> | undefined) =>
      tenancy.allowance(payments, { ...target, namespace: 'ads' }, async () => labels);
    expect((await labelled({ team: 'ads', stage: 'test', more: '' })).allowsSubmitter('native')).toBe(false);
    for (const labels of [{ team: 'ads' }, {}, undefined]) {
      await expect(labelled(labels)).rejects.toMatchObject({ reason: 'Namespace' });
    }
    await expect(tenancy.allowance(payments, target, noLabels)).resolves.toBeDefined();
    // The name of a property that every object has.
    const inherited = rules({ name: 'inherited', namespaceLabels: { constructor: 'x' } });
    await expect(inherited.allowance(payments, target, async () => ({}))).rejects.toMatchObject({ retryable: false });
  });

  it('is needed: without one an application is refused with what is allowed', async () => {
    const tenancy = rules(
      { name: 'payments', from: { temporalNamespaces: ['payments'] }, namespaces: ['a', 'b'] },
      { name: 'by-label', from: { temporalNamespaces: ['payments'] }, namespaceLabels: { team: 'payments' } },
    );
    const system = tenancy.allowance(payments, { namespace: 'kube-system', name: 'pi' }, async () => ({}));
    await expect(system).rejects.toMatchObject({
      ...{ type: 'TenancyRefused', retryable: false, rule: undefined },
      message:
        'Application kube-system/pi may not use the Kubernetes namespace "kube-system": the tenancy rules of Temporal namespace "payments" and task queue "temporal-spark" (payments, by-label) allow a, b, namespaces with team=payments. Set metadata.namespace to one of these, or ask an administrator for a rule.',
    });
    await expect(tenancy.allowance({ ...payments, temporalNamespace: 'ads' }, target, noLabels)).rejects.toThrow(
      /no tenancy rule is for Temporal namespace "ads" and task queue "temporal-spark"\. Start it from/,
    );
  });

  it('may change while applications run', async () => {
    const tenancy = rules({ name: 'before', namespaces: ['payments'] });
    await expect(tenancy.allowance(payments, target, noLabels)).resolves.toBeDefined();
    tenancy.exchange(parseTenancy({ rules: [{ name: 'after', namespaces: ['ads'] }] }));
    await expect(tenancy.allowance(payments, target, noLabels)).rejects.toThrow('(after) allow ads');
  });
});

describe('what a rule allows', () => {
  const rule = {
    ...{ name: 'payments', namespaces: ['payments'], serviceAccounts: ['spark', 'etl'] },
    ...{ clusters: ['east'], submitters: ['isolated'], pools: ['compute'] },
  };
  const allowed = { serviceAccounts: ['etl', 'spark'], cluster: 'east', submitter: 'isolated', pools: ['compute'] };

  it.each([
    [
      'ServiceAccount',
      { serviceAccounts: ['spark', 'admin'] },
      'service account "admin"',
      'spark, etl. Set spec.driver',
    ],
    ['Cluster', { cluster: 'west' }, 'cluster "west"', 'east. Set the annotation temporal-spark/cluster to'],
    ['Cluster', { cluster: undefined }, 'only cluster of this worker, which has no name', 'east. Use the task queue'],
    [
      'Submitter',
      { submitter: 'native' },
      'submitter "native"',
      'isolated. Set the annotation temporal-spark/submitter',
    ],
    ['Pool', { pools: ['compute', 'any'] }, 'node pool "any"', 'compute. Set the annotation temporal-spark/placement-'],
  ])('is checked with the rule in the message: %s', async (reason, changed, what, remedy) => {
    const allowance = await rules(rule).allowance(payments, target, noLabels);
    expect(() => allowance.check(allowed)).not.toThrow();
    const check = () => allowance.check({ ...allowed, ...changed });
    expect(check).toThrow(`payments/pi may not use the ${what}: tenancy rule "payments" allows ${remedy}`);
    expect(check).toThrow(expect.objectContaining({ reason, rule: 'payments', retryable: false }) as Error);
  });

  it('is everything that it does not list', async () => {
    const allowance = await rules({ name: 'all' }).allowance(payments, target, noLabels);
    expect(() => allowance.check(use)).not.toThrow();
  });

  it('limits the choice of a cluster, as far as its rules do not depend on labels', () => {
    const named = rules(rule, { name: 'all' });
    expect(named.clustersFor(payments, 'payments')).toEqual(['east']);
    expect(named.clustersFor(payments, 'ads')).toBeUndefined();
    const labelled = rules({ name: 'labels', namespaceLabels: { a: 'b' }, clusters: ['west'] }, rule);
    expect(labelled.clustersFor(payments, 'payments')).toEqual(['west', 'east']);
    expect(labelled.clustersFor(payments, 'ads')).toEqual(['west']);
  });
});

describe('a tenancy file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-tenancy-'));
  const file = join(directory, 'tenancy.yaml');
  const open: WatchedTenancy[] = [];
  afterEach(() => {
    for (const watched of open.splice(0)) watched.close();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('has all its problems reported at once, with line and column', () => {
    const text = 'rules:\n  - name: one\n    namespace: [a]\n  - name: two\n    namespaces: ["A!"]\n    clusters: []\n';
    expect(problemsOf(() => readTenancy(text, 'tenancy.yaml'))).toEqual([
      ['rules[0].namespace', 3, 5],
      ['rules[1].namespaces[0]', 5, 18],
      ['rules[1].clusters', 6, 15],
    ]);
    expect(problemsOf(() => readTenancy('rules:\n  - name: one\n  - name: one\n'))).toEqual([['rules[1].name', 3, 11]]);
  });

  it.each(['', 'rules: []\n', 'rules: [{ name: a, namespaceLabels: {} }]\n'])(
    'is rejected where it would allow something by mistake: %j',
    (text) => {
      expect(() => readTenancy(text)).toThrow(TenancyConfigurationError);
    },
  );

  it('may be the one of the examples, and editors know its schema', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'examples', 'tenancy.yaml'), 'utf8');
    const example = readTenancy(text);
    const accepts = new Ajv().compile(tenancyJsonSchema());
    expect(example.rules.map(({ name }) => name)).toEqual(['payments', 'analytics']);
    expect(accepts(example)).toBe(true);
    expect(accepts({ rules: [{ name: 'a', namespace: ['b'] }] })).toBe(false);
  });

  it('is reloaded when it changes', async () => {
    writeFileSync(file, 'rules: [{ name: before, namespaces: [payments] }]\n');
    const onReload = vi.fn();
    const watched = watchTenancy(file, { onReload, intervalMs: 20 });
    open.push(watched);
    const refusal = () => watched.tenancy.allowance(payments, target, noLabels).catch((error: unknown) => error);
    expect(await refusal()).not.toBeInstanceOf(Error);

    writeFileSync(file, 'rules: [{ name: after, namespaces: [ads] }]\n');
    await eventually('the change', () => onReload.mock.calls.length === 1);
    expect(onReload).toHaveBeenLastCalledWith(undefined);
    expect(await refusal()).toMatchObject({ type: 'TenancyRefused' });
  });

  it('must be readable when a worker starts', () => {
    expect(() => watchTenancy(join(directory, 'none.yaml'))).toThrow(/none\.yaml {2}cannot be read/);
  });
});

function problemsOf(read: () => unknown): unknown[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof TenancyConfigurationError)) throw error;
    return error.problems.map(({ pathText, line, column }) => [pathText, line, column]);
  }
  throw new Error('The configuration was expected to be rejected');
}
