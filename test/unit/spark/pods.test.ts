import { describe, expect, test } from 'vitest';
import { parseSparkApplication } from '../../../src/manifest/index.ts';
import { buildDriverObjects, findRefusals, toSparkSubmission } from '../../../src/spark/index.ts';
import { pathText } from '../../../src/validation/problems.ts';
import { application, identity, manifest, submission } from './fixtures.ts';

type Json = Record<string, unknown>;

/** Each problem as `path  message`. */
const problemsOf = (spec: Json, metadata: Json = {}): string[] =>
  findRefusals(parseSparkApplication(manifest(spec, metadata))).map(
    ({ path, message, remedy }) => `${pathText(path)}  ${[message, remedy].join('; ')}`,
  );

const emptyDir = (name: string): Json => ({ name, emptyDir: {} });
const both = (role: Json): Json => ({ driver: role, executor: role });
const driver = (role: Json): Json => ({ driver: role });

describe('what an API server would refuse is reported at the field that causes it', () => {
  test.each<[string, Json, string]>([
    [
      'a mount of a volume that nothing declares',
      { volumes: [emptyDir('models')], ...driver({ volumeMounts: [{ name: 'model', mountPath: '/m' }] }) },
      'spec.driver.volumeMounts[0].name  the API server refuses the driver pod: spec.containers[0].volumeMounts[0].name: Not found: "model"; did you mean "models"?',
    ],
    [
      'a mount of a volume that nothing resembles',
      { executor: { volumeMounts: [{ name: 'model', mountPath: '/m' }] } },
      'spec.executor.volumeMounts[0].name  the API server refuses every executor pod: spec.containers[0].volumeMounts[0].name: Not found: "model"; declare it in spec.volumes, which has: none',
    ],
    [
      'two mounts at one path',
      {
        volumes: [emptyDir('a'), emptyDir('b')],
        executor: { volumeMounts: ['a', 'b'].map((name) => ({ name, mountPath: '/data' })) },
      },
      'spec.executor.volumeMounts[1].mountPath  ',
    ],
    [
      "a mount over Spark's own configuration",
      { volumes: [emptyDir('a')], ...driver({ volumeMounts: [{ name: 'a', mountPath: '/opt/spark/conf' }] }) },
      'spec.driver.volumeMounts[0].mountPath  ',
    ],
    [
      'a ConfigMap and a Secret at one path',
      driver({
        configMaps: [{ name: 'a', path: '/etc/app' }],
        secrets: [{ name: 'b', path: '/etc/app', secretType: 'Generic' }],
      }),
      'spec.driver.secrets[0].path  ',
    ],
    [
      'a name of a volume',
      { volumes: [emptyDir('Big_Data')], ...both({ volumeMounts: [{ name: 'Big_Data', mountPath: '/b' }] }) },
      'spec.volumes[0].name  ',
    ],
    [
      'two sources of a volume',
      {
        volumes: [{ ...emptyDir('a'), nfs: { server: 's', path: '/p' } }],
        ...driver({ volumeMounts: [{ name: 'a', mountPath: '/a' }] }),
      },
      'spec.volumes[0].nfs  ',
    ],
    [
      'a decimal mode',
      {
        volumes: [{ name: 'a', secret: { secretName: 's', defaultMode: 644 } }],
        ...driver({ volumeMounts: [{ name: 'a', mountPath: '/a' }] }),
      },
      'spec.volumes[0].secret.defaultMode  the API server refuses the driver pod: spec.volumes[0].secret.defaultMode: Invalid value: 644: must be a number between 0 and 0777 (octal), both inclusive; write an octal number with a leading 0: 0644',
    ],
    [
      'a port name',
      driver({ ports: [{ name: 'metrics_port', protocol: 'TCP', containerPort: 9000 }] }),
      'spec.driver.ports[0].name  ',
    ],
    [
      "one of Spark's port names",
      driver({ ports: [{ name: 'spark-ui', protocol: 'TCP', containerPort: 9000 }] }),
      'spec.driver.ports[0].name  ',
    ],
    [
      "the name of the exporter's port",
      {
        monitoring: {
          exposeDriverMetrics: true,
          exposeExecutorMetrics: true,
          prometheus: { jmxExporterJar: '/a.jar', portName: 'a-very-long-port' },
        },
      },
      'spec.monitoring.prometheus.portName  ',
    ],
    [
      'a limit below the cores',
      { executor: { cores: 4, coreLimit: '3500m' } },
      'spec.executor.coreLimit  the API server refuses every executor pod: spec.containers[0].resources.requests.cpu: Invalid value: "4": must be less than or equal to cpu limit of 3500m; raise spec.executor.coreLimit, or set spec.executor.coreRequest below it',
    ],
    [
      'a limit of sparkConf',
      { sparkConf: { 'spark.kubernetes.executor.limit.cores': '0.5' } },
      'spec.sparkConf["spark.kubernetes.executor.limit.cores"]  ',
    ],
    ['a GPU', driver({ gpu: { name: 'gpu', quantity: 1 } }), 'spec.driver.gpu  '],
    [
      'two sidecars of one name',
      { executor: { sidecars: ['a:1', 'a:2'].map((image) => ({ name: 'proxy', image })) } },
      'spec.executor.sidecars[1].name  ',
    ],
    [
      'a sidecar in capitals',
      driver({ sidecars: [{ name: 'Proxy', image: 'a:1' }] }),
      'spec.driver.sidecars[0].name  ',
    ],
    [
      'a sidecar named as Spark',
      driver({ sidecars: [{ name: 'spark-kubernetes-driver', image: 'a:1' }] }),
      'spec.driver.sidecars[0].name  ',
    ],
    [
      'an image of a sidecar',
      driver({ sidecars: [{ name: 'a', image: 'proxy:${TAG}' }] }),
      'spec.driver.sidecars[0].image  no kubelet can run the driver pod: ',
    ],
    [
      'the image of the application',
      { image: 'registry.test/Team/spark:1' },
      'spec.image  no kubelet can run the driver pod: ',
    ],
    ['the image of a role', { executor: { image: 'spark:a b' } }, 'spec.executor.image  '],
    [
      'a toleration',
      driver({ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
      'spec.driver.tolerations[0].operator  ',
    ],
    [
      'an affinity',
      {
        executor: {
          affinity: {
            nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] },
          },
        },
      },
      'spec.executor.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight  ',
    ],
    ['a security context', driver({ podSecurityContext: { fsGroup: -1 } }), 'spec.driver.podSecurityContext.fsGroup  '],
    [
      'a label of sparkConf',
      { sparkConf: { 'spark.kubernetes.executor.label.team': 'a b' } },
      'spec.sparkConf["spark.kubernetes.executor.label.team"]  ',
    ],
    [
      'a node label of sparkConf',
      { sparkConf: { 'spark.kubernetes.node.selector.zone': 'a/b' } },
      'spec.sparkConf["spark.kubernetes.node.selector.zone"]  ',
    ],
    [
      'a prefix of executors',
      { sparkConf: { 'spark.kubernetes.executor.podNamePrefix': 'Team' } },
      'spec.sparkConf["spark.kubernetes.executor.podNamePrefix"]  ',
    ],
    [
      'a prefix that is no host name',
      { sparkConf: { 'spark.kubernetes.executor.podNamePrefix': 'team.a' } },
      'spec.sparkConf["spark.kubernetes.executor.podNamePrefix"]  ',
    ],
    [
      'a Secret of sparkConf',
      { sparkConf: { 'spark.kubernetes.driver.secrets.team.key': '/etc/key' } },
      'spec.sparkConf["spark.kubernetes.driver.secrets.team.key"]  ',
    ],
    [
      'a template',
      driver({ template: { spec: { containers: [{ workingDir: '/a', env: [{ name: 'A=B' }] }] } } }),
      'spec.driver.template.spec.containers[0].env[0].name  ',
    ],
    [
      'a field of a template',
      driver({ template: { spec: { containers: [], hostname: 'a_b' } } }),
      'spec.driver.template.spec.hostname  ',
    ],
    [
      'an executor variable of a Secret',
      { executor: { envSecretKeyRefs: { A: { name: 's', key: 'b c' } } } },
      'spec.executor.envSecretKeyRefs.A  ',
    ],
  ])('%s', (_what, spec, expected) => {
    expect(problemsOf(spec)).toEqual([expect.stringContaining(expected)]);
  });

  test('each once, although both pods have it', () => {
    expect(problemsOf({ image: 'spark:${TAG}' })).toHaveLength(1);
  });

  test('together with what the translation refuses, at its own position', () => {
    const volumes = [{ ...emptyDir('spark-local-dir-1'), emptyDir: { sizeLimit: '10' } }, emptyDir('b')];
    const volumeMounts = [
      { name: 'spark-local-dir-1', mountPath: '/a' },
      { name: 'gone', mountPath: '/b' },
    ];
    expect(problemsOf({ volumes, driver: { volumeMounts } }).map((text) => text.split('  ')[0])).toEqual([
      'spec.driver.volumeMounts[0]',
      'spec.driver.volumeMounts[1].name',
    ]);
  });
});

test('a worker refuses the driver and its executors before it creates anything', () => {
  const refused = toSparkSubmission(application({ executor: { cores: 2, coreLimit: '1' } }));
  expect(() => buildDriverObjects(refused, identity)).toThrow(
    'the API server refuses every executor pod: spec.containers[0].resources.requests.cpu: Invalid value: "2"',
  );
});

test('a template of a command line is refused with its path in the pod', () => {
  const driverPodTemplate = {
    spec: { containers: [{ name: 'Spark', volumeMounts: [{ name: 'a', mountPath: '/a' }] }] },
  };
  expect(() => buildDriverObjects({ ...submission, driverPodTemplate }, identity)).toThrow(
    /^spec\.containers\[0\].*Not found: "a".*; .*Invalid value: "Spark"/,
  );
});

test('what feature steps of the user may add is not reported as missing', () => {
  const volumeMounts = [{ name: 'from-a-step', mountPath: '/a' }];
  const steps = (role: string) => ({ [`spark.kubernetes.${role}.pod.featureSteps`]: 'org.test.Step' });
  expect(problemsOf({ sparkConf: steps('executor'), executor: { volumeMounts } })).toEqual([]);
  const checked = application({ sparkConf: steps('driver'), driver: { volumeMounts } });
  expect(findRefusals(checked, { anySubmitter: true })).toEqual([]);
});
