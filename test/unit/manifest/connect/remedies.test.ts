import { describe, expect, it } from 'vitest';
import { sparkConnect } from '../../../support/connects.ts';
import { isTried, writtenRemedies } from '../../../support/written-remedies.ts';
import { problemsOf } from '../manifests.ts';

type Case = readonly [remedy: string, wrong: unknown, right: unknown];

const annotations = { 'temporal-spark/idle-seconds': '600' };
const withPort = (port: string) =>
  sparkConnect('a', { spec: { sparkConf: { 'spark.connect.grpc.binding.port': port } } });

/** For each remedy: a session that gets it, and the same with the remedy applied. */
const cases: readonly Case[] = [
  [
    'remove one of them',
    sparkConnect('a', { annotations, spec: { sparkConf: { 'spark.ui.enabled': 'false' } } }),
    sparkConnect('a', { annotations }),
  ],
  [
    'set at least 1, or dynamicAllocation.enabled: true',
    sparkConnect('a', { spec: { executor: { instances: 0 } } }),
    sparkConnect('a', { spec: { executor: { instances: 0 }, dynamicAllocation: { enabled: true } } }),
  ],
  [
    'remove the key; spec.server.service can be of another type, such as LoadBalancer',
    withPort('443'),
    sparkConnect('a', { spec: { server: { service: { spec: { type: 'LoadBalancer' } } } } }),
  ],
];

describe('a session is valid once its remedy is applied:', () => {
  it.each(cases)('%s', (remedy, wrong, right) => {
    expect(problemsOf(wrong).map((problem) => problem.remedy)).toContain(remedy);
    expect(problemsOf(right)).toEqual([]);
  });
});

it('every remedy for sessions is tried', () => {
  const remedies = cases.map(([remedy]) => remedy);
  expect(writtenRemedies('manifest/connect').filter((text) => !isTried(text, remedies))).toEqual([]);
});
