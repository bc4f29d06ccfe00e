import { describe, expect, it } from 'vitest';
import { isTried, writtenRemedies } from '../../../support/written-remedies.ts';
import { problemsOf } from '../manifests.ts';
import { applicationSpec, pipeline, stage } from './pipelines.ts';

type Case = readonly [remedy: string, wrong: unknown, right: unknown];
type Stages = Parameters<typeof pipeline>[0];

const tried = (remedy: string, wrong: Stages, right: Stages, spec: Record<string, unknown> = {}): Case => [
  remedy,
  pipeline(wrong, spec),
  pipeline(right, spec),
];

const a = stage('a');
const b = (fields: Record<string, unknown> = {}) => stage('b', fields);
const when = (condition: string, fields: Record<string, unknown> = {}) => b({ when: condition, ...fields });
const outputs = { rows: 'int' };
const templates = { etl: { spec: applicationSpec() } };
const large = { etl: { spec: applicationSpec({ arguments: Array.from({ length: 300 }, () => 'x'.repeat(1_000)) }) } };
const fromTemplate = (name: string, fields: Record<string, unknown> = {}) => ({ name, template: 'etl', ...fields });
const semaphore = { name: 'warehouse', limit: 1 };
const manyArgs = (count: number) => ({ type: 'x', args: Array.from({ length: count }, () => 'x'.repeat(1_000)) });

/** For each remedy: a pipeline that gets it, and the same with the remedy applied. */
const cases: readonly Case[] = [
  tried(
    'turn similar stages into a fan-out, let them share a template, or move some of them to another pipeline',
    [stage('a', { workflow: manyArgs(700) }), stage('b', { workflow: manyArgs(700) })],
    [stage('a', { workflow: manyArgs(700) })],
  ),
  tried(
    'make the templates smaller, turn similar stages into a fan-out, or move some of them to another pipeline',
    Array.from({ length: 200 }, (_, index) => fromTemplate(`s${index}`)),
    [fromTemplate('s0', { forEach: { items: [1, 2, 3] } })],
    { templates: large },
  ),
  tried('remove the stage', [a, when('false')], [a]),
  tried(
    'acquire it either around the nested pipeline or within it',
    [{ name: 'a', semaphore, pipeline: { stages: [stage('b', { semaphore })] } }],
    [{ name: 'a', semaphore, pipeline: { stages: [b()] } }],
  ),
  tried(
    'add "a" to dependsOn',
    [stage('a', { outputs }), when('stages.a.outputs.rows > 1')],
    [stage('a', { outputs }), when('stages.a.outputs.rows > 1', { dependsOn: ['a'] })],
  ),
  tried(
    'write stages["a-b"]: in an expression "-" is a minus',
    [stage('a-b', { outputs }), when('stages.a-b.outputs.rows > 1', { dependsOn: ['a-b'] })],
    [stage('a-b', { outputs }), when('stages["a-b"].outputs.rows > 1', { dependsOn: ['a-b'] })],
  ),
  tried(
    'it exists only in stages with forEach',
    [b({ workflow: { type: 'x', args: ['${{ item }}'] } })],
    [b({ workflow: { type: 'x', args: ['${{ item }}'] }, forEach: { items: [1] } })],
  ),
  tried(
    'compare with ==, in, startsWith, endsWith or contains',
    [when('"ab".matches("a.*")')],
    [when('"ab".startsWith("a")')],
  ),
  tried(
    'within a macro iterate over parts of its item only, or compute the result in a stage',
    [when('[1, 2].all(x, [3].exists(y, x == y))')],
    [when('[1, 2].all(x, x == 3)')],
  ),
  tried(
    'remove one of these dependencies',
    [stage('a', { dependsOn: ['b'] }), b({ dependsOn: ['a'] })],
    [a, b({ dependsOn: ['a'] })],
  ),
  tried('give each stage its own name', [a, a], [a, b()]),
  tried(
    'make this one a clean-up stage too, or remove "always" from that one',
    [stage('a', { always: true }), b({ dependsOn: ['a'] })],
    [stage('a', { always: true }), b({ dependsOn: ['a'], always: true })],
  ),
  tried(
    'remove one of these dependencies, or use the condition "completed"',
    [a, b({ dependsOn: ['a'] }), stage('c', { dependsOn: ['b', { stage: 'a', condition: 'failed' }] })],
    [a, b({ dependsOn: ['a'] }), stage('c', { dependsOn: ['b', { stage: 'a', condition: 'completed' }] })],
  ),
  tried(
    'start the pipeline with the CLI, which reads it, or replace it with its content',
    [{ name: 'a', applicationFile: 'a.yaml' }],
    [{ name: 'a', application: { spec: applicationSpec() } }],
  ),
  tried(
    'declare their names and types in outputs',
    [fromTemplate('a', { outputsFrom: 'ConfigMap' })],
    [fromTemplate('a', { outputsFrom: 'ConfigMap', outputs })],
    { templates },
  ),
  tried(
    'the outputs of the nested pipeline are those of the stage',
    [{ name: 'a', outputs, pipeline: { stages: [b()] } }],
    [{ name: 'a', pipeline: { stages: [b()] } }],
  ),
];

describe('a pipeline is valid once its remedy is applied:', () => {
  it.each(cases)('%s', (remedy, wrong, right) => {
    expect(problemsOf(wrong).map((problem) => problem.remedy)).toContain(remedy);
    expect(problemsOf(right)).toEqual([]);
  });
});

it('every remedy for pipelines is tried', () => {
  const written = writtenRemedies('manifest/pipeline');
  const remedies = cases.map(([remedy]) => remedy);
  expect(written.length).toBeGreaterThan(12);
  expect(written.filter((text) => !isTried(text, remedies))).toEqual([]);
});
