import { describe, expect, it } from 'vitest';
import type { ManifestError } from '../../../../src/manifest/index.ts';
import { parseManifest, serverApplication, serviceName, type ManifestProblem } from '../../../../src/manifest/index.ts';
import { findRefusals } from '../../../../src/spark/index.ts';
import { checkedConnect, sparkConnect } from '../../../support/connects.ts';

const template = (container: object, pod: object = {}) => ({
  metadata: { labels: { team: 'data' } },
  spec: { containers: [{ name: 'sidecar', image: 'sidecar:1' }, container], ...pod },
});
const server = 'spark-kubernetes-driver';

const specOf = (spec: object) => serverApplication({ ...checkedConnect('adhoc', { spec }) })['spec'];

function problemsOf(manifest: object): readonly ManifestProblem[] {
  try {
    parseManifest(manifest, { refusals: findRefusals });
    return [];
  } catch (error) {
    return (error as ManifestError).problems;
  }
}

describe('the application of a session', () => {
  it('is a driver that runs the Spark Connect server, and is started again whenever it ends', () => {
    const application = serverApplication({ ...checkedConnect('adhoc', { namespace: 'etl' }) });
    expect(application).toMatchObject({
      kind: 'SparkApplication',
      metadata: {
        ...{ name: 'adhoc-server', namespace: 'etl' },
        labels: { 'sparkoperator.k8s.io/connect-name': 'adhoc' },
        annotations: { 'temporal-spark/submitter': 'native' },
      },
      spec: {
        mainClass: 'org.apache.spark.sql.connect.service.SparkConnectServer',
        mainApplicationFile: 'spark-internal',
        restartPolicy: { type: 'Always' },
        driver: { podName: 'adhoc-server', cores: 1, memory: '512m' },
        executor: { instances: 1, memory: '512m' },
      },
    });
    expect(() => parseManifest(application, { refusals: findRefusals })).not.toThrow();
  });

  it('probes the port of the server in the container of Spark, and keeps what the template has', () => {
    const readinessProbe = { tcpSocket: { port: 1 } };
    const { driver } = specOf({ server: { template: template({ name: server, readinessProbe }) } }) as {
      driver: { template: object };
    };
    expect(driver.template).toEqual({
      metadata: { labels: { team: 'data' } },
      spec: {
        containers: [
          { name: 'sidecar', image: 'sidecar:1' },
          {
            name: server,
            readinessProbe,
            startupProbe: expect.objectContaining({ tcpSocket: { port: 15002 } }) as object,
          },
        ],
      },
    });
  });

  it('has image, service account and CPU of the templates, which Spark would overwrite', () => {
    const resources = { requests: { cpu: '500m' }, limits: { cpu: 2 } };
    const account = { serviceAccountName: 'spark' };
    const spec = {
      server: {
        template: template({ name: server, image: 'server:1', imagePullPolicy: 'Always', resources }, account),
      },
      executor: { template: template({ name: 'spark-kubernetes-executor', image: 'executor:1' }) },
    };
    expect(specOf(spec)).toMatchObject({
      imagePullPolicy: 'Always',
      driver: { image: 'server:1', serviceAccount: 'spark', coreRequest: '500m', coreLimit: 2 },
      executor: { image: 'executor:1' },
    });
  });

  it('takes Hadoop configuration with and without its prefix', () => {
    const hadoopConf = { 'spark.hadoop.fs.a': '1', 'fs.b': '2' };
    expect(specOf({ hadoopConf })).toMatchObject({ hadoopConf: { 'fs.a': '1', 'fs.b': '2' } });
  });

  it('starts with no executor where dynamic allocation may', () => {
    const spec = { executor: { instances: 0 }, dynamicAllocation: { enabled: true, maxExecutors: 3 } };
    expect(specOf(spec)).toMatchObject({ executor: {}, dynamicAllocation: { maxExecutors: 3 } });
    expect(specOf(spec)).not.toHaveProperty('executor.instances');
  });

  it('does not have the settings of the session, nor what kubectl keeps', () => {
    const annotations = {
      'temporal-spark/idle-seconds': '60',
      'temporal-spark/requested-at': '2026-11-30T12:00:00Z',
      'temporal-spark/submitter': 'batch',
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'example.com/team': 'data',
    };
    const { metadata } = serverApplication({ ...checkedConnect('adhoc', { annotations }) }) as { metadata: object };
    expect(metadata).toMatchObject({
      annotations: {
        'temporal-spark/submitter': 'batch',
        'temporal-spark/restart-max-interval': '2m',
        'example.com/team': 'data',
      },
    });
    expect(JSON.stringify(metadata)).not.toMatch(/idle-seconds|requested-at|last-applied/);
  });
});

it('names the Service after the session, unless its manifest has a name', () => {
  expect(serviceName({ ...checkedConnect('adhoc') })).toBe('adhoc-server');
  const named = { server: { service: { metadata: { name: 'shared' }, spec: { type: 'LoadBalancer' } } } };
  expect(serviceName({ ...checkedConnect('adhoc', { spec: named }) })).toBe('shared');
});

describe('a SparkConnect', () => {
  it.each<[string, object, string, RegExp]>([
    [
      'a name without room for "-server"',
      sparkConnect('a'.repeat(57)),
      'metadata.name',
      /too many for the name of its/,
    ],
    [
      'another unit than seconds',
      sparkConnect('adhoc', { annotations: { 'temporal-spark/idle-seconds': '5m' } }),
      'metadata.annotations["temporal-spark/idle-seconds"]',
      /number of seconds/,
    ],
    [
      'a request at no time',
      sparkConnect('adhoc', { annotations: { 'temporal-spark/requested-at': 'now' } }),
      'metadata.annotations["temporal-spark/requested-at"]',
      /must be a time/,
    ],
    [
      'an annotation that nothing reads',
      sparkConnect('adhoc', { annotations: { 'temporal-spark/idle': '5' } }),
      'metadata.annotations["temporal-spark/idle"]',
      /not an annotation of temporal-spark/,
    ],
    [
      'no UI to tell whether it is idle',
      sparkConnect('adhoc', {
        annotations: { 'temporal-spark/idle-seconds': '60' },
        spec: { sparkConf: { 'spark.ui.enabled': 'false' } },
      }),
      'spec.sparkConf["spark.ui.enabled"]',
      /excludes the annotation temporal-spark\/idle-seconds/,
    ],
    [
      'no executor',
      sparkConnect('adhoc', { spec: { executor: { instances: 0 } } }),
      'spec.executor.instances',
      /without dynamic allocation/,
    ],
    [
      'another port',
      sparkConnect('adhoc', { spec: { sparkConf: { 'spark.connect.grpc.binding.port': '1' } } }),
      'spec.sparkConf["spark.connect.grpc.binding.port"]',
      /must be 15002/,
    ],
    [
      'a key of sparkConf that no application may set',
      sparkConnect('adhoc', { spec: { sparkConf: { 'spark.master': 'local' } } }),
      'spec.sparkConf["spark.master"]',
      /is not allowed/,
    ],
    [
      'a driver in the place of the server',
      sparkConnect('adhoc', { spec: { driver: {} } }),
      'spec.driver',
      /not a known field/,
    ],
    [
      'a template that Kubernetes refuses',
      sparkConnect('adhoc', { spec: { server: { template: { spec: { containers: [{ name: 'A' }] } } } } }),
      'spec.server.template.spec.containers[0].name',
      /A/,
    ],
    [
      'a container of the server that would be restarted in its pod',
      sparkConnect('adhoc', {
        spec: { server: { template: { spec: { containers: [{ name: server, restartPolicy: 'Always' }] } } } },
      }),
      'spec.server.template.spec.containers[0].restartPolicy',
      /would restart the driver/,
    ],
    ['no image', sparkConnect('adhoc', { image: '' }), 'spec.image', /image/],
    ['another version', { ...sparkConnect('adhoc'), apiVersion: 'sparkoperator.k8s.io/v1beta2' }, 'apiVersion', /./],
  ])('is not valid with %s', (_, manifest, path, message) => {
    const problems = problemsOf(manifest);
    expect(problems.map(({ pathText }) => pathText)).toContain(path);
    expect(problems.find(({ pathText }) => pathText === path)!.message).toMatch(message);
  });
});
