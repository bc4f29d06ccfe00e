import { describe, expect, it } from 'vitest';
import { callsIn, callsMore } from '../../../bench/operator/api-calls.ts';
import { operatorOptions } from '../../../bench/operator/options.ts';

describe('the options of `bench -- operator`', () => {
  it('are both modes and the sizes of the targets, unless others are given', () => {
    expect(operatorOptions([])).toMatchObject({ modes: ['burst', 'held'], applications: 500, held: 5000 });
    expect(operatorOptions(['held', '--held', '7'])).toMatchObject({ modes: ['held'], held: 7 });
  });

  it.each([
    [['steady'], 'unknown mode "steady"; known: burst, held'],
    [['--held', '0'], '--held must be a positive number, not "0"'],
  ])('%j are rejected', (args, message) => {
    expect(() => operatorOptions(args)).toThrow(message);
  });
});

describe('the calls of an audit log', () => {
  const line = (verb: string, resource: string, fields: object = {}): string =>
    JSON.stringify({ verb, userAgent: 'temporal-spark', objectRef: { resource, namespace: 'etl' }, ...fields });

  it('are ours about the namespace, without watches', () => {
    const lines = [
      ...[line('create', 'pods'), line('create', 'pods'), line('watch', 'pods')],
      line('create', 'pods', { userAgent: 'kube-scheduler' }),
      line('create', 'pods', { objectRef: { resource: 'pods', namespace: 'other' } }),
      line('patch', '', { objectRef: { resource: 'sparkapplications', subresource: 'status', namespace: 'etl' } }),
    ];
    expect(callsIn(lines, 'etl')).toEqual({ 'create pods': 2, 'patch sparkapplications/status': 1 });
  });

  it('are compared by kind, and those that are as many are left out', () => {
    const than = { 'create pods': 2, 'get pods': 3 };
    expect(callsMore({ 'create pods': 2, 'create events': 3, 'get pods': 2 }, than)).toEqual({
      'create events': 3,
      'get pods': -1,
    });
  });
});
