import { describe, expect, it } from 'vitest';
import { formats, type FormatName } from '../../../src/validation/formats.ts';
import { application, problemsOf, schedule } from './manifests.ts';
import { applicationSpec, pipeline, stage } from './pipeline/pipelines.ts';

describe('a text that is too long is rejected with its field and the limit', () => {
  const secret = (path: string) => ({ driver: { secrets: [{ name: 'a', path, secretType: 'Generic' }] } });
  it.each([
    [application(secret(`/${'a'.repeat(4_096)}`)), 'spec.driver.secrets[0].path', 'at most 4096 characters'],
    [application({ image: 'a'.repeat(65_537) }), 'spec.image', 'at most 65536 characters'],
    [application({ memoryOverheadFactor: `0.${'0'.repeat(300)}1` }), 'spec.memoryOverheadFactor', 'at most 256'],
    [application({ driver: { memory: `${'0'.repeat(300)}1g` } }), 'spec.driver.memory', 'at most 256 characters'],
    [schedule({ schedule: `${'0,'.repeat(600)}0 3 * * *` }), 'spec.schedule', 'five cron fields'],
  ])('%#', (manifest, pathText, allowed) => {
    expect(problemsOf(manifest)).toMatchObject([{ pathText, allowed: expect.stringContaining(allowed) as string }]);
  });

  it('in an annotation that is a setting', () => {
    const annotations = { 'temporal-spark/restart-jitter': '0'.repeat(257) };
    expect(problemsOf(application({}, { name: 'a', annotations }))).toMatchObject([
      { pathText: 'metadata.annotations["temporal-spark/restart-jitter"]', message: 'has 257 characters' },
    ]);
  });

  it('in a key, which is not repeated in full', () => {
    const [problem] = problemsOf(application({ sparkConf: { ['a'.repeat(5_000)]: 'b' } }));
    expect(problem).toMatchObject({
      code: 'too_long',
      message: 'has 5000 characters',
      allowed: 'at most 4096 characters',
    });
    expect(problem!.pathText.length).toBeLessThan(120);
  });

  it('but arguments, variables and configuration may be as long as a manifest', () => {
    const text = 'a '.repeat(100_000);
    const spec = { arguments: [text], sparkConf: { 'spark.a': text }, driver: { env: [{ name: 'A', value: text }] } };
    expect(problemsOf(application(spec))).toEqual([]);
  });

  it('by no pattern of its own accord', () => {
    for (const [name, { pattern }] of Object.entries(formats) as [FormatName, { pattern: RegExp }][]) {
      for (const character of 'a1A-_./') expect(pattern.test(character.repeat(5_000)), name).toBe(false);
    }
  });
});

describe('a pipeline takes no longer to check than', () => {
  const stages = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `s${index}`, template: 't' }));
  const using = (argument: string, count: number) =>
    pipeline(stages(count), { templates: { t: { spec: applicationSpec({ arguments: [argument] }) } } });

  it('its templates, once for each stage', () => {
    expect(problemsOf(using('a'.repeat(50_000), 400))).toMatchObject([
      { pathText: 'spec.stages', message: expect.stringContaining('the limit is 20,000,000 bytes') as string },
    ]);
  });

  it('its expressions, in templates once for each stage', () => {
    expect(problemsOf(using('${{ run.id }}'.repeat(500), 101))).toMatchObject([
      { message: 'contain 51000 expressions, with those of their templates; the limit is 50000' },
    ]);
  });
});

describe('a time is at most a year', () => {
  const tooBig = { code: 'too_big', allowed: 'at most 31536000' };
  const interval = (seconds: number) => application({ restartPolicy: { onFailureRetryInterval: seconds } });

  it('between attempts', () => {
    expect(problemsOf(interval(31_536_000))).toEqual([]);
    expect(problemsOf(interval(31_536_001))).toMatchObject([tooBig]);
    expect(problemsOf(interval(2 ** 53 - 1))).toMatchObject([tooBig]);
  });

  it.each([
    { timeoutSeconds: 1e9 },
    { terminateAfterSeconds: 1e9 },
    { retry: { maxAttempts: 2, intervalSeconds: 1e9 } },
    { retry: { maxAttempts: 2, maxIntervalSeconds: 1e9 } },
  ])('of a stage: %j', (fields) => {
    expect(problemsOf(pipeline([stage('a', fields)]))).toMatchObject([tooBig]);
  });

  it('of a schedule', () => {
    expect(problemsOf(schedule({ schedule: '@every 8760h' }))).toEqual([]);
    expect(problemsOf(schedule({ schedule: '@every 8761h' }))).toMatchObject([{ pathText: 'spec.schedule' }]);
    const annotations = { 'temporal-spark/catch-up': '8761h', 'temporal-spark/jitter': '8761h' };
    expect(problemsOf(schedule({}, { name: 'a', annotations }))).toMatchObject([
      { allowed: 'a duration from 10s to a year (8760h)' },
      { allowed: 'a duration such as 30s, up to a year (8760h)' },
    ]);
  });
});
