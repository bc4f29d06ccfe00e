import { present } from '../../validation/present.ts';
import type { ProblemPath } from '../../validation/problem.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../../validation/unknown-data.ts';
import { ANNOTATION_PREFIX, ApplicationAnnotation } from '../annotations.ts';
import { API_VERSION } from '../spark-application.ts';
import { ConnectAnnotation } from './annotations.ts';

/** The session of an object, where the Spark operator's users look for it: on the pods and the Service. */
export const CONNECT_NAME_LABEL = 'sparkoperator.k8s.io/connect-name';

/** Port of the gRPC server that clients connect to. */
export const CONNECT_PORT = 15_002;

const MAIN_CLASS = 'org.apache.spark.sql.connect.service.SparkConnectServer';
const CONTAINER = { server: 'spark-kubernetes-driver', executor: 'spark-kubernetes-executor' } as const;

/** Spark needs seconds to start; one that fetches packages needs minutes. */
const PROBES = {
  startupProbe: { tcpSocket: { port: CONNECT_PORT }, periodSeconds: 2, failureThreshold: 300 },
  readinessProbe: { tcpSocket: { port: CONNECT_PORT }, periodSeconds: 5, failureThreshold: 3 },
};

/** The names of what a session consists of: its SparkApplication and the server pod. */
export const serverName = (name: string): string => `${name}-server`;

/** The name of the Service of a session. */
export function serviceName({ metadata, spec }: UnknownRecord): string {
  const service = asRecord(asRecord(asRecord(spec)['server'])['service']);
  return asText(asRecord(service['metadata'])['name']) ?? serverName(asText(asRecord(metadata)['name']) ?? '');
}

/**
 * The application that is the server of a session: its driver is the server. It restarts whenever it ends. Reads a
 * SparkConnect as unknown data, because rules are checked also where its structure is wrong; of a valid one the result
 * is a valid SparkApplication.
 */
export function serverApplication({ metadata, spec }: UnknownRecord): UnknownRecord {
  const { name, namespace, labels, annotations } = asRecord(metadata);
  const { sparkVersion, image, hadoopConf, sparkConf, server, executor, dynamicAllocation } = asRecord(spec);
  const pullPolicy = sparkContainer(asRecord(server)['template'], 'server')['imagePullPolicy'];
  return {
    apiVersion: API_VERSION,
    kind: 'SparkApplication',
    metadata: {
      ...present({ namespace }),
      name: serverName(asText(name) ?? ''),
      labels: { ...asRecord(labels), [CONNECT_NAME_LABEL]: name },
      annotations: { ...DEFAULT_ANNOTATIONS, ...ofApplication(asRecord(annotations)) },
    },
    spec: {
      ...{ type: 'Scala', mode: 'cluster', mainClass: MAIN_CLASS, mainApplicationFile: 'spark-internal' },
      ...present({ sparkVersion, image, imagePullPolicy: pullPolicy, sparkConf, dynamicAllocation }),
      ...present({ hadoopConf: hadoopConf === undefined ? undefined : withoutPrefix(asRecord(hadoopConf)) }),
      restartPolicy: { type: 'Always' },
      driver: serverRole(asText(name) ?? '', asRecord(server)),
      executor: executorRole(asRecord(executor), asRecord(dynamicAllocation)['enabled'] === true),
    },
  };
}

/** spark-submit refuses the class in cluster mode; a server that fails for hours must not wait for hours. */
const DEFAULT_ANNOTATIONS = {
  [ApplicationAnnotation.Submitter]: 'native',
  [ApplicationAnnotation.RestartMaxInterval]: '2m',
};

function serverRole(name: string, { cores, memory, template }: UnknownRecord): UnknownRecord {
  const { image, resources } = sparkContainer(template, 'server');
  const { requests, limits } = asRecord(resources);
  return {
    podName: serverName(name),
    ...present({ cores, memory, image, serviceAccount: serviceAccountOf(template) }),
    ...present({ coreRequest: asRecord(requests)['cpu'], coreLimit: asRecord(limits)['cpu'] }),
    template: withProbes(asRecord(template)),
  };
}

function executorRole({ cores, memory, instances, template }: UnknownRecord, isDynamic: boolean): UnknownRecord {
  const { image } = sparkContainer(template, 'executor');
  return present({
    ...{ cores, memory, template, image, serviceAccount: serviceAccountOf(template) },
    // Spark starts with its minimum, 0 by default.
    instances: instances === 0 && isDynamic ? undefined : instances,
  });
}

const containersOf = (template: unknown): readonly unknown[] =>
  asList(asRecord(asRecord(template)['spec'])['containers']);

const indexOf = (template: unknown, role: keyof typeof CONTAINER): number =>
  Math.max(
    0,
    containersOf(template).findIndex((container) => asRecord(container)['name'] === CONTAINER[role]),
  );

const sparkContainer = (template: unknown, role: keyof typeof CONTAINER): UnknownRecord =>
  asRecord(containersOf(template)[indexOf(template, role)]);

function serviceAccountOf(template: unknown): unknown {
  const { serviceAccountName, serviceAccount } = asRecord(asRecord(template)['spec']);
  return serviceAccountName ?? serviceAccount;
}

/** The server is ready once it accepts connections. Probes of the template stay. */
function withProbes(template: UnknownRecord): UnknownRecord {
  const written = containersOf(template);
  const containers = written.length === 0 ? [{ name: CONTAINER.server }] : written;
  const index = indexOf(template, 'server');
  const probed = containers.map((each, at) => (at === index ? { ...PROBES, ...asRecord(each) } : each));
  return { ...template, spec: { ...asRecord(template['spec']), containers: probed } };
}

/** As the operator has it, keys may have the prefix. */
const withoutPrefix = (hadoopConf: UnknownRecord): UnknownRecord =>
  Object.fromEntries(Object.entries(hadoopConf).map(([key, value]) => [key.replace(/^spark\.hadoop\./, ''), value]));

const ofConnect: readonly string[] = Object.values(ConnectAnnotation);

/** Those that mean something to an application; kubectl's own copy of the manifest would double its size. */
function ofApplication(annotations: UnknownRecord): UnknownRecord {
  const isOfApplication = (key: string): boolean =>
    key.startsWith(ANNOTATION_PREFIX)
      ? !ofConnect.includes(key)
      : key !== 'kubectl.kubernetes.io/last-applied-configuration';
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => isOfApplication(key)));
}

/** A problem of the application of a server, with the fields of its session. */
export const problemInConnect = <P extends { readonly path: ProblemPath; readonly remedy?: string }>(
  problem: P,
): P => ({
  ...problem,
  path: pathInConnect(problem.path),
  ...present({ remedy: problem.remedy && remedyInConnect(problem.remedy) }),
});

const remedyInConnect = (remedy: string): string =>
  remedy
    .replace('set spec.driver.kubernetesMaster', 'remove the key: the server runs on the cluster of its session')
    .replace(/\bspec\.(driver|executor)\.(\w+)/g, (_, part: string, field: string) => {
      const template = `spec.${part === 'driver' ? 'server' : part}.template`;
      switch (field) {
        case 'template':
          return template;
        case 'serviceAccount':
          return `${template}.spec.serviceAccountName`;
        case 'image':
          return `the image of its container in ${template}`;
        default:
          return `spec.${part === 'driver' ? 'server' : part}.${field}`;
      }
    });

/** Where in a SparkConnect is what stands at a path of the application of its server. */
function pathInConnect([root, part, field, ...rest]: ProblemPath): ProblemPath {
  if (root !== 'spec' || part === undefined) return [root, part, field, ...rest].filter((each) => each !== undefined);
  if (field === undefined) return [root, part === 'driver' ? 'server' : part];
  if (part !== 'driver' && part !== 'executor') return [root, part, field, ...rest];
  const own = part === 'driver' ? 'server' : part;
  switch (field) {
    case 'image':
      return ['spec', 'image'];
    case 'coreRequest':
    case 'coreLimit':
    case 'serviceAccount':
      return ['spec', own, 'template'];
    default:
      return ['spec', own, field, ...rest];
  }
}
