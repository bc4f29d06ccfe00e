import type { Ingress, KubernetesObject } from '../../kubernetes/objects.ts';
import {
  CONNECT_PORT,
  routeOf,
  serverName,
  serviceName,
  type ConnectRoute,
  type SparkConnect,
} from '../../manifest/index.ts';
import { present } from '../../validation/present.ts';
import { labelsOf } from './connect-service.ts';

/** A `GRPCRoute` of the Gateway API, as far as a session has it. */
export interface GrpcRoute extends KubernetesObject {
  readonly spec: {
    readonly parentRefs: readonly { readonly namespace?: string; readonly name: string }[];
    readonly hostnames: readonly string[];
    readonly rules: readonly { readonly backendRefs: readonly { readonly name: string; readonly port: number }[] }[];
  };
}

/** The Ingress of a session, or its GRPCRoute; undefined where it has neither. Pure. */
export function connectRoute(connect: SparkConnect): Ingress | GrpcRoute | undefined {
  const { name, namespace, annotations } = connect.metadata;
  const route = routeOf(annotations);
  if (route === undefined) return undefined;
  const metadata = {
    ...{ name: serverName(name), namespace, labels: labelsOf(name) },
    annotations: ofController(annotations),
  };
  const service = serviceName({ ...connect });
  return route.gateway === undefined
    ? { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: ingressSpec(route, service) }
    : {
        ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'GRPCRoute', metadata },
        spec: {
          parentRefs: [route.gateway],
          hostnames: [route.host],
          rules: [{ backendRefs: [{ name: service, port: CONNECT_PORT }] }],
        },
      };
}

function ingressSpec(
  { host, usesTls, ingressClass, tlsSecret }: ConnectRoute,
  service: string,
): NonNullable<Ingress['spec']> {
  const backend = { service: { name: service, port: { number: CONNECT_PORT } } };
  return {
    ...present({ ingressClassName: ingressClass }),
    ...(usesTls ? { tls: [{ hosts: [host], ...present({ secretName: tlsSecret }) }] } : {}),
    rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
  };
}

/** Those of a session that its controller may read: neither ours nor kubectl's. */
const ofController = (annotations: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(annotations).filter(([key]) => !/^(temporal-spark|kubectl\.kubernetes\.io)\//.test(key)),
  );
