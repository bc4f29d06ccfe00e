import { expect, it } from 'vitest';
import { parseManifest } from '../../../src/manifest/index.ts';
import { application, problemsOf, schedule } from './manifests.ts';

const EMPTY = {
  ...{ batchScheduler: '', image: '', mainClass: '', memoryOverheadFactor: '', proxyUser: '', sparkConfigMap: '' },
  batchSchedulerOptions: { queue: '' },
  sparkUIOptions: { servicePortName: '' },
  driver: { image: '', schedulerName: '', priorityClassName: '', serviceAccount: '', memory: '', podName: '' },
  executor: { coreRequest: '', memoryOverhead: '', memoryLimit: '', coreLimit: '' },
};

it('an empty text in an optional field counts as absent, as a chart prints it', () => {
  const absent = { batchSchedulerOptions: {}, sparkUIOptions: {}, driver: {}, executor: {} };
  expect(parseManifest(application(EMPTY))).toEqual(parseManifest(application(absent)));
  const template = application().spec;
  expect(parseManifest(schedule({ timeZone: '', template: { ...template, image: '' } }))).toEqual(
    parseManifest(schedule({ template })),
  );
});

it('an empty namespace counts as absent, too', () => {
  const manifest = application({}, { name: 'a', namespace: '', generateName: '' });
  expect(parseManifest(manifest, { namespace: 'given' }).metadata).toMatchObject({ name: 'a', namespace: 'given' });
});

it('an empty text is rejected where one of several words is expected, or a value is required', () => {
  const paths = problemsOf(
    application({ type: '', sparkVersion: '', mainApplicationFile: '', restartPolicy: { type: '' } }),
  );
  expect(paths.map(({ pathText }) => pathText).toSorted()).toEqual([
    'spec.mainApplicationFile',
    'spec.restartPolicy.type',
    'spec.sparkVersion',
    'spec.type',
  ]);
});

it('an empty text stays where it is a value', () => {
  const spec = { arguments: [''], sparkConf: { 'spark.a': '' }, driver: { envVars: { A: '' }, javaOptions: '' } };
  expect(parseManifest(application(spec)).spec).toMatchObject(spec);
});
