import { describe, expect, it } from 'vitest';
import { parseManifest, type ManifestProblem, type ReadFile } from '../../../../src/manifest/index.ts';
import { problemsOf } from '../manifests.ts';
import { applicationSpec, pipeline, stage } from './pipelines.ts';

const application = (spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'SparkApplication',
    metadata: { name: 'extract', labels: { team: 'data' } },
    spec: { ...applicationSpec(), ...spec },
  });

const reading =
  (files: Record<string, string>): ReadFile =>
  (path, from) => {
    const file = from === undefined ? path : `${from}/${path}`;
    if (files[file] === undefined) throw new Error('there is no such file');
    return { text: files[file], file };
  };

const problems = (stages: unknown[], files: Record<string, string>): readonly ManifestProblem[] =>
  problemsOf(pipeline(stages), { readFile: reading(files) });

describe('the files of a pipeline', () => {
  it('become templates and nested pipelines, so that a run needs no file', () => {
    const inner = JSON.stringify(pipeline([{ name: 'x', applicationFile: 'x.yaml' }]));
    const manifest = parseManifest(
      pipeline([
        { name: 'a', applicationFile: 'a.yaml', overrides: { image: 'other' } },
        { name: 'b', applicationFile: 'a.yaml' },
        { name: 'c', pipelineFile: 'c.yaml' },
      ]),
      { readFile: reading({ 'a.yaml': application(), 'c.yaml': inner, 'c.yaml/x.yaml': application() }) },
    );
    const template = { metadata: { labels: { team: 'data' } }, spec: applicationSpec() };
    expect(manifest.spec).toMatchObject({
      templates: { 'a.yaml': template },
      stages: [
        { name: 'a', template: 'a.yaml', overrides: { image: 'other' } },
        { name: 'b', template: 'a.yaml' },
        { name: 'c', pipeline: { templates: { 'x.yaml': template }, stages: [{ name: 'x', template: 'x.yaml' }] } },
      ],
    });
    // The name is left out, for each run has its own.
    expect(JSON.stringify(manifest)).not.toContain('"name":"extract"');
  });

  it('have their problems reported with the others', () => {
    const files = {
      'bad.yaml': application({ image: 7 }),
      'torn.yaml': 'a: [1',
      'pod.yaml': 'kind: Pod',
      'loop.yaml': JSON.stringify(pipeline([{ name: 'again', pipelineFile: 'loop.yaml' }])),
      'loop.yaml/loop.yaml': JSON.stringify(pipeline([{ name: 'again', pipelineFile: '../../loop.yaml' }])),
    };
    const found = problems(
      [
        { name: 'a', applicationFile: 'bad.yaml' },
        { name: 'b', applicationFile: 'nowhere.yaml' },
        { name: 'c', applicationFile: 'torn.yaml' },
        { name: 'd', pipelineFile: 'pod.yaml' },
        stage('e', { dependsOn: ['f'] }),
      ],
      files,
    );
    expect(found.map(({ pathText, message }) => `${pathText} ${message.split(':', 1)[0]}`)).toEqual([
      'spec.stages[1].applicationFile there is no such file',
      'spec.stages[2].applicationFile cannot be read, line 1',
      'spec.stages[3].pipelineFile must hold one SparkPipeline and nothing else',
      'spec.stages[4].dependsOn[0].stage is not a stage of this pipeline',
      'spec.templates["bad.yaml"].spec.image must be a string, not 7',
    ]);
  });

  it('may not have a cycle', () => {
    const again = JSON.stringify(pipeline([{ name: 'again', pipelineFile: 'loop.yaml' }]));
    const readFile: ReadFile = () => ({ text: again, file: 'loop.yaml' });
    expect(problemsOf(pipeline([{ name: 'a', pipelineFile: 'loop.yaml' }]), { readFile })).toMatchObject([
      { pathText: 'spec.stages[0].pipeline.stages[0].pipelineFile', message: 'contains itself' },
    ]);
  });
});
