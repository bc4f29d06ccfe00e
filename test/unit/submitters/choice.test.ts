import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSparkApplication, type SparkApplicationManifest } from '../../../src/manifest/index.ts';
import { watchSubmitters } from '../../../src/worker/submitters-file.ts';
import {
  NativeSubmitter,
  readSubmitters,
  Submitters,
  SubmittersConfigurationError,
  type SparkApplicationSubmitter,
} from '../../../src/submitters/index.ts';
import { eventually } from '../../../lab/eventually.ts';
import { sparkPi } from '../../support/manifests.ts';

const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-submitters-'));
const open: { close(): void }[] = [];
afterEach(() => {
  for (const watched of open.splice(0)) watched.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 0 });
});

function named(name: string): SparkApplicationSubmitter {
  const native = new NativeSubmitter();
  return { name, submit: (request, context) => native.submit(request, context) };
}

function application({ annotations, ...metadata }: Partial<SparkApplicationManifest['metadata']> = {}) {
  const manifest = sparkPi();
  manifest.metadata = { ...manifest.metadata, ...metadata, ...(annotations === undefined ? {} : { annotations }) };
  return parseSparkApplication(manifest);
}

describe('which submitter an application gets', () => {
  const submitters = new Submitters([named('native'), named('batch'), named('isolated')], {
    rules: [
      { namespaces: ['tenant-a', 'tenant-b'], submitter: 'isolated' },
      { labels: { tier: 'batch' }, submitter: 'batch' },
    ],
  });
  const chosen = (metadata: Parameters<typeof application>[0]) => submitters.choose(application(metadata)).name;

  it('is that of its annotation', () => {
    const annotations = { 'temporal-spark/submitter': 'batch' };
    expect(chosen({ namespace: 'tenant-a', annotations })).toBe('batch');
  });

  it('else that of the first rule that fits, by namespace and labels', () => {
    expect(chosen({ namespace: 'tenant-b', labels: { tier: 'batch' } })).toBe('isolated');
    expect(chosen({ labels: { tier: 'batch' } })).toBe('batch');
    expect(chosen({ labels: { tier: 'other' } })).toBe('native');
  });

  it('is rejected if unknown, with the list of known ones', () => {
    expect(() => chosen({ annotations: { 'temporal-spark/submitter': 'bacth' } })).toThrow(
      'Unknown submitter "bacth" (did you mean "batch"?); known: batch, isolated, native.',
    );
  });
});

describe('a configuration of submitters', () => {
  it('has all its problems reported at once, with line and column', () => {
    const text = 'default: Native!\nrules:\n  - namespace: [a]\n    submitter: native\n';
    const problems = problemsOf(() => readSubmitters(text, 'submitters.yaml'));
    expect(problems.map(({ pathText, line }) => [pathText, line])).toEqual([
      ['default', 1],
      ['rules[0].namespace', 3],
    ]);
  });

  it('is rejected where it names an unknown submitter', () => {
    const rules = [{ submitter: 'batch' }, { submitter: 'natve' }];
    const problems = problemsOf(() => new Submitters([named('native')], { rules }));
    expect(problems.map(({ pathText }) => pathText)).toEqual(['rules[0].submitter', 'rules[1].submitter']);
    expect(problems[1]!.remedy).toContain('native');
  });
});

describe('a file of submitters', () => {
  function write(text: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'temporal-spark-submitters-'));
    const file = join(folder, 'submitters.yaml');
    writeFileSync(file, text);
    return file;
  }

  async function watching(file: string, submitters: SparkApplicationSubmitter[] = []) {
    const reloads: (string | undefined)[] = [];
    const onReload = (error: Error | undefined) => reloads.push(error?.message);
    const watched = await watchSubmitters(file, { submitters, intervalMs: 20, onReload });
    open.push(watched);
    return { submitters: watched.submitters, reloads };
  }

  it('is reloaded when it changes; an invalid one changes nothing and reports why', async () => {
    const file = write('default: native\n');
    const { submitters, reloads } = await watching(file, [named('mine')]);
    expect(submitters.choose(application()).name).toBe('native');

    writeFileSync(file, 'default: mine\n');
    await eventually('the change', () => reloads.length === 1);
    expect(reloads).toEqual([undefined]);
    expect(submitters.choose(application()).name).toBe('mine');

    writeFileSync(file, 'default: nobody\nunknown: field\n');
    await eventually('the refusal', () => reloads.length === 2);
    expect(reloads[1]).toContain('unknown');
    expect(submitters.choose(application()).name).toBe('mine');

    rmSync(file);
    await eventually('the refusal', () => reloads.length === 3);
    expect(reloads[2]).toContain('cannot be read');
    expect(submitters.choose(application()).name).toBe('mine');
  });

  it('has its last content, although a previous change takes longer to load', async () => {
    const file = write('default: native\n');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let isLoading = false;
    Object.assign(globalThis, { heldModule: { begin: () => (isLoading = true), held } });
    const module = join(file, '..', 'slow.mjs');
    const wait = 'globalThis.heldModule.begin(); await globalThis.heldModule.held;';
    writeFileSync(module, `${wait} export const submitter = { name: "slow", submit: async () => ({}) };`);
    const { submitters, reloads } = await watching(file, [named('mine')]);
    writeFileSync(file, 'default: slow\nmodules:\n  - { name: slow, module: ./slow.mjs }\n');
    await eventually('the module to be loaded', () => isLoading);
    writeFileSync(file, 'default: mine\n');
    await eventually('the second change', () => reloads.length === 1);
    release();
    // A third one, after which the first has had its chance to be loaded.
    await import(/* @vite-ignore */ pathToFileURL(module).href);
    writeFileSync(file, 'default: nobody\n');
    await eventually('the third change', () => reloads.length === 2);
    expect(reloads[0]).toBeUndefined();
    expect(reloads[1]).toContain('nobody');
    expect(submitters.choose(application()).name).toBe('mine');
    expect(submitters.names).not.toContain('slow');
    Reflect.deleteProperty(globalThis, 'heldModule');
  });

  it('loads modules, and reports what is wrong with an unusable one', async () => {
    const file = write('modules:\n  - { name: mine, module: ./mine.mjs }\n');
    const module = join(file, '..', 'mine.mjs');
    await expect(watchSubmitters(file)).rejects.toThrow('modules[0].module  cannot be loaded');
    writeFileSync(module, 'export const submitter = { name: "mine", submit: async () => ({}) };');
    const { submitters } = await watching(file);
    expect(submitters.names).toEqual(['batch', 'isolated', 'mine', 'native']);
    writeFileSync(join(file, '..', 'other.mjs'), 'export const submitter = { name: "other" };');
    const wrong = write(`modules:\n  - { name: other, module: ${join(file, '..', 'other.mjs')} }\n`);
    await expect(watchSubmitters(wrong)).rejects.toThrow('exports no `submitter` with a name and a submit function');
  });

  it('adds spark-submit where it names the directory of a Spark, and rejects another directory', async () => {
    const file = write('sparkSubmit: { home: spark }\n');
    await expect(watchSubmitters(file)).rejects.toThrow('sparkSubmit.home  is not a Spark directory');
    mkdirSync(join(file, '..', 'spark', 'bin'), { recursive: true });
    writeFileSync(join(file, '..', 'spark', 'bin', 'spark-submit'), '');
    const { submitters } = await watching(file);
    expect(submitters.names).toEqual(['batch', 'isolated', 'native', 'spark-submit']);
    expect(submitters.thatCan('spark-client')).toEqual(['spark-submit']);
  });

  it('adds spark-submit-job where it names its image', async () => {
    await expect(watchSubmitters(write('sparkSubmitJob: {}\n'))).rejects.toThrow('sparkSubmitJob.image');
    const { submitters } = await watching(write('sparkSubmitJob: { image: example.com/temporal-spark:1 }\n'));
    expect(submitters.names).toEqual(['batch', 'isolated', 'native', 'spark-submit-job']);
    expect(submitters.thatCan('spark-client')).toEqual(['spark-submit-job']);
  });
});

function problemsOf(read: () => unknown): SubmittersConfigurationError['problems'] {
  try {
    read();
  } catch (error) {
    if (error instanceof SubmittersConfigurationError) return error.problems;
    throw error;
  }
  throw new Error('It was accepted');
}
