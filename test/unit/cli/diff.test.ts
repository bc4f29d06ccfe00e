import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApplicationDiff } from '../../../src/cli/commands/diff/diff-submitters.ts';
import { cli } from '../../support/cli.ts';
import { inProcess } from '../../support/in-process-cli.ts';

// What the real spark-submit would create is compared in test/recorder.
let directory: string;
let submitters: string;

/** Adds a priority class, takes no application called `unloved`, and fails for one called `broken`. */
const module = `
  import { NativeSubmitter } from ${JSON.stringify(pathToFileURL('src/submitters/native/native-submitter.ts').href)};
  import { SubmissionRefused } from ${JSON.stringify(pathToFileURL('src/spark/index.ts').href)};
  const native = new NativeSubmitter();
  export const submitter = {
    name: 'urgent',
    submit: (request, context) => native.submit(request, context),
    async render(request) {
      if (request.submission.appName === 'unloved')
        throw new SubmissionRefused({ reason: 'InvalidConfiguration', key: 'a', problem: 'is unloved', remedy: 'Love it.' });
      if (request.submission.appName === 'broken') throw new Error('out of order');
      const { pod, dependents } = await native.render(request);
      const [driver, ...others] = pod.spec.containers;
      const env = [...driver.env, { name: 'A', value: '1' }];
      return { pod: { ...pod, spec: { ...pod.spec, containers: [{ ...driver, env }, ...others], priorityClassName: 'high' } }, dependents };
    },
  };`;
const mute = "export const submitter = { name: 'mute', submit: async () => { throw new Error('asked'); } };";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-diff-'));
  submitters = file(
    'config/submitters.yaml',
    'modules:\n  - { name: urgent, module: ./urgent.mjs }\n  - { name: mute, module: ./mute.mjs }\n',
  );
  file('config/urgent.mjs', module);
  file('config/mute.mjs', mute);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const pi = readFileSync('examples/spark-pi.yaml', 'utf8');
const called = (name: string) => pi.replaceAll('spark-pi', name);

async function diff(...args: string[]) {
  return inProcess(['diff', ...args, ...toUrgent()]);
}

function toUrgent(): string[] {
  return ['--from', 'native', '--to', 'urgent', '--submitters-file', submitters];
}

describe('temporal-spark diff', () => {
  it('compares every application of a folder and skips other files; all the same is 0', async () => {
    const { code, stdout } = await inProcess(['diff', 'examples', '--from', 'native', '--to', 'isolated']);
    expect(stdout).toContain('same       default/spark-pi');
    expect(stdout).toContain('skipped    examples/pipelines/medallion.yaml: SparkPipeline medallion');
    expect(stdout).toMatch(/\n(\d+) applications, native to isolated: \1 the same, 0 different, 0 refused\n$/);
    expect(code).toBe(0);
  });

  it('shows where they differ, object by object, and ends with 1', async () => {
    const { code, stdout } = await diff(file('pi.yaml', pi));
    expect(stdout).toBe(
      [
        'different  default/spark-pi',
        '    Pod /spec/containers/0/env/5',
        '      native: nothing',
        '      urgent: {"name":"A","value":"1"}',
        '    Pod /spec/priorityClassName',
        '      native: nothing',
        '      urgent: "high"',
        '1 application, native to urgent: 0 the same, 1 different, 0 refused',
        '',
      ].join('\n'),
    );
    expect(code).toBe(1);
  });

  it('accepts what is allowed, and reports it as JSON', async () => {
    const allow = ['--allow', '/Pod/spec/priorityClassName', '--allow', '/Pod/spec/containers/*/env/*'];
    const { code, stdout } = await diff(file('pi.yaml', pi), ...allow, '-o', 'json');
    const told = JSON.parse(stdout) as { counts: object; applications: ApplicationDiff[] };
    expect(told.counts).toEqual({ same: 1, different: 0, refused: 0 });
    expect(told.applications[0]).toMatchObject({ application: 'default/spark-pi', result: 'same', differences: [] });
    expect(told.applications[0]!.intended).toContainEqual({
      object: 'Pod',
      path: '/spec/priorityClassName',
      to: 'high',
      reason: 'Allowed by /Pod/spec/priorityClassName.',
    });
    expect(code).toBe(0);
  });

  it('names the submitter that rejects an application, and the reason', async () => {
    const unloved = file('unloved.yaml', called('unloved'));
    // In a process, which loads the module and what it imports as a user's does.
    const { code, stdout } = await cli(['diff', unloved, ...toUrgent()]);
    expect(stdout).toContain('refused    default/unloved\n    urgent rejects it: ');
    expect(stdout).toContain('Love it.');
    expect(code).toBe(1);
  });

  it('takes a schedule for its application', async () => {
    const [, spec] = pi.split('\nspec:\n');
    const template = spec!.replaceAll(/^/gm, '  ');
    const schedule = pi
      .slice(0, pi.indexOf('\nspec:\n'))
      .replace('kind: SparkApplication', 'kind: ScheduledSparkApplication');
    const nightly = file('nightly.yaml', `${schedule}\nspec:\n  schedule: "@daily"\n  template:\n${template}`);
    expect((await inProcess(['diff', nightly, '--from', 'native', '--to', 'isolated'])).stdout).toContain(
      'same       default/spark-pi',
    );
  });

  it.each([
    ['an unknown submitter', ['--to', 'natve'], 'Unknown submitter "natve"; known: '],
    [
      'a submitter without render',
      ['--to', 'mute'],
      'Submitter "mute" cannot be compared: it does not implement `render`',
    ],
    ['spark-submit without a Spark', ['--from', 'spark-submit'], 'Set --spark-home or SPARK_HOME'],
    ['a folder without an application', [], 'No SparkApplication found in '],
    ['a submitter that fails', [], 'Submitter "urgent" failed to render an application: out of order'],
  ])('ends with 2 for %s', async (what, options, message) => {
    const paths: Record<string, string> = {
      'a folder without an application': join(directory, 'config'),
      'a submitter that fails': file('broken.yaml', called('broken')),
    };
    const path = paths[what] ?? file('pi.yaml', pi);
    const { code, stderr } = await inProcess(['diff', path, ...toUrgent(), ...options]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});
