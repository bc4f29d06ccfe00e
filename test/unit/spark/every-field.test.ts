import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inspectDriver } from '../../../src/spark/driver/build-driver-objects.ts';
import { buildCompanionObjects, driverPodName, toSparkSubmission } from '../../../src/spark/index.ts';
import { application, identity } from './fixtures.ts';

type Json = Record<string, unknown>;

interface Field {
  /** Values that must each make other objects than the rest, and than none. */
  readonly values: readonly unknown[];
  /** What else the specification needs for the field to count. */
  readonly context?: Json;
}

const of = (...values: readonly unknown[]): Field => ({ values });
const context = (spec: Json, ...values: readonly unknown[]): Field => ({ values, context: spec });

const mount = { name: 'data', mountPath: '/data' };
const containers = [{ name: 'extra', image: 'extra:1' }];
const secret = { name: 'a', path: '/a', secretType: 'Generic' };
const port = { name: 'admin', protocol: 'TCP', containerPort: 9000 };

const ofEitherRole: Readonly<Record<string, Field>> = {
  affinity: of({ nodeAffinity: {} }),
  annotations: of({ a: 'b' }, { a: 'c' }),
  configMaps: of([{ name: 'a', path: '/a' }], [{ name: 'b', path: '/a' }], [{ name: 'a', path: '/b' }]),
  coreLimit: of('2', '3'),
  coreRequest: of('500m', '2'),
  cores: of(2, 3),
  dnsConfig: of({ nameservers: ['10.0.0.1'] }),
  env: of([{ name: 'A', value: 'b' }]),
  envFrom: of([{ configMapRef: { name: 'a' } }]),
  envSecretKeyRefs: of({ A: { name: 'a', key: 'b' } }, { A: { name: 'b', key: 'b' } }, { A: { name: 'a', key: 'c' } }),
  envVars: of({ A: 'b' }, { A: 'c' }),
  gpu: of(
    { name: 'nvidia.com/gpu', quantity: 1 },
    { name: 'amd.com/gpu', quantity: 1 },
    { name: 'amd.com/gpu', quantity: 2 },
  ),
  hostAliases: of([{ ip: '10.0.0.1', hostnames: ['a'] }]),
  hostNetwork: of(true),
  image: of('other:1', 'other:2'),
  initContainers: of(containers),
  javaOptions: of('-Da=b', '-Da=c'),
  labels: of({ a: 'b' }, { a: 'c' }),
  lifecycle: of({ preStop: { exec: { command: ['true'] } } }),
  memory: of('2g', '3g'),
  memoryLimit: of('5g', '6Gi'),
  memoryOverhead: of('2g', '512m'),
  nodeSelector: of({ a: 'b' }, { a: 'c' }),
  podSecurityContext: of({ fsGroup: 185 }),
  ports: of([port], [{ ...port, name: 'other' }], [{ ...port, protocol: 'UDP' }], [{ ...port, containerPort: 9001 }]),
  priorityClassName: of('high', 'low'),
  schedulerName: of('a', 'b'),
  secrets: of(
    [secret],
    [{ ...secret, name: 'b' }],
    [{ ...secret, path: '/b' }],
    [{ ...secret, secretType: 'GCPServiceAccount' }],
    [{ ...secret, secretType: 'HadoopDelegationToken' }],
  ),
  securityContext: of({ runAsUser: 1 }, { allowPrivilegeEscalation: true }),
  serviceAccount: of('a', 'b'),
  shareProcessNamespace: of(true),
  sidecars: of(containers),
  template: of({ metadata: { annotations: { a: 'b' } } }, { spec: { containers: [{ name: 'a' }] } }),
  terminationGracePeriodSeconds: of(5, 6),
  tolerations: of([{ key: 'a' }]),
  volumeMounts: context({ volumes: [{ name: 'data', emptyDir: {} }] }, [mount], [{ ...mount, mountPath: '/other' }]),
};

const exposed = { serviceType: 'NodePort', serviceAnnotations: { a: 'b' }, serviceLabels: { a: 'b' } };
const ingress = { servicePort: 9000, servicePortName: 'a', ingressURLFormat: 'a.example.org' };
const monitored = { exposeDriverMetrics: true, exposeExecutorMetrics: false };
const prometheus = { jmxExporterJar: '/a.jar' };
const dynamic = { enabled: true };
const volcano = { batchScheduler: 'volcano' };

const fields: Readonly<Record<string, Field>> = {
  arguments: of(['a'], ['a', 'b']),
  batchScheduler: of('volcano', 'yunikorn', 'scheduler-plugins-scheduler', 'another'),
  'batchSchedulerOptions.priorityClassName': context(volcano, 'a', 'b'),
  'batchSchedulerOptions.queue': context(volcano, 'a', 'b'),
  'batchSchedulerOptions.resources': context(volcano, { cpu: '1' }, { cpu: '2' }),
  'deps.packages': of(['org.test:a:1'], ['org.test:a:1', 'org.test:b:1']),
  ...Object.fromEntries(
    ['archives', 'excludePackages', 'files', 'jars', 'pyFiles', 'repositories'].map((name) => [
      `deps.${name}`,
      of(['local:///a'], ['local:///a', 'local:///b']),
    ]),
  ),
  ...Object.fromEntries(
    ['driver', 'executor'].flatMap((role) =>
      Object.entries(ofEitherRole).map(([name, field]) => [`${role}.${name}`, field]),
    ),
  ),
  'driver.kubernetesMaster': of('https://a', 'https://b'),
  'driver.podName': of('a', 'b'),
  'driver.serviceAnnotations': of({ a: 'b' }, { a: 'c' }),
  'driver.serviceLabels': of({ a: 'b' }, { a: 'c' }),
  driverIngressOptions: of(
    [ingress],
    [{ ...ingress, servicePort: 9001 }],
    [{ ...ingress, servicePortName: 'b' }],
    [{ ...ingress, ingressURLFormat: 'b.example.org/{{$appName}}' }],
    ...Object.entries(exposed).map(([name, value]) => [{ ...ingress, [name]: value }]),
    [{ ...ingress, ingressAnnotations: { a: 'b' } }],
    [{ ...ingress, ingressTLS: [{ hosts: ['a.example.org'] }] }],
    [{ ...ingress, ingressTLS: [{ secretName: 'tls' }] }],
  ),
  driverPodDisruptionBudget: of(true),
  'dynamicAllocation.enabled': of(true),
  'dynamicAllocation.initialExecutors': context({ dynamicAllocation: dynamic }, 1, 2),
  'dynamicAllocation.maxExecutors': context({ dynamicAllocation: dynamic }, 1, 2),
  'dynamicAllocation.minExecutors': context({ dynamicAllocation: dynamic }, 1, 2),
  'dynamicAllocation.shuffleTrackingEnabled': context(
    // Without it Spark wants shuffle files elsewhere.
    { dynamicAllocation: dynamic, sparkConf: { 'spark.decommission.enabled': 'true' } },
    false,
  ),
  'dynamicAllocation.shuffleTrackingTimeout': context({ dynamicAllocation: dynamic }, 1, 2),
  'executor.deleteOnTermination': of(true, false),
  'executor.instances': of(2, 3),
  hadoopConf: of({ a: 'b' }, { a: 'c' }),
  hadoopConfigMap: of('a', 'b'),
  image: of('other:1', 'other:2'),
  imagePullPolicy: of('Always', 'Never'),
  imagePullSecrets: of(['a'], ['b']),
  mainApplicationFile: of('local:///a.jar', 'local:///b.jar'),
  mainClass: of('a.B', 'a.C'),
  memoryOverheadFactor: of('0.6', '0.7'),
  'monitoring.exposeDriverMetrics': context({ monitoring: { prometheus, exposeExecutorMetrics: false } }, true, false),
  'monitoring.exposeExecutorMetrics': context({ monitoring: { prometheus, exposeDriverMetrics: false } }, true, false),
  'monitoring.metricsProperties': context({ monitoring: monitored }, 'a=b', 'a=c'),
  'monitoring.metricsPropertiesFile': context({ monitoring: monitored }, '/a', '/b'),
  'monitoring.prometheus.configFile': context({ monitoring: { ...monitored, prometheus } }, '/a', '/b'),
  'monitoring.prometheus.configuration': context({ monitoring: { ...monitored, prometheus } }, 'a: b', 'a: c'),
  'monitoring.prometheus.jmxExporterJar': context({ monitoring: monitored }, '/a.jar', '/b.jar'),
  'monitoring.prometheus.port': context({ monitoring: { ...monitored, prometheus } }, 9001, 9002),
  'monitoring.prometheus.portName': context({ monitoring: { ...monitored, prometheus } }, 'a', 'b'),
  nodeSelector: of({ a: 'b' }, { a: 'c' }),
  proxyUser: of('a', 'b'),
  pythonVersion: of('3'),
  sparkConf: of({ 'spark.a': 'b' }, { 'spark.a': 'c' }),
  sparkConfigMap: of('a', 'b'),
  ...Object.fromEntries(
    Object.entries({
      ...exposed,
      servicePort: 8080,
      servicePortName: 'a',
      ingressAnnotations: { a: 'b' },
      ingressTLS: [{ hosts: ['a'], secretName: 'b' }],
    }).map(([name, value]) => [`sparkUIOptions.${name}`, of(value)]),
  ),
  sparkVersion: of('3.5.9', '4.0.5', '4.2.1', '4.3.0'),
  volumes: {
    values: [[{ name: 'data', emptyDir: {} }], [{ name: 'data', hostPath: { path: '/a' } }]],
    context: { driver: { volumeMounts: [mount] } },
  },
};

/** Fields with no effect on the objects of one attempt. */
const aboutSomethingElse: Readonly<Record<string, string>> = {
  suspend: 'the life of the application: see the workflow',
  restartPolicy: 'the life of the application: see the workflow',
  timeToLiveSeconds: 'the life of the application: see the workflow',
  failureRetries: 'dead in the operator too',
  retryInterval: 'dead in the operator too',
  mode: 'only "cluster" is accepted',
  type: 'Spark decides by the extension of mainApplicationFile; a contradiction is refused',
};

describe.each(Object.entries(fields))('spec.%s', (path, { values, context = {} }) => {
  test('takes effect', () => {
    const made = [spec(context), ...values.map((value) => withValue(spec(context), path.split('.'), value))].map(
      everything,
    );
    const distinct = path in required ? made.slice(1) : made;
    expect(new Set(distinct).size).toBe(distinct.length);
  });
});

test('every field of the CRD is covered', () => {
  const known = [...Object.keys(fields), ...Object.keys(aboutSomethingElse)];
  const forgotten = crdFields().filter((path) => !known.some((name) => isWithin(path, name) || isWithin(name, path)));
  expect(forgotten).toEqual([]);
});

/** Left out, these make no valid specification to compare with. */
const required: Readonly<Record<string, true>> = {
  'monitoring.exposeDriverMetrics': true,
  'monitoring.exposeExecutorMetrics': true,
  'monitoring.prometheus.jmxExporterJar': true,
};

const isWithin = (path: string, field: string): boolean => path === field || path.startsWith(`${field}.`);

function crdFields(): string[] {
  const file = new URL('../manifest/sparkapplication-v1beta2.paths.json', import.meta.url);
  const { SparkApplication } = JSON.parse(readFileSync(file, 'utf8')) as { SparkApplication: Json };
  return Object.keys(SparkApplication)
    .filter((path) => path.startsWith('spec.'))
    .map((path) => path.slice('spec.'.length).replaceAll('[]', ''));
}

const spec = (extra: Json): Json => ({ executor: {}, driver: {}, ...extra });

function withValue(object: Json, [step, ...rest]: readonly string[], value: unknown): Json {
  const key = step!;
  const below = (object[key] ?? {}) as Json;
  return { ...object, [key]: rest.length === 0 ? value : withValue(below, rest, value) };
}

function everything(written: Json): string {
  const complete = written['monitoring']
    ? {
        ...written,
        monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: true, ...(written['monitoring'] as Json) },
      }
    : written;
  const checked = application(complete);
  const submission = toSparkSubmission(checked);
  const named = { ...identity, driverPodName: driverPodName(checked) };
  const { pod, dependents } = inspectDriver(submission, named).objects;
  const companions = buildCompanionObjects(checked, submission, named, { uiIngressUrl: '{{$appName}}.example.org' });
  return JSON.stringify([pod, ...dependents, ...companions]);
}
