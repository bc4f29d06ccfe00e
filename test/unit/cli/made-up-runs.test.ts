import { describe, expect, it } from 'vitest';
import { madeUpRun } from '../../../src/cli/made-up-runs.ts';
import { parseManifest, type SparkManifest } from '../../../src/manifest/index.ts';
import { sparkConnect } from '../../support/connects.ts';
import { applicationSpec } from '../manifest/pipeline/pipelines.ts';

const stage = (name: string, args: string[], rest: object = {}) => ({
  ...{ name, application: { spec: { ...applicationSpec(), arguments: args } } },
  ...rest,
});
const spec = (stages: readonly object[], rest: object = {}) => ({ ...rest, stages });
const pipeline = (stages: readonly object[], rest: object = {}): SparkManifest =>
  parseManifest({
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'SparkPipeline',
    metadata: { name: 'weekly', namespace: 'etl', labels: { team: 'data' } },
    spec: spec(stages, rest),
  });
const argumentsOf = (manifest: SparkManifest) =>
  madeUpRun(manifest).applications.map(({ metadata, spec: { arguments: args } }) => [metadata.name, ...(args ?? [])]);

describe('the applications of a manifest', () => {
  it('are the server of a SparkConnect, with its Service and its route', () => {
    const kinds = (annotations: Record<string, string>) => {
      const run = madeUpRun(parseManifest(sparkConnect('notebooks', { annotations })));
      expect(run.applications.map(({ metadata }) => metadata.name)).toEqual(['notebooks-server']);
      expect(run.notes).toEqual([]);
      return run.objects!.map(({ kind }) => kind);
    };
    expect(kinds({})).toEqual(['Service']);
    expect(kinds({ 'temporal-spark/address': 'sc://notebooks.example.org:80' })).toEqual(['Service', 'Ingress']);
  });

  it('are those of the stages of a pipeline, with defaults of parameters, samples of outputs and the first item', () => {
    const stages = [
      stage('extract', ['${{ params.day }}', '${{ params.size * 2 }}'], { outputs: { rows: 'int', path: 'string' } }),
      stage(
        'load',
        ['${{ stages.extract.outputs.rows > 0 ? "some" : "none" }}', '${{ stages.extract.outputs.path }}'],
        {
          dependsOn: ['extract'],
        },
      ),
      stage('regions', ['${{ item }}', '${{ index }}'], { forEach: { items: ['asia', 'europe'] } }),
      stage('years', ['${{ item + 1 }}'], { forEach: { range: { from: 2020, to: 2026 } } }),
      { name: 'notify', workflow: { type: 'mail' } },
    ];
    const parameters = { day: { type: 'string' }, size: { type: 'int', default: 4 } };
    const manifest = pipeline(stages, { parameters });
    expect(argumentsOf(manifest)).toEqual([
      ['weekly-extract', 'made-up', '8'],
      ['weekly-load', 'some', 'made-up'],
      ['weekly-regions', 'asia', '0'],
      ['weekly-years', '2021'],
    ]);
    const { applications, notes } = madeUpRun(manifest);
    expect(applications[0]!.metadata).toMatchObject({
      namespace: 'etl',
      labels: { team: 'data', 'temporal-spark/pipeline': 'weekly', 'temporal-spark/stage': 'extract' },
    });
    expect(notes).toEqual([expect.stringContaining('SparkPipeline etl/weekly: parameters without a default')]);
  });

  it('are those of nested pipelines, too', () => {
    const inner = spec([stage('score', ['${{ params.model }}'])], { parameters: { model: { type: 'string' } } });
    const nested = { name: 'train', pipeline: inner, parameters: { model: 'v${{ 1 + 1 }}' } };
    expect(argumentsOf(pipeline([nested]))).toEqual([['train-score', 'v2']]);
  });

  it('leave out a stage that no made-up value suits, and name it', () => {
    const one = stage('one', ['${{ stages.two.outputs.list[3] }}'], { dependsOn: ['two'] });
    const two = stage('two', [], { outputs: { list: 'list' } });
    const { applications, notes } = madeUpRun(pipeline([one, two]));
    expect(applications.map(({ metadata }) => metadata.name)).toEqual(['weekly-two']);
    expect(notes.at(-1)).toMatch(/^Stage one of etl\/weekly is left out: it needs values of a run: /);
  });

  it('are those of one run of a schedule', () => {
    const scheduled = (kind: string, apiVersion: string, template: object, rest: object = {}) =>
      parseManifest({
        ...{ apiVersion, kind, metadata: { name: 'nightly', namespace: 'etl' } },
        spec: { schedule: '0 3 * * *', template, ...rest },
      });
    const application = { ...applicationSpec(), arguments: ['${{ schedule.date }}'] };
    const [[name, date] = []] = argumentsOf(
      scheduled('ScheduledSparkApplication', 'sparkoperator.k8s.io/v1beta2', application),
    );
    expect([name, date]).toEqual(['nightly-scheduled', expect.stringMatching(/^\d{4}-\d\d-\d\d$/)]);
    const template = spec([stage('a', ['${{ params.day }}'])], { parameters: { day: { type: 'string' } } });
    const parameters = { day: 'monday' };
    expect(
      argumentsOf(scheduled('ScheduledSparkPipeline', 'temporal-spark/v1alpha1', template, { parameters })),
    ).toEqual([['nightly-a', 'monday']]);
  });
});
