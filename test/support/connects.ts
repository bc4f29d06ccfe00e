import { parseManifest, type SparkConnect, type SparkConnectManifest } from '../../src/manifest/index.ts';

/** A small SparkConnect. */
export function sparkConnect(
  name: string,
  {
    namespace = 'default',
    image = 'spark:4.1.4',
    annotations = {},
    spec = {},
  }: {
    readonly namespace?: string;
    readonly image?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: object;
  } = {},
): SparkConnectManifest {
  return {
    apiVersion: 'sparkoperator.k8s.io/v1alpha1',
    kind: 'SparkConnect',
    metadata: { name, namespace, annotations: { ...annotations } },
    spec: {
      ...{ sparkVersion: '4.1.4', image },
      server: { cores: 1, memory: '512m' },
      executor: { instances: 1, memory: '512m' },
      ...spec,
    },
  };
}

/** The same, checked. @throws ManifestError */
export const checkedConnect = (...args: Parameters<typeof sparkConnect>): SparkConnect =>
  parseManifest(sparkConnect(...args)) as SparkConnect;
