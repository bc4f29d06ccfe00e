import { describe, expect, it } from 'vitest';
import { parseManifests, type ManifestProblem } from '../../../src/manifest/index.ts';
import { application, problemsThrownBy } from './manifests.ts';

const json = (name: string, spec: Record<string, unknown> = {}): string => JSON.stringify(application(spec, { name }));
const yaml = (fields = ''): string => `apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: daily}
spec:
  sparkVersion: 4.1.4
  mainApplicationFile: local:///opt/daily.jar
  driver: {}
  executor: {}
${fields}`;

const namesOf = (text: string): string[] => parseManifests(text).map(({ metadata }) => metadata.name);
const problemsOfText = (text: string): readonly ManifestProblem[] =>
  problemsThrownBy(() => parseManifests(text, { fileName: 'a.yaml' }));

function notesOf(text: string): ManifestProblem[] {
  const notes: ManifestProblem[] = [];
  parseManifests(text, { fileName: 'a.yaml', onNote: (note) => notes.push(note) });
  return notes;
}

describe('a list of manifests', () => {
  it('is read item by item, as kubectl prints it', () => {
    const items = [json('one'), json('two')].join(', ');
    expect(namesOf(`{"apiVersion": "v1", "kind": "List", "items": [${items}]}`)).toEqual(['one', 'two']);
  });

  it('of applications completes what the items leave out', () => {
    const { metadata, spec } = application({}, { name: 'three' });
    const list = { apiVersion: 'sparkoperator.k8s.io/v1beta2', kind: 'SparkApplicationList' };
    expect(namesOf(JSON.stringify({ ...list, items: [{ metadata, spec }] }))).toEqual(['three']);
  });

  it('has the problems of an item reported where they are in the list', () => {
    const text = `apiVersion: v1\nkind: List\nitems:\n- ${json('one')}\n- ${json('two', { image: 7 })}\n`;
    expect(problemsOfText(text)).toMatchObject([{ pathText: 'items[1].spec.image', line: 5, code: 'wrong_type' }]);
  });
});

describe('JSON objects one after the other', () => {
  it('are a document each', () => {
    expect(namesOf(`${json('one')}\n${json('two')}${json('three')}`)).toEqual(['one', 'two', 'three']);
  });

  it('have their problems reported by line', () => {
    expect(problemsOfText(`${json('one')}\n${json('two', { image: 7 })}\n`)).toMatchObject([
      { document: 2, pathText: 'spec.image', line: 2 },
    ]);
  });
});

describe('objects of other kinds', () => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: daily}\n';
  const binding = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: daily}\n';

  it('are skipped next to a manifest, with one note', () => {
    const text = `# chart\n---\n${account}---\n${binding}---\n${yaml()}`;
    expect(namesOf(text)).toEqual(['daily']);
    expect(notesOf(text)).toMatchObject([
      {
        ...{ file: 'a.yaml', line: 3, code: 'other_kind' },
        message: 'skips what it does not create: ServiceAccount daily, RoleBinding daily',
        remedy: 'create them beforehand with kubectl apply, or with temporal-spark run --with-others',
      },
    ]);
  });

  it('are rejected alone, and where the kind resembles one that runs here', () => {
    expect(problemsOfText(account)).toMatchObject([{ pathText: 'kind', message: 'is not a supported kind' }]);
    expect(problemsOfText(`${yaml()}---\n${yaml().replace('kind: Spark', 'kind: spark')}`)).toMatchObject([
      { pathText: 'kind', remedy: 'did you mean "SparkApplication"?' },
    ]);
  });
});

describe('a key that is set more than once', () => {
  it('is accepted with a note that has its line', () => {
    const text = yaml('  sparkConf:\n    spark.sql.ansi.enabled: "true"\n    spark.sql.ansi.enabled: "false"\n');
    expect(parseManifests(text)).toMatchObject([{ spec: { sparkConf: { 'spark.sql.ansi.enabled': 'false' } } }]);
    expect(notesOf(text)).toMatchObject([
      {
        ...{ file: 'a.yaml', line: 11, column: 5, pathText: 'spec.sparkConf["spark.sql.ansi.enabled"]' },
        message: 'is set more than once: first in line 10, and the last value counts',
      },
    ]);
  });
});

describe('a template that was not rendered', () => {
  it.each([
    [
      'a value without quotes',
      yaml('  timeToLiveSeconds: {{ params.ttl | default(60) }}\n'),
      '{{ params.ttl | default(60) }}',
    ],
    [
      'a block of Helm',
      yaml('{{- if .Values.image }}\n  image: {{ .Values.image }}\n{{- end }}\n'),
      '{{- if .Values.image }}',
    ],
    ['a block of Jinja', yaml('{% for x in xs %}\n  image: {{ x }}\n{% endfor %}\n'), '{% for x in xs %}'],
    ['a name', yaml().replace('name: daily', 'name: "daily-{{ ds_nodash }}"'), '{{ ds_nodash }}'],
    ['a number in quotes', yaml('  timeToLiveSeconds: "{{ ttl }}"\n  mode: client\n'), '{{ ttl }}'],
  ])('is the one problem of its file: %s', (_, text, expression) => {
    expect(problemsOfText(text)).toMatchObject([
      { code: 'unrendered', message: `is a template of Helm or Jinja that was not rendered: ${expression}` },
    ]);
  });

  it.each([
    ['an expression for the application', yaml('  arguments: ["{{ ds }}"]\n')],
    ['a placeholder of the operator', yaml('  sparkUIOptions: {ingressAnnotations: {a: "{{$appName}}"}}\n')],
    [
      'a placeholder of Spark',
      yaml('  driver: {labels: {id: "x"}, annotations: {id: "{{APP_ID}}"}}\n').replace('  driver: {}\n', ''),
    ],
  ])('is not %s', (_, text) => {
    expect(problemsOfText(text)).toEqual([]);
  });

  it('does not hide a problem of another field', () => {
    const problems = problemsOfText(yaml('  arguments: ["{{ ds }}"]\n  mode: client\n'));
    expect(problems).toMatchObject([{ pathText: 'spec.mode' }]);
  });
});

it("a template file of Airflow's operator is rejected with where its manifest is", () => {
  const text = `spark:\n${yaml().replace(/^/gm, '  ')}\nkubernetes:\n  in_cluster: true\n`;
  expect(problemsOfText(text)).toMatchObject([
    { pathText: 'spark', message: expect.stringContaining('SparkKubernetesOperator') as string },
  ]);
});
