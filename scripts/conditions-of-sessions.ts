import { idleSecondsPattern } from '../src/manifest/connect/annotations.ts';
import { routeFormats } from '../src/manifest/connect/route.ts';
import { CONNECT_PORT, ConnectAnnotation } from '../src/manifest/index.ts';
import type { ConditionByExample } from './admission-rule.ts';
import { celText, matching } from './cel-pattern.ts';

const conf = 'object.spec.sparkConf';
const annotations = 'object.metadata.annotations';

/** The condition on a value of a map that may be absent, as the key may. */
const onValue = (map: string, key: string, condition: (value: string) => string): string =>
  `!has(${map}) || !(${celText(key)} in ${map}) || ${condition(`${map}[${celText(key)}]`)}`;

const PORT = 'spark.connect.grpc.binding.port';
const UI = 'spark.ui.enabled';
const idle = ConnectAnnotation.IdleSeconds;

const { Address, Gateway, IngressClass, TlsSecret } = ConnectAnnotation;
const isSet = (key: string): string => `(has(${annotations}) && ${celText(key)} in ${annotations})`;
const addresses = { plain: 'sc://a.example.org:80', tls: 'sc://a.example.org:443/;use_ssl=true' };

/** Of the annotations that make a route. */
const conditionsOfRoutes: readonly ConditionByExample[] = [
  ...Object.entries(routeFormats).map(([key, { pattern }]) => ({
    condition: onValue(annotations, key, (value) => `(${matching(value, pattern.source)})`),
    example: {},
    metadata: { annotations: { [Address]: addresses.tls, [key]: '-' } },
  })),
  ...[Gateway, IngressClass, TlsSecret].map((key) => ({
    condition: `!${isSet(key)} || ${isSet(Address)}`,
    example: {},
    metadata: { annotations: { [key]: 'a' } },
  })),
  ...[IngressClass, TlsSecret].map((key) => ({
    condition: `!${isSet(key)} || !${isSet(Address)} || !${isSet(Gateway)}`,
    example: {},
    metadata: { annotations: { [Address]: addresses.tls, [Gateway]: 'a', [key]: 'a' } },
  })),
  {
    condition: [
      `!${isSet(TlsSecret)} || !${isSet(Address)} || ${isSet(Gateway)}`,
      `${annotations}[${celText(Address)}].endsWith("/;use_ssl=true")`,
    ].join(' || '),
    example: {},
    metadata: { annotations: { [Address]: addresses.plain, [TlsSecret]: 'a' } },
  },
];

/** What only Spark Connect sessions have. Their annotations are settings: the CustomResourceDefinition has no fields. */
export const conditionsOfSessions: readonly ConditionByExample[] = [
  {
    // Their server has a pod template, also where the manifest has none.
    condition: '!object.spec.sparkVersion.matches("^[0-2][.]")',
    example: { sparkVersion: '2.4.8' },
  },
  {
    condition: [
      '!has(object.spec.executor.instances) || object.spec.executor.instances != 0',
      '(has(object.spec.dynamicAllocation) && has(object.spec.dynamicAllocation.enabled) && object.spec.dynamicAllocation.enabled)',
    ].join(' || '),
    example: { executor: { instances: 0 } },
  },
  {
    condition: onValue(conf, PORT, (value) => `${value}.trim() == ${celText(String(CONNECT_PORT))}`),
    example: { sparkConf: { [PORT]: '1' } },
  },
  {
    condition: onValue(annotations, idle, (value) => `${value}.matches(${celText(idleSecondsPattern.source)})`),
    example: {},
    metadata: { annotations: { [idle]: '5m' } },
  },
  {
    condition: [
      `!has(${annotations}) || !(${celText(idle)} in ${annotations})`,
      onValue(conf, UI, (value) => `!${value}.trim().matches("^[fF][aA][lL][sS][eE]$")`),
    ].join(' || '),
    example: { sparkConf: { [UI]: 'false' } },
    metadata: { annotations: { [idle]: '60' } },
  },
  {
    condition: 'size(object.metadata.name) <= 56 || size(object.metadata.name) > 63',
    example: {},
    metadata: { name: 'a'.repeat(57) },
    found: { 57: 'string(size(object.metadata.name))' },
  },
  ...conditionsOfRoutes,
];
