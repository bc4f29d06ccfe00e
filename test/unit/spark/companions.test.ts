import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ConfigMap, Ingress, PodDisruptionBudget, Service } from '../../../src/kubernetes/objects.ts';
import {
  attemptSubmission,
  buildCompanionObjects,
  toSparkSubmission,
  type CompanionOptions,
} from '../../../src/spark/index.ts';
import { application, identity, ofKind, render } from './fixtures.ts';

function companions(spec: Record<string, unknown>, options?: CompanionOptions) {
  const checked = application(spec);
  return buildCompanionObjects(checked, toSparkSubmission(checked), identity, options);
}

test('a plain application has none', () => {
  expect(companions({})).toEqual([]);
});

test('the UI is served where it is asked for', () => {
  const [service] = companions({ sparkUIOptions: { servicePort: 80 }, sparkConf: { 'spark.ui.port': '4444' } });
  expect(service).toMatchObject({
    kind: 'Service',
    metadata: { name: 'pi-ui-svc', namespace: 'analytics', labels: identity.labels },
    spec: {
      type: 'ClusterIP',
      selector: { 'sparkoperator.k8s.io/app-name': 'pi', 'spark-role': 'driver' },
      ports: [{ name: 'spark-driver-ui-port', port: 80, targetPort: 4444 }],
    },
  });
  expect(companions({}, { uiServiceAlways: true })).toMatchObject([
    { spec: { ports: [{ port: 4040, targetPort: 4040 }] } },
  ]);
});

test('an Ingress leads to the UI, below a path too', () => {
  const [ingress] = ofKind<Ingress>(
    companions(
      {},
      { uiIngressUrl: 'https://spark.example.org/{{$appNamespace}}/{{ $appName }}', ingressClassName: 'nginx' },
    ),
    'Ingress',
  );
  expect(ingress?.metadata?.annotations).toEqual({ 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' });
  expect(ingress?.spec).toEqual({
    ingressClassName: 'nginx',
    rules: [
      {
        host: 'spark.example.org',
        http: {
          paths: [
            {
              path: '/analytics/pi(/|$)(.*)',
              pathType: 'ImplementationSpecific',
              backend: { service: { name: 'pi-ui-svc', port: { number: 4040 } } },
            },
          ],
        },
      },
    ],
  });
});

test('a UI below a path gets that path, unless sparkConf sets it', () => {
  const conf = (sparkConf: Record<string, string>, uiIngressUrl?: string) =>
    attemptSubmission(application({ sparkConf }), identity, uiIngressUrl === undefined ? {} : { uiIngressUrl }).conf;
  expect(conf({}, 'spark.example.org/{{$appName}}/')).toMatchObject({
    'spark.ui.proxyBase': '/pi',
    'spark.ui.proxyRedirectUri': '/',
  });
  expect(conf({ 'spark.ui.proxyBase': '/own' }, 'spark.example.org/{{$appName}}')['spark.ui.proxyBase']).toBe('/own');
  for (const url of [undefined, '{{$appName}}.example.org', 'https://{{$appName}}.example.org/']) {
    expect(conf({}, url)).not.toHaveProperty('spark.ui.proxyBase');
  }
});

test('a long name leaves room for what is appended', () => {
  const name = 'a'.repeat(60);
  const checked = application({ sparkUIOptions: {} }, { name });
  const [service] = buildCompanionObjects(checked, toSparkSubmission(checked), identity);
  const hash = createHash('md5').update(`${name}-ui-svc`).digest('hex').slice(0, 8); // as the operator does
  expect(service?.metadata?.name).toBe(`${'a'.repeat(47)}-${hash}-ui-svc`);
  expect(service?.metadata?.name).toHaveLength(63);
});

test('each port of the driver has a Service and an Ingress', () => {
  const options = (port: number) => ({
    servicePort: port,
    servicePortName: `p${port}`,
    ingressURLFormat: `{{$appId}}.example.org/${port}`,
    serviceLabels: { tier: 'edge' },
  });
  const made = companions({ driverIngressOptions: [options(8080), options(9090)] });
  expect(made.map(({ kind, metadata }) => `${kind} ${metadata?.name}`)).toEqual([
    'Service pi-driver-8080',
    'Ingress pi-ing-8080',
    'Service pi-driver-9090',
    'Ingress pi-ing-9090',
  ]);
  expect(ofKind<Service>(made, 'Service')[0]?.metadata?.labels).toEqual({ tier: 'edge', ...identity.labels });
  expect(ofKind<Ingress>(made, 'Ingress')[0]?.spec?.rules?.[0]?.host).toBe(
    `${identity.sparkApplicationId}.example.org`,
  );
});

test('a disruption budget keeps the driver', () => {
  const [budget] = companions({ driverPodDisruptionBudget: true }) as PodDisruptionBudget[];
  expect(budget).toMatchObject({
    metadata: { name: 'pi-driver' },
    spec: {
      minAvailable: 1,
      selector: { matchLabels: { 'sparkoperator.k8s.io/app-name': 'pi', 'spark-role': 'driver' } },
    },
  });
});

test.each([
  ['volcano', 'scheduling.volcano.sh/v1beta1', 'spark-pi-pg'],
  ['scheduler-plugins-scheduler', 'scheduling.x-k8s.io/v1alpha1', 'pi-pg'],
])('%s gets a PodGroup big enough for driver and executors', (batchScheduler, apiVersion, name) => {
  const spec = { driver: { coreRequest: '500m' }, executor: { instances: 3, cores: 2, memory: '2g' } };
  const [group] = companions({ batchScheduler, ...spec });
  expect(group).toMatchObject({
    apiVersion,
    kind: 'PodGroup',
    metadata: { name },
    spec: { minMember: 1, minResources: { cpu: '6500m', memory: `${1408 + 3 * 2432}Mi` } },
  });
});

describe.each(['volcano', 'scheduler-plugins-scheduler', 'yunikorn'])(
  'the resources that %s must find room for',
  (batchScheduler) => {
    /** Of the complete group, or with YuniKorn of one pod of each role. */
    function minimum(role: object): Record<string, string>[] {
      const spec = { batchScheduler, driver: role, executor: { ...role, instances: 2 } };
      if (batchScheduler !== 'yunikorn') {
        return (companions(spec) as { spec?: { minResources: Record<string, string> } }[]).map(
          (group) => group.spec!.minResources,
        );
      }
      const { conf } = toSparkSubmission(application(spec));
      const groups = JSON.parse(conf['spark.kubernetes.driver.annotation.yunikorn.apache.org/task-groups']!) as {
        minResource: Record<string, string>;
      }[];
      return groups.map(({ minResource }) => minResource);
    }
    const times = (cpu: number, memory: number, others: Record<string, number> = {}) => {
      const pods = batchScheduler === 'yunikorn' ? 1 : 3;
      const each = {
        cpu: `${cpu * pods}m`,
        memory: `${memory * pods}Mi`,
        ...Object.fromEntries(Object.entries(others).map(([resource, amount]) => [resource, String(amount * pods)])),
      };
      return batchScheduler === 'yunikorn' ? [each, each] : [each];
    };
    const container = (name: string, requests: object, more: object = {}) => ({
      name,
      image: name,
      resources: { requests },
      ...more,
    });

    test('are sidecars, GPUs and the overhead of a runtime class too', () => {
      const role = {
        gpu: { name: 'nvidia.com/gpu', quantity: 2 },
        sidecars: [
          {
            name: 'log',
            image: 'log',
            resources: { limits: { cpu: '250m', memory: '1Gi' }, requests: { memory: '512Mi' } },
          },
        ],
        template: { spec: { overhead: { cpu: '50m', memory: '64Mi' } } },
      };
      expect(minimum(role)).toEqual(times(1300, 1408 + 512 + 64, { 'nvidia.com/gpu': 2 }));
    });

    test('is an init container where it needs more than all that runs after it', () => {
      expect(minimum({ initContainers: [container('init', { cpu: '3', memory: '1Gi' })] })).toEqual(times(3000, 1408));
    });

    test('is an init container that keeps running with the containers and the init containers after it', () => {
      const proxy = container('proxy', { cpu: '500m', memory: '100Mi' }, { restartPolicy: 'Always' });
      const initContainers = [container('first', { cpu: '1800m' }), proxy, container('last', { cpu: '1400m' })];
      expect(minimum({ initContainers })).toEqual(times(1900, 1508));
    });

    test("are the pod's own requests where it has some", () => {
      const template = { spec: { resources: { requests: { cpu: '5' } } } };
      expect(minimum({ template })).toEqual(times(5000, 1408));
    });
  },
);

test('the pods name the group that they belong to', () => {
  const { pod } = render(application({ batchScheduler: 'volcano' }));
  expect(pod.metadata?.annotations).toMatchObject({ 'scheduling.k8s.io/group-name': 'spark-pi-pg' });
  const { conf } = toSparkSubmission(application({ batchScheduler: 'scheduler-plugins-scheduler' }));
  expect(conf['spark.kubernetes.executor.label.scheduling.x-k8s.io/pod-group']).toBe('pi-pg');
});

test("the user's own volcano group stays the only one", () => {
  const driver = { annotations: { 'scheduling.k8s.io/group-name': 'mine' } };
  expect(companions({ batchScheduler: 'volcano', driver })).toEqual([]);
});

test('YuniKorn reads its task groups from the driver', () => {
  const { conf } = toSparkSubmission(
    application({
      batchScheduler: 'yunikorn',
      batchSchedulerOptions: { queue: 'root.a' },
      nodeSelector: { disk: 'ssd' },
      executor: { instances: 4 },
    }),
  );
  expect(JSON.parse(conf['spark.kubernetes.driver.annotation.yunikorn.apache.org/task-groups']!)).toEqual([
    {
      name: 'spark-driver',
      minMember: 1,
      minResource: { cpu: '1000m', memory: '1408Mi' },
      nodeSelector: { disk: 'ssd' },
    },
    {
      name: 'spark-executor',
      minMember: 4,
      minResource: { cpu: '1000m', memory: '1408Mi' },
      nodeSelector: { disk: 'ssd' },
    },
  ]);
  expect(conf['spark.kubernetes.executor.label.queue']).toBe('root.a');
});

test('a group has room for the initial executors of dynamic allocation, however it is configured', () => {
  const dynamic = (enabled: string) => ({
    'spark.dynamicAllocation.enabled': enabled,
    'spark.dynamicAllocation.initialExecutors': '5',
  });
  for (const enabled of ['true', 'True', ' TRUE ']) {
    const { conf } = toSparkSubmission(application({ batchScheduler: 'yunikorn', sparkConf: dynamic(enabled) }));
    const groups = conf['spark.kubernetes.driver.annotation.yunikorn.apache.org/task-groups']!;
    expect(JSON.parse(groups)).toMatchObject([{ minMember: 1 }, { name: 'spark-executor', minMember: 5 }]);
  }
});

test('the files of the metrics are those the image does not hold', () => {
  const monitoring = {
    exposeDriverMetrics: true,
    exposeExecutorMetrics: false,
    prometheus: { jmxExporterJar: '/a.jar' },
  };
  const keys = (extra: object) =>
    companions({ monitoring: { ...monitoring, ...extra } }).map((map) => Object.keys((map as ConfigMap).data!));
  expect(keys({})).toEqual([['metrics.properties', 'prometheus.yaml']]);
  expect(keys({ metricsPropertiesFile: '/m' })).toEqual([['prometheus.yaml']]);
  const prometheus = { jmxExporterJar: '/a.jar', configFile: '/c' };
  expect(keys({ metricsPropertiesFile: '/m', prometheus })).toEqual([]);
});
