import { describe, expect, it } from 'vitest';
import { parseSparkApplication } from '../../../src/manifest/index.ts';
import {
  NativeSubmitter,
  readSubmitters,
  Submitters,
  type SparkApplicationSubmitter,
  type SubmittersConfiguration,
} from '../../../src/submitters/index.ts';
import { Canary } from '../../../src/submitters/choose/canary.ts';
import { sparkPi } from '../../support/manifests.ts';

const native = new NativeSubmitter();
const named = (name: string): SparkApplicationSubmitter => ({
  name,
  submit: (request, context) => native.submit(request, context),
  render: (request) => native.render(request),
});
const available = [named('native'), named('next'), named('other')];

function application(name: string, metadata: { namespace?: string; annotations?: Record<string, string> } = {}) {
  const manifest = sparkPi({ name });
  manifest.metadata = { ...manifest.metadata, ...metadata };
  return parseSparkApplication(manifest);
}

const names = Array.from({ length: 1_000 }, (_, index) => `app-${index}`);

/** Names of the applications that the canary gets. */
function tried(submitters: Submitters, namespace = 'default'): string[] {
  return names.filter((name) => {
    const each = application(name, { namespace });
    return submitters.trialOf(each, submitters.choose(each)) !== undefined;
  });
}

const withCanary = (...canary: NonNullable<SubmittersConfiguration['canary']>) => new Submitters(available, { canary });

describe('a canary', () => {
  it('gets its percentage of the applications, the same ones on each worker, and those too as it grows', () => {
    const [none, few, more, all] = [0, 10, 40, 100].map((percent) => tried(withCanary({ submitter: 'next', percent })));
    expect(none).toEqual([]);
    expect(few!.length).toBeGreaterThan(60);
    expect(few!.length).toBeLessThan(140);
    expect(more).toEqual(expect.arrayContaining(few!));
    expect(all).toEqual(names);
    expect(tried(withCanary({ submitter: 'next', percent: 10 }))).toEqual(few);
  });

  it('is for the namespaces that its entry names; the first entry that fits decides', () => {
    const submitters = withCanary(
      { submitter: 'next', percent: 100, namespaces: ['a'] },
      { submitter: 'other', percent: 20 },
    );
    expect(tried(submitters, 'a')).toEqual(names);
    expect(tried(submitters, 'b').length).toBeLessThan(300);
  });

  it('does not get an application that names its submitter itself', () => {
    const submitters = withCanary({ submitter: 'next', percent: 100 });
    const own = application('own', { annotations: { 'temporal-spark/submitter': 'native' } });
    expect(submitters.trialOf(own, submitters.choose(own))).toBeUndefined();
  });

  it('gets nothing more on a worker that has stopped it, until its entry is changed', () => {
    const entry = { submitter: 'next', percent: 100, stepBack: { atLeast: 1 } };
    const submitters = withCanary(entry);
    const pi = application('pi');
    const trial = () => submitters.trialOf(pi, submitters.choose(pi));
    expect(trial()!.failed()).toBe('1 of its 1 submissions in 300 s failed, more than 20 %');
    expect(trial()).toBeUndefined();
    submitters.exchange(available, { default: 'other', canary: [{ ...entry }] });
    expect(trial()).toBeUndefined();
    submitters.exchange(available, { canary: [{ ...entry, percent: 50 }] });
    expect(tried(submitters).length).toBeGreaterThan(400);
  });

  it('is refused for an unknown submitter, with its line', () => {
    const text = 'canary:\n  - { submitter: nxt, percent: 10 }\n';
    expect(() => new Submitters(available, readSubmitters(text))).toThrow('canary[0].submitter');
    expect(() => readSubmitters('canary:\n  - { submitter: next, percent: 101 }\n')).toThrow('canary[0].percent');
  });
});

describe('a canary is stopped', () => {
  const stepBack = { failurePercent: 25, windowSeconds: 60, atLeast: 4 };
  const canary = () => new Canary({ submitter: 'next', percent: 30, stepBack });

  it('when more of its submissions than the limit failed in the window, once', () => {
    const one = canary();
    for (const at of [0, 1, 2]) one.succeeded(at);
    expect(one.failed(3)).toBeUndefined();
    expect(one.percent).toBe(30);
    expect(one.failed(4)).toBe('2 of its 5 submissions in 60 s failed, more than 25 %');
    expect(one.percent).toBe(0);
    expect(one.failed(5)).toBeUndefined();
  });

  it('not for few submissions, nor for failures that are past', () => {
    const one = canary();
    for (const at of [0, 1, 2]) expect(one.failed(at)).toBeUndefined();
    for (const at of [62_000, 62_001, 62_002]) one.succeeded(at);
    expect(one.failed(62_003)).toBeUndefined();
    expect(one.percent).toBe(30);
  });
});

describe('a shadow', () => {
  const shadowOf = (shadow: NonNullable<SubmittersConfiguration['shadow']>, name = 'pi') => {
    const submitters = new Submitters(available, { shadow });
    const each = application(name);
    return submitters.shadowOf(each, submitters.choose(each));
  };

  it('watches its percentage of the applications it is for, but not itself', () => {
    expect(shadowOf([{ submitter: 'next' }])).toMatchObject({ submitter: { name: 'next' }, timeoutMs: 10_000 });
    expect(shadowOf([{ submitter: 'next', namespaces: ['elsewhere'] }])).toBeUndefined();
    expect(shadowOf([{ submitter: 'native' }])).toBeUndefined();
    const watched = names.filter((name) => shadowOf([{ submitter: 'next', percent: 10 }], name) !== undefined);
    expect(watched.length).toBeGreaterThan(60);
    expect(watched.length).toBeLessThan(140);
  });

  it('must be able to render what it would create', () => {
    const mute: SparkApplicationSubmitter = { name: 'mute', submit: () => Promise.reject(new Error('mute')) };
    expect(() => new Submitters([...available, mute], { shadow: [{ submitter: 'mute' }] })).toThrow(
      'shadow[0].submitter  submitter "mute" cannot be a shadow: it has no render function',
    );
  });
});
