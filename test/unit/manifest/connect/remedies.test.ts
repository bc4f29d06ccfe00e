import { describe, expect, it } from 'vitest';
import { sparkConnect } from '../../../support/connects.ts';
import { isTried, writtenRemedies } from '../../../support/written-remedies.ts';
import { problemsOf } from '../manifests.ts';

type Case = readonly [remedy: string, wrong: unknown, right: unknown];

const annotations = { 'temporal-spark/idle-seconds': '600' };
const withConf = (key: string, value = 'a') => sparkConnect('a', { spec: { sparkConf: { [key]: value } } });
const withPort = (port: string) => withConf('spark.connect.grpc.binding.port', port);
const withRoute = (route: Record<string, string>) => sparkConnect('a', { annotations: route });
const withTemplate = (spec: object) => sparkConnect('a', { spec: { server: { template: { spec } } } });

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
  [
    'set temporal-spark/address, or remove it',
    withRoute({ 'temporal-spark/ingress-class': 'nginx' }),
    withRoute({ 'temporal-spark/ingress-class': 'nginx', 'temporal-spark/address': 'sc://a.example.org:80' }),
  ],
  [
    'append it, or remove this annotation',
    withRoute({ 'temporal-spark/tls-secret': 'a', 'temporal-spark/address': 'sc://a.example.org:443' }),
    withRoute({ 'temporal-spark/tls-secret': 'a', 'temporal-spark/address': 'sc://a.example.org:443/;use_ssl=true' }),
  ],
  // Those of an application, with the fields of a session.
  [
    'set spec.server.template.spec.serviceAccountName',
    withConf('spark.kubernetes.authenticate.driver.serviceAccountName'),
    withTemplate({ serviceAccountName: 'a', containers: [{ name: 'spark-kubernetes-driver' }] }),
  ],
  [
    'set the image of its container in spec.server.template',
    withConf('spark.kubernetes.driver.container.image'),
    withTemplate({ containers: [{ name: 'spark-kubernetes-driver', image: 'a' }] }),
  ],
  [
    'remove the key: the server runs on the cluster of its session',
    withConf('spark.kubernetes.driver.master'),
    sparkConnect('a'),
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
