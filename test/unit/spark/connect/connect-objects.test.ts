import { describe, expect, it } from 'vitest';
import { connectRoute, connectService } from '../../../../src/spark/index.ts';
import { checkedConnect } from '../../../support/connects.ts';

describe('the Service of a session', () => {
  it("has the operator's ports, and selects the server", () => {
    const { metadata, spec } = connectService(checkedConnect('adhoc'));
    expect(metadata).toMatchObject({ name: 'adhoc-server' });
    expect(spec!.ports!.map(({ name, port }) => [name, port])).toEqual([
      ['driver-rpc', 7078],
      ['blockmanager', 7079],
      ['web-ui', 4040],
      ['spark-connect-server', 15002],
    ]);
    expect(spec!.selector).toEqual({ 'sparkoperator.k8s.io/connect-name': 'adhoc', 'spark-role': 'driver' });
  });

  it('has what its manifest has besides', () => {
    const service = { metadata: { name: 'shared', annotations: { a: 'b' } }, spec: { type: 'LoadBalancer' } };
    const made = connectService(checkedConnect('adhoc', { spec: { server: { service } } }));
    expect(made).toMatchObject({
      metadata: { name: 'shared', annotations: { a: 'b' } },
      spec: { type: 'LoadBalancer' },
    });
  });
});

describe('the route of a session', () => {
  const address = 'sc://adhoc.example.org:443/;use_ssl=true';
  const routeWith = (annotations: Record<string, string>, spec: object = {}) =>
    connectRoute(checkedConnect('adhoc', { annotations: { 'temporal-spark/address': address, ...annotations }, spec }));

  it('does not exist without an address', () => {
    expect(connectRoute(checkedConnect('adhoc', { annotations: { 'example.com/a': 'b' } }))).toBeUndefined();
  });

  it('is an Ingress of its host and the port of the server, with the annotations for its controller', () => {
    const grpc = { 'nginx.ingress.kubernetes.io/backend-protocol': 'GRPC' };
    const ours = { 'temporal-spark/idle-seconds': '60', 'kubectl.kubernetes.io/last-applied-configuration': '{}' };
    const route = routeWith({ ...grpc, ...ours, 'temporal-spark/ingress-class': 'nginx' });
    expect(route).toMatchObject({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'adhoc-server', namespace: 'default', annotations: grpc },
    });
    expect(route!.metadata!.annotations).toEqual(grpc);
    expect(route!.spec).toEqual({
      ingressClassName: 'nginx',
      tls: [{ hosts: ['adhoc.example.org'] }],
      rules: [
        {
          host: 'adhoc.example.org',
          http: {
            paths: [
              {
                ...{ path: '/', pathType: 'Prefix' },
                backend: { service: { name: 'adhoc-server', port: { number: 15002 } } },
              },
            ],
          },
        },
      ],
    });
  });

  it('has the certificate that an annotation names, and no TLS where its address has none', () => {
    const { spec } = routeWith({ 'temporal-spark/tls-secret': 'adhoc-tls' })!;
    expect(spec).toMatchObject({ tls: [{ hosts: ['adhoc.example.org'], secretName: 'adhoc-tls' }] });
    const plain = routeWith({ 'temporal-spark/address': 'sc://adhoc.example.org:80' })!;
    expect(plain.spec).not.toHaveProperty('tls');
  });

  it.each<[string, object]>([
    ['public', { name: 'public' }],
    ['gateways/public', { namespace: 'gateways', name: 'public' }],
  ])('is a GRPCRoute of the Gateway %s, to the Service of the session', (gateway, parent) => {
    const service = { metadata: { name: 'shared' } };
    expect(routeWith({ 'temporal-spark/gateway': gateway }, { server: { service } })).toMatchObject({
      ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GRPCRoute', metadata: { name: 'adhoc-server' } },
      spec: {
        parentRefs: [parent],
        hostnames: ['adhoc.example.org'],
        rules: [{ backendRefs: [{ name: 'shared', port: 15002 }] }],
      },
    });
  });
});
