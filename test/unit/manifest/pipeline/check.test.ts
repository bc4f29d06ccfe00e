import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatProblems, parseManifests, parseSparkPipeline } from '../../../../src/manifest/index.ts';
import { problemsOf, problemsThrownBy } from '../manifests.ts';
import { applicationSpec, pipeline, stage } from './pipelines.ts';

/** Each problem as `path: code`. */
const found = (...given: Parameters<typeof pipeline>): string[] =>
  problemsOf(pipeline(...given)).map(({ pathText, code }) => `${pathText}: ${code}`);

const messageOf = (...given: Parameters<typeof pipeline>): string => {
  const problems = problemsOf(pipeline(...given));
  expect(problems).toHaveLength(1);
  return formatProblems(problems);
};

const nameParameter = { parameters: { date: { type: 'string' }, size: { type: 'int', default: 2 } } };

describe('a pipeline', () => {
  it('with everything in it is accepted', () => {
    const file = readFileSync(new URL('full-pipeline.yaml', import.meta.url), 'utf8');
    const [manifest] = parseManifests(file);
    expect(manifest).toMatchObject({ kind: 'SparkPipeline', metadata: { name: 'everything', namespace: 'etl' } });
  });

  it('that a run could not hand on to the one that continues it is refused', () => {
    const args = Array.from({ length: 1_200 }, () => 'x'.repeat(1_000));
    const large = messageOf([stage('a', { workflow: { type: 'x', args } })]);
    expect(large).toMatch(
      /spec {2}takes 1,2\d\d,\d+ bytes, including the state of its 1 stages; the limit is 1,200,000 bytes; turn/,
    );
  });

  it('decides whether a stage runs, and over what, before there is an item', () => {
    const work = { type: 'x', args: ['${{ item }}'] };
    expect(found([stage('a', { workflow: work, forEach: { items: [1, 2, 3] }, when: 'item > 1' })])).toEqual([
      'spec.stages[0].when: unknown_reference',
    ]);
    expect(found([stage('a', { workflow: work, forEach: { items: '${{ [item] }}' } })])).toContain(
      'spec.stages[0].forEach.items: unknown_reference',
    );
    expect(found([stage('a', { workflow: work, forEach: { items: [1, 2, 3] } })])).toEqual([]);
  });

  it('takes JSON that was checked before as it is', () => {
    const checked = parseSparkPipeline(pipeline([stage('a'), stage('b', { dependsOn: ['a'] })]));
    expect(parseSparkPipeline(JSON.parse(JSON.stringify(checked)))).toEqual(checked);
  });

  it('has all problems reported at once, with line and column', () => {
    const text = `apiVersion: temporal-spark/v1alpha1
kind: SparkPipeline
metadata:
  name: bad
spec:
  parameters:
    size: { type: int, default: three }
  stages:
    - name: extract
      application:
        spec:
          sparkVersion: 4.1.4
          mainApplicationFile: local:///etl.py
          driver: { coress: 1 }
          executor: { instances: "\${{ params.siez }}" }
    - name: load
      dependsOn: [extrakt]
      template: etl
      when: 1 +
    - name: load
      workflow: { type: x }
`;
    const problems = problemsThrownBy(() => parseManifests(text, { fileName: 'bad.yaml' }));
    expect(formatProblems(problems).split('\n')).toEqual([
      'bad.yaml:7:33  spec.parameters.size.default  must be a whole number',
      'bad.yaml:14:21  spec.stages[0].application.spec.driver.coress  is not a known field; did you mean "cores"?',
      'bad.yaml:15:34  spec.stages[0].application.spec.executor.instances  `params.siez` names siez, which does not exist',
      'bad.yaml:17:19  spec.stages[1].dependsOn[0].stage  is not a stage of this pipeline; allowed: extract; did you mean "extract"?',
      'bad.yaml:18:17  spec.stages[1].template  is not one of spec.templates',
      'bad.yaml:19:13  spec.stages[1].when  `1 +` cannot be read: Unexpected token: EOF',
      'bad.yaml:20:13  spec.stages[2].name  is already the name of stages[1]; give each stage its own name',
    ]);
  });

  it.each([
    ['params.siez + params.sise', ['siez', 'sise']],
    ['stages["b"].outputs.x > 0 || no.such || params.siez == 1', ['stages["b"]', 'no', 'siez']],
    ['params.siez + params.siez', ['siez']],
    ['[params.siez].exists(each, each == params.other)', ['siez', 'other']],
    ['params.size + params.siez + 1', ['siez']],
    ['!params.siez.day && (no ? item : index)', ['siez', 'no', 'item', 'index']],
  ])('names every unknown name of the expression %s', (when, names) => {
    const problems = problemsThrownBy(() =>
      parseSparkPipeline(pipeline([stage('a', { when })], { parameters: { size: { type: 'int' } } })),
    );
    expect(problems.map(({ message }) => /` names (.+), which/.exec(message)?.[1])).toEqual(names);
  });

  it('of a thousand stages is checked in a few seconds', () => {
    const stages = Array.from({ length: 1000 }, (_, index) => ({
      name: `s${index}`,
      template: 'etl',
      overrides: { arguments: [index === 0 ? '' : `\${{ stages.s${index - 1}.outputs.rows }}`] },
      outputs: { rows: 'int' },
      ...(index === 0 ? {} : { dependsOn: [`s${index - 1}`] }),
    }));
    const begun = performance.now();
    expect(found(stages, { templates: { etl: { spec: applicationSpec() } } })).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(20_000);
  });
});

describe('the graph of a pipeline', () => {
  it.each([
    ['itself', [stage('a', { dependsOn: ['a'] })], 'a needs a'],
    [
      'a cycle',
      [stage('a', { dependsOn: ['c'] }), stage('b', { dependsOn: ['a'] }), stage('c', { dependsOn: ['b'] })],
      'a needs c needs b needs a',
    ],
  ])('may not hold %s', (_, stages, cycle) => {
    expect(messageOf(stages)).toBe(`spec.stages[0].dependsOn  has a cycle: ${cycle}; remove one of these dependencies`);
  });

  it('has two cycles reported, each once', () => {
    const two = [
      ['a', 'b'],
      ['b', 'a'],
      ['c', 'd'],
      ['d', 'c'],
    ].map(([name, need]) => stage(name!, { dependsOn: [need] }));
    expect(found(two)).toEqual(['spec.stages[0].dependsOn: cycle', 'spec.stages[2].dependsOn: cycle']);
  });

  it('may not name an unknown stage, nor use the same name twice', () => {
    expect(found([stage('a'), stage('a'), stage('b', { dependsOn: ['nobody'] })])).toEqual([
      'spec.stages[1].name: duplicate',
      'spec.stages[2].dependsOn[0].stage: unknown_reference',
    ]);
  });

  it('has no stage that could never run', () => {
    const needs = (name: string, condition: string) => ({ stage: name, condition });
    expect(
      found([
        stage('a'),
        stage('b', { dependsOn: ['a'] }),
        stage('c', { dependsOn: ['b', needs('a', 'failed')] }),
        stage('d', { dependsOn: [needs('a', 'failed')] }),
        stage('e', { dependsOn: [needs('b', 'completed'), needs('a', 'failed')] }),
        stage('f', { when: 'false' }),
      ]),
    ).toEqual(['spec.stages[2].dependsOn: unreachable', 'spec.stages[5].when: unreachable']);
  });

  it('has clean-up stages after all others', () => {
    expect(found([stage('a', { dependsOn: ['z'] }), stage('z', { always: true })])).toEqual([
      'spec.stages[0].dependsOn[0].stage: not_supported',
    ]);
    expect(found([stage('a'), stage('y', { always: true, dependsOn: ['z'] }), stage('z', { always: true })])).toEqual(
      [],
    );
  });
});

describe('the semaphores of a pipeline', () => {
  const holding = (name: string, semaphore: object, more: object = {}) => stage(name, { semaphore, ...more });
  const warehouse = { name: 'warehouse', limit: 2 };

  it('are not taken within a stage that holds the same, however deep', () => {
    const innermost = { stages: [holding('c', warehouse), holding('d', { name: 'other', limit: 1 })] };
    const inner = { stages: [{ name: 'b', pipeline: innermost }] };
    const message = messageOf([{ name: 'a', pipeline: inner, semaphore: warehouse }, holding('e', warehouse)]);
    expect(message).toBe(
      'spec.stages[0].pipeline.stages[0].pipeline.stages[0].semaphore.name  waits for the semaphore warehouse, which an enclosing stage holds; acquire it either around the nested pipeline or within it',
    );
  });

  it('have one limit each', () => {
    expect(found([holding('a', warehouse), holding('b', { ...warehouse, limit: 3 }), holding('c', warehouse)])).toEqual(
      ['spec.stages[1].semaphore.limit: contradiction'],
    );
  });
});

describe('what a stage runs', () => {
  it('is declared once', () => {
    expect(found([{ name: 'a' }, stage('b', { activity: { type: 'x' } })])).toEqual([
      'spec.stages[0]: required',
      'spec.stages[1].activity: exclusive',
    ]);
  });

  it('may be a template, which must exist and result in a complete application with its overrides', () => {
    const templates = { etl: { spec: applicationSpec({ mainApplicationFile: undefined }) } };
    expect(found([{ name: 'a', template: 'elt' }], { templates })).toEqual([
      'spec.stages[0].template: unknown_reference',
    ]);
    expect(found([{ name: 'a', template: 'etl' }], { templates })).toEqual([
      'spec.stages[0].overrides.mainApplicationFile: required',
    ]);
    const overrides = { mainApplicationFile: 'local:///a.py', driver: { memory: 'lots' } };
    expect(found([{ name: 'a', template: 'etl', overrides }], { templates })).toEqual([
      'spec.stages[0].overrides.driver.memory: invalid_format',
    ]);
  });

  it('has the problem of a shared template reported once', () => {
    const templates = { etl: { spec: applicationSpec({ image: 7 }) } };
    expect(
      found(
        [
          { name: 'a', template: 'etl' },
          { name: 'b', template: 'etl' },
        ],
        { templates },
      ),
    ).toEqual(['spec.templates.etl.spec.image: wrong_type']);
  });

  it('has outputs in a ConfigMap only where a driver can leave some', () => {
    const outputsFrom = 'ConfigMap';
    expect(found([stage('a', { outputsFrom, outputs: { rows: 'int' } })])).toEqual([
      'spec.stages[0].outputsFrom: not_supported',
    ]);
    const templates = { etl: { spec: applicationSpec() } };
    expect(found([{ name: 'a', template: 'etl', outputsFrom }], { templates })).toEqual([
      'spec.stages[0].outputsFrom: required',
    ]);
  });

  it('has overrides and parameters only where they mean something', () => {
    expect(found([stage('a', { overrides: {}, parameters: {} })])).toEqual([
      'spec.stages[0].overrides: not_supported',
      'spec.stages[0].parameters: not_supported',
    ]);
  });

  it('may be a file only where the caller reads it', () => {
    expect(messageOf([{ name: 'a', applicationFile: 'a.yaml' }])).toContain(
      'was not read before the manifest was submitted',
    );
  });

  it('may be a pipeline, which is checked as deep as it goes, and its parameters with it', () => {
    const inner = {
      parameters: { day: { type: 'string' }, size: { type: 'int', default: 1 } },
      outputs: { rows: { type: 'int', value: '${{ stages.x.outputs.rows }}' } },
      stages: [stage('x', { outputs: { rows: 'int' } })],
    };
    const outer = (fields: Record<string, unknown>, when = 'stages.nested.outputs.rows > 0') => [
      { name: 'nested', pipeline: inner, ...fields },
      stage('after', { dependsOn: ['nested'], when }),
    ];
    expect(found(outer({ parameters: { day: 'x' } }))).toEqual([]);
    expect(found(outer({ parameters: { day: 1, dya: '' } }))).toEqual([
      'spec.stages[0].parameters.day: wrong_type',
      'spec.stages[0].parameters.dya: unknown_reference',
    ]);
    expect(found(outer({}))).toEqual(['spec.stages[0].parameters.day: required']);
    const broken = { ...inner, stages: [stage('x', { dependsOn: ['y'] })] };
    expect(found([{ name: 'n', pipeline: broken, parameters: { day: '' } }])).toEqual([
      'spec.stages[0].pipeline.stages[0].dependsOn[0].stage: unknown_reference',
      'spec.stages[0].pipeline.outputs.rows.value: unknown_reference',
    ]);
  });
});

describe('the expressions of a pipeline', () => {
  const argument = (text: string, fields: Record<string, unknown> = {}) =>
    found(
      [
        stage('a', { outputs: { rows: 'int' } }),
        stage('my-b'),
        stage('c', { dependsOn: ['a'], ...fields, workflow: { type: 'x', args: [text] } }),
      ],
      nameParameter,
    );

  it.each([
    'plain text, $HOME, ${VAR} and {{ curly }}',
    '${{ params.date }}/${{ run.id }}',
    '${{ params.size + 1 }}',
    '${{ stages.a.outputs.rows > 3 && stages["a"].state == "SUCCEEDED" ? "many" : "few" }}',
    '${{ schedule.date }} ${{ schedule.time }} ${{ pipeline.name }}',
    '${{ timestamp(schedule.time) - duration("24h") }}',
  ])('accept %s', (text) => {
    expect(argument(text)).toEqual([]);
  });

  it.each([
    ['${{ params.dat }}', 'unknown_reference'],
    ['${{ stages.nobody.state }}', 'unknown_reference'],
    ['${{ stages.a.outputs.nothing }}', 'unknown_reference'],
    ['${{ nobody }}', 'unknown_reference'],
    ['${{ item }}', 'unknown_reference'],
    ['${{ stages["my-b"].state }}', 'unknown_reference'], // it may not have ended
    ['${{ params.date + 1 }}', 'wrong_type'],
    ['${{ }}', 'invalid_expression'],
    ['${{ 1 + }}', 'invalid_expression'],
    ['${{ process.exit() }}', 'unknown_reference'],
    ['${{ params.date', 'invalid_expression'],
    ['${{ [params.date].exists(x, x.matches("(a+)+b")) }}', 'not_supported'],
    ['${{ [1, 2].map(x, [3, 4].map(y, x + y)) }}', 'not_supported'],
    ['${{ [1, 2].all(x, size([3, 4].filter(y, y > x)) > 0) }}', 'not_supported'],
    ['${{ [[1], [2]].map(x, x.map(y, [x].exists(z, z == [y]))) }}', 'not_supported'],
  ])('refuse %s: %s', (text, code) => {
    expect(argument(text)).toEqual([`spec.stages[2].workflow.args[0]: ${code}`]);
  });

  it.each(['${{ [[1], [2]].map(x, x.map(y, y + 1)) }}', '${{ [1, 2].filter(x, x > 1).map(x, x + 1) }}'])(
    'may iterate over parts of an item, and over one list after the other: %s',
    (text) => {
      expect(argument(text)).toEqual([]);
    },
  );

  it('explain why there are no regular expressions', () => {
    expect(messageOf([stage('a', { when: 'schedule.date.matches("^2026")' })])).toContain(
      'spec.stages[0].when  `schedule.date.matches("^2026")` cannot be used: matches is not supported: a regular expression could block the workflow forever; compare with',
    );
  });

  it('explain how to name a stage with a hyphen', () => {
    expect(messageOf([stage('my-b'), stage('c', { dependsOn: ['my-b'], when: 'stages.my-b.state == "x"' })])).toContain(
      'write stages["my-b"]: in an expression "-" is a minus',
    );
  });

  it('have the type that their place asks for', () => {
    const spec = applicationSpec({
      image: '${{ params.size }}',
      arguments: ['${{ params.date }}', '${{ params.size }}'],
      sparkConf: { 'spark.executor.instances': '${{ params.size }}' },
      driver: { memory: '${{ params.date }}', cores: '${{ params.date }}' },
      executor: { instances: '${{ params.size }}', cores: '${{ params.size > 1 }}' },
    });
    expect(found([{ name: 'a', application: { spec } }], nameParameter)).toEqual([
      'spec.stages[0].application.spec.image: wrong_type',
      'spec.stages[0].application.spec.driver.cores: wrong_type',
      'spec.stages[0].application.spec.executor.cores: wrong_type',
    ]);
    expect(found([stage('a', { when: 'params.size' })], nameParameter)).toEqual(['spec.stages[0].when: wrong_type']);
  });

  it('know the items of a fan-out and their type', () => {
    const each = (forEach: unknown, text: string) =>
      found([stage('a', { forEach, workflow: { type: 'x', args: [text] } })], nameParameter);
    expect(each({ items: ['x', 'y'] }, '${{ item + "-" + string(index) }}')).toEqual([]);
    expect(each({ items: ['x', 'y'] }, '${{ item + 1 }}')).toEqual(['spec.stages[0].workflow.args[0]: wrong_type']);
    expect(each({ range: { to: '${{ params.size }}' } }, '${{ item + 1 }}')).toEqual([]);
    expect(each({ items: '${{ params.date }}' }, '')).toEqual(['spec.stages[0].forEach.items: wrong_type']);
    expect(each({ range: { to: '${{ params.date }}', step: 0 } }, '')).toEqual([
      'spec.stages[0].forEach.range.to: wrong_type',
      'spec.stages[0].forEach.range.step: not_allowed',
    ]);
    expect(each({ items: [], range: { to: 1 } }, '')).toEqual(['spec.stages[0].forEach: exclusive']);
  });

  it('see the outputs of a fan-out as lists', () => {
    const many = stage('many', { forEach: { range: { to: 3 } }, outputs: { rows: 'int' } });
    const after = (when: string) => found([many, stage('after', { dependsOn: ['many'], when })]);
    expect(after('stages.many.outputs.rows.all(rows, rows > 0)')).toEqual([]);
    expect(after('stages.many.outputs.rows > 0')).toEqual(['spec.stages[1].when: wrong_type']);
  });

  it('in defaults of parameters know the run and the schedule only', () => {
    const given = (value: string) => found([stage('a')], { parameters: { p: { type: 'string', default: value } } });
    expect(given('${{ schedule.date }}')).toEqual([]);
    expect(given('${{ params.p }}')).toEqual(['spec.parameters.p.default: unknown_reference']);
  });
});

describe('the schedule of a pipeline', () => {
  const scheduled = (spec: Record<string, unknown>): string[] =>
    problemsOf({
      ...pipeline([]),
      kind: 'ScheduledSparkPipeline',
      spec: {
        schedule: '0 3 * * *',
        template: { stages: [stage('a')], ...nameParameter },
        parameters: { date: 'x' },
        ...spec,
      },
    }).map(({ pathText, code }) => `${pathText}: ${code}`);

  it('is checked with its pipeline and the parameters of its runs', () => {
    expect(scheduled({})).toEqual([]);
    const semaphore = { name: 'warehouse', limit: 1 };
    const nested = { name: 'a', semaphore, pipeline: { stages: [stage('b', { semaphore })] } };
    expect(scheduled({ template: { stages: [nested], ...nameParameter } })).toEqual([
      'spec.template.stages[0].pipeline.stages[0].semaphore.name: deadlock',
    ]);
    expect(scheduled({ schedule: 'often', timeZone: 'Mars/Olympus', overlap: 'Sometimes', catchUpSeconds: 1 })).toEqual(
      [
        'spec.overlap: not_allowed',
        'spec.catchUpSeconds: too_small',
        'spec.schedule: invalid_format',
        'spec.timeZone: invalid_format',
      ],
    );
    expect(
      scheduled({
        parameters: { size: 'big', other: 1 },
        template: { stages: [stage('a', { dependsOn: ['b'] })], ...nameParameter },
      }),
    ).toEqual([
      'spec.template.stages[0].dependsOn[0].stage: unknown_reference',
      'spec.parameters.size: wrong_type',
      'spec.parameters.other: unknown_reference',
      'spec.parameters.date: required',
    ]);
  });

  it('of an application takes annotations for what the operator has no field for', () => {
    const annotated = (annotations: Record<string, string>, args: string[] = []) =>
      problemsOf({
        apiVersion: 'sparkoperator.k8s.io/v1beta2',
        kind: 'ScheduledSparkApplication',
        metadata: { name: 'nightly', annotations },
        spec: { schedule: '@daily', template: applicationSpec({ arguments: args }) },
      }).map(({ pathText, code }) => `${pathText}: ${code}`);
    expect(annotated({ 'temporal-spark/overlap': 'BufferOne' }, ['${{ schedule.date }}'])).toEqual([]);
    expect(
      annotated({ 'temporal-spark/overlap': 'Never', 'temporal-spark/jitter': 'some' }, ['${{ run.id }}']),
    ).toEqual([
      'metadata.annotations["temporal-spark/overlap"]: invalid_format',
      'metadata.annotations["temporal-spark/jitter"]: invalid_format',
      'spec.template.arguments[0]: unknown_reference',
    ]);
  });
});
