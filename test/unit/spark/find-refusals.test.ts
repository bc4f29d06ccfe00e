import { describe, expect, test } from 'vitest';
import {
  ManifestError,
  parseManifest,
  parseManifests,
  parseSparkApplication,
  type ParseManifestOptions,
} from '../../../src/manifest/index.ts';
import { findRefusals } from '../../../src/spark/index.ts';
import { application, manifest } from './fixtures.ts';

/** What is undefined is not there. */
const pathsOf = (spec: Record<string, unknown>, metadata: Record<string, unknown> = {}) =>
  findRefusals(parseSparkApplication(JSON.parse(JSON.stringify(manifest(spec, metadata))))).map(({ path }) =>
    path.join('/'),
  );

const conf = (sparkConf: Record<string, string>) => ({ sparkConf });
const volume = 'spark.kubernetes.driver.volumes';

test('an application that can be submitted has none', () => {
  expect(pathsOf({})).toEqual([]);
});

describe('a refusal is reported where the value is written', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a version without rules', { sparkVersion: '3.3.4' }, 'spec/sparkVersion'],
    ['a Python application in a jar', { type: 'Python' }, 'spec/mainApplicationFile'],
    ['a file of the submitting machine', { mainApplicationFile: '/opt/app.jar' }, 'spec/mainApplicationFile'],
    ['no image', { image: undefined }, 'spec/image'],
    ['no main class', { mainClass: undefined }, 'spec/mainClass'],
    ['cores', conf({ 'spark.driver.cores': '0.5' }), 'spec/sparkConf/spark.driver.cores'],
    ['memory in sparkConf', conf({ 'spark.executor.memory': '1.5g' }), 'spec/sparkConf/spark.executor.memory'],
    ['a jar of deps', { deps: { jars: ['/a.jar'] } }, 'spec/deps/jars'],
    ['a jar in sparkConf', conf({ 'spark.jars': '/a.jar' }), 'spec/sparkConf/spark.jars'],
    ['a limit', { executor: { memoryLimit: '512m' } }, 'spec/executor/memoryLimit'],
    ['a label of the role', { executor: { labels: { 'spark-role': 'x' } } }, 'spec/executor/labels/spark-role'],
    [
      'a volume of unknown type',
      conf({ [`${volume}.ceph.a.mount.path`]: '/a' }),
      `spec/sparkConf/${volume}.ceph.a.mount.path`,
    ],
    [
      'a scratch volume',
      {
        volumes: [{ name: 'spark-local-dir-a', emptyDir: { sizeLimit: '10' } }],
        driver: { volumeMounts: [{ name: 'spark-local-dir-a', mountPath: '/a' }] },
      },
      'spec/driver/volumeMounts/0',
    ],
    ['what is missing', conf({ 'spark.kerberos.principal': 'a@B' }), 'spec/sparkConf/spark.kerberos.keytab'],
    [
      'a feature step',
      conf({ 'spark.kubernetes.driver.pod.featureSteps': 'a.B' }),
      'spec/sparkConf/spark.kubernetes.driver.pod.featureSteps',
    ],
  ])('%s', (_what, spec, path) => {
    expect(pathsOf(spec)).toEqual([path]);
  });

  test("a label of metadata that is Spark's own", () => {
    expect(pathsOf({}, { labels: { 'spark-role': 'x' } })[0]).toBe('metadata/labels/spark-role');
  });
});

test('all refusals are reported, not only the first', () => {
  const found = pathsOf({
    type: 'Python',
    deps: { jars: ['a.jar'], files: ['b'] },
    sparkConf: {
      'spark.ui.port': '70000',
      'spark.executor.memory': '0g',
      'spark.driver.bindAddress': '0.0.0.0',
      'spark.driver.resource.gpu.amount': '1',
      [`${volume}.emptyDir.a.options.medium`]: 'Memory',
      [`${volume}.nfs.b.mount.path`]: '/b',
    },
    driver: { memoryLimit: '1m' },
    executor: { memoryLimit: '1m' },
  });
  expect(found.toSorted()).toEqual(
    [
      'spec/mainApplicationFile',
      'spec/deps/jars',
      'spec/deps/files',
      'spec/sparkConf/spark.ui.port',
      'spec/sparkConf/spark.driver.bindAddress',
      'spec/sparkConf/spark.driver.resource.gpu.vendor',
      `spec/sparkConf/${volume}.emptyDir.a.mount.path`,
      `spec/sparkConf/${volume}.nfs.b.options.path`,
      `spec/sparkConf/${volume}.nfs.b.options.server`,
      'spec/sparkConf/spark.executor.memory',
      'spec/driver/memoryLimit',
      'spec/executor/memoryLimit',
    ].toSorted(),
  );
});

test('what some submitter can do is not a problem where the application, or the caller, accepts any', () => {
  const spec = { mainApplicationFile: '/opt/app.jar', driver: { memoryLimit: '1m' } };
  const chosen = { annotations: { 'temporal-spark/submitter': 'spark-submit' } };
  expect(pathsOf(spec)).toEqual(['spec/driver/memoryLimit', 'spec/mainApplicationFile']);
  expect(pathsOf(spec, chosen)).toEqual(['spec/driver/memoryLimit']);
  expect(findRefusals(application(spec), { anySubmitter: true })).toHaveLength(1);
});

describe('reading a manifest', () => {
  const options: ParseManifestOptions = { refusals: findRefusals };
  function problemsOf(read: () => unknown) {
    try {
      read();
    } catch (error) {
      if (error instanceof ManifestError) return error.problems;
      throw error;
    }
    return [];
  }
  const textOf = (lines: string[]) => lines.join('\n');
  const spec = [
    'type: Python',
    'sparkVersion: 4.1.4',
    'image: spark:test',
    'mainApplicationFile: local:///app.jar',
    'driver: {memoryLimit: 512m}',
    'executor: {}',
  ];
  const indented = (by: number) => spec.map((line) => ' '.repeat(by) + line);

  test('reports refusals although required fields are invalid, or missing', () => {
    const written = {
      apiVersion: 'sparkoperator.k8s.io/v1beta2',
      kind: 'SparkApplication',
      metadata: { name: 'Pi_1' },
      spec: {
        sparkVersion: '4.1',
        mainApplicationFile: '/app.py',
        type: 'Python',
        nodeSelector: {},
        driver: { cores: 1.5, nodeSelector: {} },
      },
    };
    const paths = (manifest: object) =>
      problemsOf(() => parseManifest(manifest, options)).map(({ pathText }) => pathText);
    const expected = [
      ...['metadata.name', 'spec.driver.cores', 'spec.driver.nodeSelector', 'spec.executor', 'spec.image'],
      ...['spec.mainApplicationFile', 'spec.sparkVersion'],
    ];
    expect(paths(written).sort()).toEqual(expected);
    const { spec: template, ...rest } = written;
    const schedule = { ...rest, kind: 'ScheduledSparkApplication', spec: { schedule: 'daily', template } };
    expect(paths(schedule).sort()).toEqual(
      [...expected.map((path) => path.replace(/^spec\./, 'spec.template.')), 'spec.schedule'].sort(),
    );
  });

  test('reports refusals with the other problems, each with its path', () => {
    const problems = problemsOf(() =>
      parseManifests(
        textOf([
          ...['apiVersion: sparkoperator.k8s.io/v1beta2', 'kind: SparkApplication', 'metadata: {name: pi}', 'spec:'],
          ...indented(2),
          '  imagePullPolcy: Always',
          '  pythonVersion: "4"',
        ]),
        options,
      ),
    );
    expect(problems.map(({ pathText, line, column, code }) => [pathText, line, column, code])).toEqual([
      ['spec.mainApplicationFile', 8, 24, 'refused'],
      ['spec.driver.memoryLimit', 9, 25, 'refused'],
      ['spec.imagePullPolcy', 11, 3, 'unknown_field'],
      ['spec.pythonVersion', 12, 18, expect.any(String)],
    ]);
  });

  test('in a schedule', () => {
    const problems = problemsOf(() =>
      parseManifests(
        textOf([
          ...['apiVersion: sparkoperator.k8s.io/v1beta2', 'kind: ScheduledSparkApplication', 'metadata: {name: pi}'],
          ...['spec:', '  schedule: "@daily"', '  template:', ...indented(4)],
        ]),
        options,
      ),
    );
    expect(problems.map(({ pathText, line }) => [pathText, line])).toEqual([
      ['spec.template.mainApplicationFile', 10],
      ['spec.template.driver.memoryLimit', 11],
    ]);
  });

  const pipeline = (stages: string[], templates: string[] = []) =>
    textOf([
      ...['apiVersion: temporal-spark/v1alpha1', 'kind: SparkPipeline', 'metadata: {name: p}', 'spec:'],
      ...['  parameters: {limit: {type: string}, factor: {type: double}}', ...templates, '  stages:', ...stages],
    ]);

  test('in a pipeline: of a stage, of a nested pipeline, and of a template once', () => {
    const nested = ['    - name: inner', '      application:', '        spec:', ...indented(10)];
    const problems = problemsOf(() =>
      parseManifests(
        pipeline(
          [
            ...['    - {name: a, template: t}', '    - {name: b, template: t}', '    - {name: c, template: t,'],
            '       overrides: {driver: {memoryLimit: 256m}}}',
            ...['    - name: d', '      pipeline:', '        stages:', ...nested.map((line) => `      ${line}`)],
          ],
          ['  templates:', '    t:', '      spec:', ...indented(8)],
        ),
        options,
      ),
    );
    expect(problems.map(({ pathText }) => pathText)).toEqual([
      'spec.templates.t.spec.mainApplicationFile',
      'spec.templates.t.spec.driver.memoryLimit',
      'spec.stages[2].overrides.driver.memoryLimit',
      'spec.stages[3].pipeline.stages[0].application.spec.mainApplicationFile',
      'spec.stages[3].pipeline.stages[0].application.spec.driver.memoryLimit',
    ]);
  });

  test('of what an expression decides, nothing is reported beforehand', () => {
    const lines = indented(10).map((line) =>
      line
        .replace('local:///app.jar', '${{ params.limit }}.py')
        .replace('{memoryLimit: 512m}', '{memoryLimit: 2g}\n          memoryOverheadFactor: ${{ params.factor }}'),
    );
    const text = pipeline(['    - name: a', '      application:', '        spec:', ...lines]);
    expect(problemsOf(() => parseManifests(text, options))).toEqual([]);
  });

  test('of a manifest that is data already', () => {
    const problems = problemsOf(() => parseManifest(manifest({ driver: { memoryLimit: '1m' } }), options));
    expect(problems).toMatchObject([{ pathText: 'spec.driver.memoryLimit', value: '1m', code: 'refused' }]);
    expect(problems[0]!.remedy).toContain('raise it');
  });
});
