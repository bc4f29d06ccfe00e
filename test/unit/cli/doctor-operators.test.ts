import { describe, expect, it } from 'vitest';
import { compareOperators } from '../../../src/cli/commands/doctor/check-operators.ts';
import { canOverlap, parseSelector, selects } from '../../../src/cli/commands/doctor/label-selector.ts';
import { operatorOf } from '../../../src/cli/commands/doctor/operator-scope.ts';
import type { Container, Deployment, Namespace } from '../../../src/kubernetes/objects.ts';

interface Written extends Partial<Container> {
  readonly labels?: Record<string, string>;
  readonly replicas?: number;
}

const deployment = (path: string, { labels = {}, replicas = 1, ...container }: Written): Deployment => {
  const [namespace = '', name = ''] = path.split('/');
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', ...container }] } };
  return { metadata: { namespace, name }, spec: { replicas, selector: {}, template } };
};

/** As the chart of Kubeflow's operator renders it. */
const kubeflow = (...args: string[]) =>
  deployment('spark-operator/spark-operator-controller', {
    labels: { 'app.kubernetes.io/name': 'spark-operator', 'app.kubernetes.io/component': 'controller' },
    image: 'ghcr.io/kubeflow/spark-operator/controller:2.5.2',
    args: ['controller', 'start', ...args, '--controller-threads=10'],
  });

/** As ours does. */
const own = (path: string, variables: Readonly<Record<string, string>> = {}) => {
  const all = { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_SPARK_OPERATOR: 'true', ...variables };
  return deployment(path, { env: Object.entries(all).map(([name, value]) => ({ name, value })) });
};

const namespaces: Namespace[] = [
  { metadata: { name: 'etl', labels: { team: 'data', 'kubernetes.io/metadata.name': 'etl' } } },
  { metadata: { name: 'ml', labels: { team: 'ml', 'kubernetes.io/metadata.name': 'ml' } } },
];

const compared = (...deployments: Deployment[]) =>
  compareOperators(
    deployments.flatMap((each) => operatorOf(each) ?? []),
    namespaces,
  );

const NAMESPACES = 'TEMPORAL_SPARK_OPERATOR_NAMESPACES';
const NAMESPACE_SELECTOR = 'TEMPORAL_SPARK_OPERATOR_NAMESPACE_SELECTOR';
const SELECTOR = 'TEMPORAL_SPARK_OPERATOR_SELECTOR';

describe('two operators of the same resources', () => {
  it.each<[string, Deployment, Deployment, string]>([
    ['all namespaces twice', kubeflow(), own('spark/workers'), 'etl, ml'],
    ['all, written as the chart does', kubeflow('--namespaces=""'), own('spark/workers', { [NAMESPACES]: 'ml' }), 'ml'],
    ['a name in both', kubeflow('--namespaces=etl,ml'), own('spark/workers', { [NAMESPACES]: 'ml' }), 'ml'],
    ['flags in two words', kubeflow('--namespaces', 'etl'), own('spark/workers'), 'etl'],
    [
      'a name and a label',
      kubeflow('--namespaces=etl'),
      own('spark/workers', { [NAMESPACE_SELECTOR]: 'team in (data, web)' }),
      'etl',
    ],
    [
      'a name or a label, which Kubeflow adds up',
      kubeflow('--namespaces=etl', '--namespace-selector=team=ml'),
      own('spark/workers'),
      'etl, ml',
    ],
    ['a label of ours, which Kubeflow does not know', kubeflow(), own('a/b', { [SELECTOR]: 'by=us' }), 'etl, ml'],
    [
      'version 1 of the operator',
      deployment('spark/sparkoperator', { image: 'gcr.io/spark-operator/spark-operator:v1', args: ['-namespace=etl'] }),
      own('spark/workers'),
      'etl',
    ],
    [
      'a process of its own',
      kubeflow('--namespaces=etl'),
      deployment('a/b', { image: 'x/temporal-spark:1', args: ['operator', '--namespaces', 'ml,etl'] }),
      'etl',
    ],
    ['two of ours on other task queues', own('a/b'), own('c/d', { TEMPORAL_SPARK_TASK_QUEUE: 'other' }), 'etl, ml'],
  ])('are found: %s', (_, one, other, where) => {
    const [finding, ...others] = compared(one, other);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ status: 'failed', check: 'operators of SparkApplications' });
    expect(finding!.found).toMatch(/both serve SparkApplications( and SparkConnects)? in: /);
    expect(finding!.found).toContain(` in: ${where}; both would run them`);
    expect(finding!.remedy).toContain('docs/from-kubeflow.md');
  });

  it.each([
    ['ghcr.io/kubeflow/spark-operator/controller:2.5.2', true],
    ['ghcr.io/kubeflow/spark-operator/controller:2.2.1', false],
    ['registry:5000/spark-operator:v1beta2-1.3.8-3.1.1', false],
    ['registry:5000/spark-operator@sha256:1a', true],
  ])('share SparkConnects where both know the kind: %s', (image, both) => {
    const [finding] = compared(deployment('spark/operator', { image, args: ['start'] }), own('spark/workers'));
    const kinds = both ? 'SparkApplications and SparkConnects' : 'SparkApplications';
    expect(finding!.found).toContain(`both serve ${kinds} in: etl, ml`);
  });

  it('are named with what to do about each', () => {
    const [finding] = compared(kubeflow(), own('spark/workers'));
    expect(finding!.found).toMatch(
      /^spark-operator\/spark-operator-controller \(Spark operator of Kubeflow\) and spark\/workers \(temporal-spark\) /,
    );
    expect(finding!.remedy).toBe(
      'leave these namespaces out of spark.jobNamespaces of spark-operator/spark-operator-controller, or stop it: kubectl -n spark-operator scale deployment spark-operator-controller --replicas=0; or limit spark/workers with applications.namespaces, operator.namespaceSelector or operator.selector of its chart (docs/from-kubeflow.md)',
    );
  });

  it.each<[string, Deployment[]]>([
    ['other namespaces', [kubeflow('--namespaces=etl'), own('spark/workers', { [NAMESPACES]: 'ml' })]],
    [
      'other labels',
      [own('a/b', { [SELECTOR]: 'by=us' }), own('c/d', { [SELECTOR]: 'by!=us', TEMPORAL_ADDRESS: 'x' })],
    ],
    ['replicas of one', [own('a/b'), own('c/d')]],
    ['one that is scaled to zero', [{ ...kubeflow(), spec: { ...kubeflow().spec!, replicas: 0 } }, own('a/b')]],
    [
      'its webhook',
      [
        deployment('a/hook', { image: 'ghcr.io/kubeflow/spark-operator/controller:2', args: ['webhook', 'start'] }),
        own('a/b'),
      ],
    ],
    ['workers that serve no resources', [kubeflow(), own('a/b', { TEMPORAL_SPARK_OPERATOR: 'false' })]],
    ['another program', [kubeflow(), deployment('a/b', { image: 'nginx', args: ['operator'] })]],
  ])('are not found: %s', (_, deployments) => {
    expect(compared(...deployments).filter(({ status }) => status !== 'ok')).toEqual([]);
  });

  it('are shown with what they serve where they are apart', () => {
    expect(compared(kubeflow('--namespaces=etl'), own('spark/workers', { [NAMESPACES]: 'ml' }))).toEqual([
      {
        ...{ status: 'ok', check: 'operator spark-operator/spark-operator-controller' },
        found: 'Spark operator of Kubeflow; serves namespaces: etl',
      },
      { status: 'ok', check: 'operator spark/workers', found: 'temporal-spark; serves namespaces: ml' },
    ]);
  });
});

describe('label selectors', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['', {}, true],
    ['a=b', { a: 'b' }, true],
    ['a==b,c', { a: 'b' }, false],
    ['a!=b', {}, true],
    ['a in (b, c),!d', { a: 'c' }, true],
    ['a notin (b,c)', { a: 'c' }, false],
    ['!a', { a: '' }, false],
  ])('%j selects %j: %s', (selector, labels, expected) => {
    expect(selects(parseSelector(selector), labels)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ['', 'a=b', true],
    ['a=b', 'a=c', false],
    ['a=b', 'c=d', true],
    ['a=b', 'a!=b', false],
    ['a=b', '!a', false],
    ['a!=b', '!a', true],
    ['a in (b,c)', 'a notin (b)', true],
    ['a in (b,c)', 'a notin (b,c)', false],
    ['a', 'a notin (b)', true],
  ])('%j and %j can select the same object: %s', (one, other, expected) => {
    expect(canOverlap(parseSelector(one), parseSelector(other))).toBe(expected);
    expect(canOverlap(parseSelector(other), parseSelector(one))).toBe(expected);
  });
});
