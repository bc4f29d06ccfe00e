import { formats, type Format } from '../../validation/formats.ts';
import { present } from '../../validation/present.ts';
import type { Violation } from '../../validation/problem.ts';
import { asText, type UnknownRecord } from '../../validation/unknown-data.ts';
import { ConnectAnnotation } from './annotations.ts';

/** How clients outside the cluster reach a session. */
export interface ConnectRoute {
  /** As clients use it: `sc://adhoc.example.org:443/;use_ssl=true`. */
  readonly address: string;
  readonly host: string;
  readonly usesTls: boolean;
  readonly ingressClass?: string;
  readonly tlsSecret?: string;
  /** Then it is a route of that Gateway, not an Ingress. */
  readonly gateway?: { readonly namespace?: string; readonly name: string };
}

const { Address, Gateway, IngressClass, TlsSecret } = ConnectAnnotation;
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const TLS = '/;use_ssl=true';

/** What each of these annotations may be. The host of an Ingress is a name, not an IP address. */
export const routeFormats: Readonly<Record<string, Format>> = {
  [Address]: {
    longest: 300,
    pattern: new RegExp(`^(?=.{1,300}$)sc://(${label}\\.)*[a-z]([-a-z0-9]*[a-z0-9])?:[1-9][0-9]{0,4}(${TLS})?$`),
    allowed: `a host and a port, for example "sc://adhoc.example.org:443${TLS}"`,
  },
  [IngressClass]: formats['dns-1123-subdomain'],
  [TlsSecret]: formats['dns-1123-subdomain'],
  [Gateway]: {
    longest: 317,
    pattern: new RegExp(`^(?=.{1,317}$)(${label}/)?${label}(\\.${label})*$`),
    allowed: 'the name of a Gateway, or its namespace and name, for example "gateways/public"',
  },
};

/** The route of a valid session; undefined where it has none. */
export function routeOf(annotations: Readonly<Record<string, string>>): ConnectRoute | undefined {
  const { [Address]: address, [Gateway]: gateway, [IngressClass]: ingressClass, [TlsSecret]: tlsSecret } = annotations;
  if (address === undefined) return undefined;
  const [, host = ''] = /^sc:\/\/([^:]*)/.exec(address) ?? [];
  const [name = '', namespace] = (gateway ?? '').split('/').reverse();
  return {
    ...{ address, host, usesTls: address.endsWith(TLS) },
    ...present({
      ingressClass,
      tlsSecret,
      gateway: gateway === undefined ? undefined : { name, ...present({ namespace }) },
    }),
  };
}

/** What is wrong with the annotations of a route. Reads unknown data. */
export function checkRoute(annotations: UnknownRecord): Violation[] {
  return Object.entries(routeFormats).flatMap(([key, { pattern, allowed }]) => {
    const value = annotations[key];
    if (value === undefined) return [];
    const at = { path: ['metadata', 'annotations', key] };
    if (!pattern.test(asText(value) ?? ''))
      return [{ ...at, code: 'invalid_format', message: 'is not valid', allowed }];
    const [missing] = needed[key]?.(annotations) ?? [];
    return missing === undefined ? [] : [{ ...at, ...missing }];
  });
}

type Fault = Omit<Violation, 'path'>;

const withoutAddress = ({ [Address]: address }: UnknownRecord): Fault[] =>
  address === undefined
    ? [{ code: 'required', message: `has no effect without ${Address}`, remedy: `set ${Address}, or remove it` }]
    : [];

const ofGateway = ({ [Gateway]: gateway }: UnknownRecord): Fault[] =>
  gateway === undefined
    ? []
    : [{ code: 'exclusive', message: `excludes ${Gateway}: a Gateway has its own`, remedy: 'remove one of them' }];

const withoutTls = ({ [Address]: address }: UnknownRecord): Fault[] =>
  asText(address)?.endsWith(TLS) === true
    ? []
    : [
        {
          code: 'exclusive',
          message: `needs ${TLS} at the end of ${Address}`,
          remedy: 'append it, or remove this annotation',
        },
      ];

/** What else each of these annotations needs: the first fault counts. */
const needed: Readonly<Record<string, (annotations: UnknownRecord) => Fault[]>> = {
  [Gateway]: withoutAddress,
  [IngressClass]: (all) => [...withoutAddress(all), ...ofGateway(all)],
  [TlsSecret]: (all) => [...withoutAddress(all), ...ofGateway(all), ...withoutTls(all)],
};
