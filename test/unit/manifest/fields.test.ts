import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fieldsFile, fieldsText } from '../../../scripts/kubernetes-fields.ts';
import { withSizes } from '../../../src/manifest/defaults.ts';
import { parseManifests, parseSparkApplication } from '../../../src/manifest/index.ts';
import { application, fullYaml, problemsOf, schedule } from './manifests.ts';

/** The one problem of an application with this spec. */
function problemOf(spec: Record<string, unknown>) {
  const problems = problemsOf(application(spec));
  expect(problems.map(({ pathText, message }) => `${pathText} ${message}`)).toHaveLength(1);
  return problems[0];
}

const role = (fields: Record<string, unknown>) => ({ driver: fields });

describe('the full example', () => {
  it('is accepted with every value kept', () => {
    const [manifest] = parseManifests(fullYaml);
    expect(manifest).toMatchObject({
      metadata: { name: 'nightly-report', namespace: 'analytics' },
      spec: {
        memoryOverheadFactor: '0.2',
        batchSchedulerOptions: { resources: { cpu: '2', memory: '4Gi' } },
        driver: { coreLimit: '2', coreRequest: '1500m', hostNetwork: false },
        executor: { gpu: { name: 'nvidia.com/gpu', quantity: 1 } },
      },
    });
  });
});

describe('a required field', () => {
  it.each([
    ['sparkVersion', 'a full Spark version X.Y.Z, for example "4.1.4"'],
    ['mainApplicationFile', 'a string'],
    ['driver', 'a map'],
    ['executor', 'a map'],
  ])('%s is missed', (field, allowed) => {
    const manifest = application();
    delete manifest.spec[field];
    expect(problemsOf(manifest)).toMatchObject([
      { pathText: `spec.${field}`, code: 'required', message: 'is required', allowed },
    ]);
  });

  it.each([
    [{ monitoring: {} }, ['spec.monitoring.exposeDriverMetrics', 'spec.monitoring.exposeExecutorMetrics']],
    [
      { monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: true, prometheus: {} } },
      ['spec.monitoring.prometheus.jmxExporterJar'],
    ],
    [
      { driverIngressOptions: [{}] },
      [
        'spec.driverIngressOptions[0].servicePort',
        'spec.driverIngressOptions[0].servicePortName',
        'spec.driverIngressOptions[0].ingressURLFormat',
      ],
    ],
    [role({ gpu: {} }), ['spec.driver.gpu.name', 'spec.driver.gpu.quantity']],
    [role({ configMaps: [{}] }), ['spec.driver.configMaps[0].name', 'spec.driver.configMaps[0].path']],
    [
      role({ secrets: [{}] }),
      ['spec.driver.secrets[0].name', 'spec.driver.secrets[0].path', 'spec.driver.secrets[0].secretType'],
    ],
    [
      role({ ports: [{}] }),
      ['spec.driver.ports[0].name', 'spec.driver.ports[0].protocol', 'spec.driver.ports[0].containerPort'],
    ],
    [
      role({ envSecretKeyRefs: { A: {} } }),
      ['spec.driver.envSecretKeyRefs.A.name', 'spec.driver.envSecretKeyRefs.A.key'],
    ],
    [{ volumes: [{ emptyDir: {} }] }, ['spec.volumes[0].name']],
    [role({ volumeMounts: [{}] }), ['spec.driver.volumeMounts[0].name', 'spec.driver.volumeMounts[0].mountPath']],
    [role({ env: [{ value: 'a' }] }), ['spec.driver.env[0].name']],
    [role({ sidecars: [{ image: 'a' }] }), ['spec.driver.sidecars[0].name']],
    [role({ initContainers: [{ image: 'a' }] }), ['spec.driver.initContainers[0].name']],
    [role({ hostAliases: [{}] }), ['spec.driver.hostAliases[0].ip']],
    [role({ template: { spec: { volumes: [{}] } } }), ['spec.driver.template.spec.volumes[0].name']],
  ])('inside %j is missed', (spec, paths) => {
    const problems = problemsOf(application(spec));
    expect(problems.map(({ pathText }) => pathText).sort()).toEqual([...paths].sort());
    expect(problems.every(({ code }) => code === 'required')).toBe(true);
  });
});

describe('a value out of its choices is refused with them', () => {
  it.each([
    [{ type: 'scala' }, 'spec.type', '"Java", "Python", "Scala", "R"', 'did you mean "Scala"?'],
    [{ mode: 'Cluster' }, 'spec.mode', '"cluster", "client"', 'did you mean "cluster"?'],
    [
      { imagePullPolicy: 'ifNotPresent' },
      'spec.imagePullPolicy',
      '"Always", "IfNotPresent", "Never"',
      'did you mean "IfNotPresent"?',
    ],
    [{ pythonVersion: 3 }, 'spec.pythonVersion', '"2", "3"', 'write it in quotes: "3"'],
    [{ pythonVersion: '3.11' }, 'spec.pythonVersion', '"2", "3"', undefined],
    [
      { restartPolicy: { type: 'OnFailures' } },
      'spec.restartPolicy.type',
      '"Never", "Always", "OnFailure"',
      'did you mean "OnFailure"?',
    ],
    [
      { sparkUIOptions: { serviceType: 'Loadbalancer' } },
      'spec.sparkUIOptions.serviceType',
      '"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"',
      'did you mean "LoadBalancer"?',
    ],
    [
      role({ secrets: [{ name: 'a', path: '/a', secretType: 'generic' }] }),
      'spec.driver.secrets[0].secretType',
      '"Generic", "GCPServiceAccount", "HadoopDelegationToken"',
      'did you mean "Generic"?',
    ],
    [
      role({ ports: [{ name: 'a', protocol: 'tcp', containerPort: 1 }] }),
      'spec.driver.ports[0].protocol',
      '"TCP", "UDP", "SCTP"',
      'did you mean "TCP"?',
    ],
  ])('%j', (spec, pathText, allowed, remedy) => {
    const problem = problemOf(spec);
    expect(problem).toMatchObject({ pathText, code: 'not_allowed', allowed });
    expect(problem?.remedy).toBe(remedy);
  });
});

describe('a number out of its range is refused with the range', () => {
  it.each([
    [{ driver: { cores: 0 } }, 'spec.driver.cores', 'at least 1'],
    [{ executor: { cores: -1 } }, 'spec.executor.cores', 'at least 1'],
    [{ executor: { instances: 0 } }, 'spec.executor.instances', 'at least 1'],
    [{ executor: { instances: 2 ** 31 } }, 'spec.executor.instances', 'at most 2147483647'],
    [{ restartPolicy: { onFailureRetries: -1 } }, 'spec.restartPolicy.onFailureRetries', 'at least 0'],
    [
      { restartPolicy: { onSubmissionFailureRetries: -1 } },
      'spec.restartPolicy.onSubmissionFailureRetries',
      'at least 0',
    ],
    [{ restartPolicy: { onFailureRetryInterval: 0 } }, 'spec.restartPolicy.onFailureRetryInterval', 'at least 1'],
    [
      { restartPolicy: { onSubmissionFailureRetryInterval: 0 } },
      'spec.restartPolicy.onSubmissionFailureRetryInterval',
      'at least 1',
    ],
    [{ dynamicAllocation: { minExecutors: -1 } }, 'spec.dynamicAllocation.minExecutors', 'at least 0'],
    [{ dynamicAllocation: { maxExecutors: 0 } }, 'spec.dynamicAllocation.maxExecutors', 'at least 1'],
    [{ sparkUIOptions: { servicePort: 70000 } }, 'spec.sparkUIOptions.servicePort', 'at most 65535'],
    [role({ terminationGracePeriodSeconds: -1 }), 'spec.driver.terminationGracePeriodSeconds', 'at least 0'],
    [role({ gpu: { name: 'nvidia.com/gpu', quantity: 0 } }), 'spec.driver.gpu.quantity', 'at least 1'],
  ])('%j', (spec, pathText, allowed) => {
    const problem = problemOf(spec);
    expect(problem).toMatchObject({ pathText, allowed });
    expect(problem?.code).toMatch(/^too_(small|big)$/);
  });

  it.each([
    [1023, 'at least 1024'],
    [49152, 'at most 49151'],
  ])('a JMX exporter port of %d', (port, allowed) => {
    const prometheus = { jmxExporterJar: '/a.jar', port };
    expect(
      problemOf({ monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: true, prometheus } }),
    ).toMatchObject({ pathText: 'spec.monitoring.prometheus.port', value: port, allowed });
  });
});

describe('a value of a wrong type is refused with what to write', () => {
  it.each([
    [{ driver: { cores: '2' } }, 'spec.driver.cores', 'must be a number, not "2"', 'write it without quotes: 2'],
    [
      { driver: { cores: 1.5 } },
      'spec.driver.cores',
      'must be a whole number, not 1.5',
      'for a part of a core, set coreRequest',
    ],
    [{ driver: { cores: 'two' } }, 'spec.driver.cores', 'must be a number, not "two"', undefined],
    [{ arguments: [5000] }, 'spec.arguments[0]', 'must be a string, not 5000', 'write it in quotes: "5000"'],
    [
      { arguments: '5000' },
      'spec.arguments',
      'must be a list, not "5000"',
      'write it as a list, with "- " before each item',
    ],
    [{ arguments: [null] }, 'spec.arguments[0]', 'must be a string, not null', undefined],
    [
      { sparkConf: { 'spark.executor.instances': 3 } },
      'spec.sparkConf["spark.executor.instances"]',
      'must be a string, not 3',
      'write it in quotes: "3"',
    ],
    [{ sparkConf: ['a=b'] }, 'spec.sparkConf', 'must be a map, not a list', undefined],
    [
      { imagePullSecrets: [{ name: 'regcred' }] },
      'spec.imagePullSecrets[0]',
      'must be a string, not a map',
      'write the name alone: "regcred"',
    ],
    [{ suspend: 'true' }, 'spec.suspend', 'must be true or false, not "true"', 'write it without quotes: true'],
    [{ suspend: 'yes' }, 'spec.suspend', 'must be true or false, not "yes"', 'write it without quotes: true'],
    [{ driver: [] }, 'spec.driver', 'must be a map, not a list', undefined],
    [role({ coreLimit: true }), 'spec.driver.coreLimit', 'must be a string or a number, not true', undefined],
    [role({ affinity: 'zone-a' }), 'spec.driver.affinity', 'must be a map, not "zone-a"', undefined],
    [
      role({ tolerations: {} }),
      'spec.driver.tolerations',
      'must be a list, not a map',
      expect.stringContaining('list'),
    ],
    [
      role({ template: { metadata: { labels: { a: 1 } } } }),
      'spec.driver.template.metadata.labels.a',
      'must be a string, not 1',
      'write it in quotes: "1"',
    ],
  ])('%j', (spec, pathText, message, remedy) => {
    const problem = problemOf(spec);
    expect(problem).toMatchObject({ pathText, code: 'wrong_type', message });
    expect(problem?.remedy).toEqual(remedy);
  });

  it('of Spark too, with an example of a version', () => {
    expect(problemOf({ sparkVersion: 4.1 })).toMatchObject({
      message: 'must be a string, not 4.1',
      allowed: 'a full Spark version X.Y.Z, for example "4.1.4"',
    });
  });
});

describe('an empty string is refused where a name is needed', () => {
  it.each([
    [{ mainApplicationFile: '' }, 'spec.mainApplicationFile'],
    [{ volumes: [{ name: '' }] }, 'spec.volumes[0].name'],
  ])('%j', (spec, pathText) => {
    expect(problemOf(spec)).toMatchObject({ pathText, message: 'must not be empty' });
  });
});

describe('memory', () => {
  it.each(['512m', '2g', '1G', '1024K', '1t'])('of the driver may be %s', (memory) => {
    expect(problemsOf(application({ driver: { memory } }))).toEqual([]);
  });

  it.each([
    ['1.5g', 'did you mean "1536m"?'],
    ['1Gi', 'did you mean "1g"?'],
    ['512Mi', 'did you mean "512m"?'],
    ['2 GB', 'did you mean "2g"?'],
    ['512', 'did you mean "512m"?'],
    ['512mb', 'did you mean "512m"?'],
    ['0g', undefined],
    ['lots', undefined],
  ])('of the driver may not be %s', (memory, remedy) => {
    const problem = problemOf({ driver: { memory } });
    expect(problem).toMatchObject({
      pathText: 'spec.driver.memory',
      value: memory,
      allowed: 'a whole number with k, m, g or t, for example "512m" or "2g"',
    });
    expect(problem?.remedy).toBe(remedy);
  });

  it.each([['512m'], ['512mb'], ['2G'], ['1024'], [1024]])(
    'of an executor may be %s, a number alone being MiB',
    (memory) => {
      expect(parseSparkApplication(application({ executor: { memory } })).spec.executor.memory).toBe(String(memory));
    },
  );

  it('of an executor may not be a fraction, which Spark does not read', () => {
    expect(problemOf({ executor: { memory: 1.5 } })).toMatchObject({ pathText: 'spec.executor.memory' });
    expect(problemOf({ executor: { memoryOverhead: '0.5g' } })).toMatchObject({ remedy: 'did you mean "512m"?' });
  });

  it.each(['5Gi', '5g', '1.5Gi', '512Mi', '1024m', '5368709120'])('limit may be %s', (memoryLimit) => {
    expect(problemsOf(application(role({ memoryLimit })))).toEqual([]);
  });

  it('limit may not be a word', () => {
    expect(problemOf(role({ memoryLimit: '5 gigs' }))).toMatchObject({ code: 'invalid_format' });
  });
});

describe('a CPU quantity', () => {
  it.each([
    ['1', '1'],
    [1, '1'],
    [0.5, '0.5'],
    ['1500m', '1500m'],
    ['.5', '.5'],
    ['1e1', '1e1'],
  ])('may be %j and is a string afterwards', (written, read) => {
    const { driver } = parseSparkApplication(application(role({ coreLimit: written, coreRequest: written }))).spec;
    expect(driver).toMatchObject({ coreLimit: read, coreRequest: read });
  });

  it.each([
    ['2 cores', 'did you mean "2"?'],
    ['1,5', undefined],
    ['-1', undefined],
    ['0', undefined],
  ])('may not be %j', (coreLimit, remedy) => {
    const problem = problemOf(role({ coreLimit }));
    expect(problem).toMatchObject({ allowed: 'a CPU quantity, for example "1", "0.5", "1500m"' });
    expect(problem?.remedy).toBe(remedy);
  });

  it('may not be a negative number, nor zero', () => {
    expect(problemOf(role({ coreLimit: -1 }))).toMatchObject({ pathText: 'spec.driver.coreLimit' });
    expect(problemOf(role({ coreLimit: 0 }))).toMatchObject({ pathText: 'spec.driver.coreLimit' });
  });
});

describe('memoryOverheadFactor', () => {
  it.each([[0.1], ['0.1'], ['.4'], [1]])('may be %j', (memoryOverheadFactor) => {
    expect(problemsOf(application({ memoryOverheadFactor }))).toEqual([]);
  });

  it('may not be a percentage', () => {
    expect(problemOf({ memoryOverheadFactor: '10%' })).toMatchObject({ remedy: 'did you mean "0.1"?' });
  });
});

describe('sparkVersion', () => {
  it.each(['3.5.9', '4.1.4', '3.5.0-amzn-1', '4.0.0-preview2', '3.4.1.7'])('may be %s', (sparkVersion) => {
    expect(problemsOf(application({ sparkVersion }))).toEqual([]);
  });

  it.each([
    ['4.1', undefined],
    ['v4.1.4', 'did you mean "4.1.4"?'],
    ['latest', undefined],
    ['', undefined],
  ])('may not be %j', (sparkVersion, remedy) => {
    const problem = problemOf({ sparkVersion });
    expect(problem).toMatchObject({ allowed: 'a full Spark version X.Y.Z, for example "4.1.4"' });
    expect(problem?.remedy).toBe(remedy);
  });
});

describe('names, labels and keys follow the grammar of Kubernetes', () => {
  const named = (name: unknown) => problemsOf(application({}, { name }));

  it.each([
    ['Spark_Pi', 'did you mean "spark-pi"?'],
    ['1st-run', 'did you mean "st-run"?'],
    ['pi.daily', 'did you mean "pi-daily"?'],
    ['pi-', 'did you mean "pi"?'],
    ['--', undefined],
    ['a'.repeat(64), `did you mean "${'a'.repeat(63)}"?`],
  ])('metadata.name %s', (name, remedy) => {
    const [problem] = named(name);
    expect(problem).toMatchObject({ pathText: 'metadata.name', code: 'invalid_format' });
    expect(problem?.remedy).toBe(remedy);
  });

  it('metadata.name may have 63 characters', () => {
    expect(named('a'.repeat(63))).toEqual([]);
  });

  it.each([
    [{ labels: { 'a b': 'x' } }, 'metadata.labels["a b"]', 'invalid_key'],
    [{ labels: { '/x': 'x' } }, 'metadata.labels["/x"]', 'invalid_key'],
    [{ labels: { a: 'x'.repeat(64) } }, 'metadata.labels.a', 'invalid_format'],
    [{ labels: { a: '-x' } }, 'metadata.labels.a', 'invalid_format'],
    [{ annotations: { 'a b': 'x' } }, 'metadata.annotations["a b"]', 'invalid_key'],
    [{ namespace: 'My Team' }, 'metadata.namespace', 'invalid_format'],
    [{ generateName: 'A-' }, 'metadata.generateName', 'invalid_format'],
  ])('metadata %j', (metadata, pathText, code) => {
    expect(problemsOf(application({}, { name: 'a', ...metadata }))).toMatchObject([{ pathText, code }]);
  });

  it.each([
    [role({ podName: 'My_Driver' }), 'spec.driver.podName'],
    [role({ serviceAccount: 'spark sa' }), 'spec.driver.serviceAccount'],
    [role({ envVars: { '1A': 'x' } }), 'spec.driver.envVars["1A"]'],
    [role({ nodeSelector: { zone: 'a b' } }), 'spec.driver.nodeSelector.zone'],
    [{ sparkConfigMap: 'Conf' }, 'spec.sparkConfigMap'],
    [{ sparkUIOptions: { serviceLabels: { a: '!' } } }, 'spec.sparkUIOptions.serviceLabels.a'],
  ])('spec %j', (spec, pathText) => {
    expect(problemOf(spec)).toMatchObject({ pathText });
  });

  it('a label may be empty, prefixed and 63 characters long', () => {
    const labels = { a: '', 'example.com/a-b_c.D': 'x'.repeat(63) };
    expect(problemsOf(application(role({ labels }), { name: 'a', labels }))).toEqual([]);
  });
});

describe("Kubernetes' own types", () => {
  it('are accepted unchanged, with unknown fields', () => {
    const future = { somethingNew: { nested: [1, 'a', true] } };
    const fields = {
      affinity: future,
      tolerations: [future],
      podSecurityContext: future,
      securityContext: future,
      lifecycle: future,
      envFrom: [future],
      dnsConfig: future,
      hostAliases: [{ ip: '10.0.0.1', ...future }],
      env: [{ name: 'A', valueFrom: future }],
      volumeMounts: [{ name: 'a', mountPath: '/a', ...future }],
      sidecars: [{ name: 'a', ...future }],
      initContainers: [{ name: 'b', ...future }],
      template: { metadata: future, spec: { ...future, containers: [future] } },
    };
    const volumes = [{ name: 'a', ...future }];
    const { spec } = parseSparkApplication(application({ volumes, driver: fields, executor: fields }));
    expect(spec.volumes).toEqual(volumes);
    expect(spec.driver).toMatchObject(fields);
    expect(spec.executor).toMatchObject(fields);
  });

  it.each<[Record<string, unknown>, string, string]>([
    [{ tolerations: [{ key: 'a' }, { opertor: 'Exists' }] }, 'tolerations[1].opertor', 'operator'],
    [{ env: [{ name: 'A', valueForm: {} }] }, 'env[0].valueForm', 'valueFrom'],
    [{ env: [{ name: 'A', valueFrom: { secretKeyref: {} } }] }, 'env[0].valueFrom.secretKeyref', 'secretKeyRef'],
    [{ volumeMounts: [{ name: 'a', mountPath: '/a', readonly: true }] }, 'volumeMounts[0].readonly', 'readOnly'],
    [{ securityContext: { runAsNonroot: true } }, 'securityContext.runAsNonroot', 'runAsNonRoot'],
    [{ sidecars: [{ name: 'a', resources: { limit: {} } }] }, 'sidecars[0].resources.limit', 'limits'],
    [{ sidecars: [{ name: 'a', livenessProbe: { httpget: {} } }] }, 'sidecars[0].livenessProbe.httpget', 'httpGet'],
    [{ lifecycle: { preStop: { exec: { comand: [] } } } }, 'lifecycle.preStop.exec.comand', 'command'],
    [
      { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoreDuringExecution: {} } } },
      'affinity.nodeAffinity.requiredDuringSchedulingIgnoreDuringExecution',
      'requiredDuringSchedulingIgnoredDuringExecution',
    ],
    [
      { template: { spec: { containers: [{ imagePullpolicy: 'Always' }] } } },
      'template.spec.containers[0].imagePullpolicy',
      'imagePullPolicy',
    ],
    [{ template: { spec: { toleration: [] } } }, 'template.spec.toleration', 'tolerations'],
    [{ template: { metadata: { lables: {} } } }, 'template.metadata.lables', 'labels'],
    [{ template: { specs: {} } }, 'template.specs', 'spec'],
  ])('have no field that is misspelled: %j', (fields, path, meant) => {
    for (const name of ['driver', 'executor']) {
      expect(problemsOf(application({ [name]: fields }))).toMatchObject([
        { pathText: `spec.${name}.${path}`, code: 'unknown_field', remedy: `did you mean "${meant}"?` },
      ]);
    }
  });

  it('have none in a volume either, and --prune drops it', () => {
    const manifest = application({ volumes: [{ name: 'a', emptyDir: { sizelimit: '1Gi' } }] });
    expect(problemsOf(manifest)).toMatchObject([{ pathText: 'spec.volumes[0].emptyDir.sizelimit' }]);
    expect(parseSparkApplication(manifest, { prune: true }).spec.volumes).toEqual([{ name: 'a', emptyDir: {} }]);
  });

  it.each([
    [{ securityContext: { supplementalGroups: [1] } }, 'it is a field of podSecurityContext'],
    [{ podSecurityContext: { capabilities: {} } }, 'it is a field of securityContext'],
    [{ sidecars: [{ name: 'a', hostNetwork: true }] }, 'it is a field of the pod'],
  ])('have no field of the pod in a container, nor the reverse: %j', (fields, remedy) => {
    for (const name of ['driver', 'executor']) {
      const [problem, ...others] = problemsOf(application({ [name]: fields }));
      expect(others).toEqual([]);
      expect(problem?.code).toBe('unknown_field');
      expect(problem?.remedy).toContain(remedy);
    }
  });

  it.each([
    [{ containers: [] }, 'containers', 'it is a field of spec'],
    [{ status: {} }, 'status', undefined],
  ])('leave nothing to the top of a pod template but metadata and spec: %j', (template, path, remedy) => {
    const [problem, ...others] = problemsOf(application(role({ template })));
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ pathText: `spec.driver.template.${path}`, code: 'unknown_field' });
    expect(problem?.remedy).toBe(remedy);
  });

  it('may have apiVersion and kind at the top of a pod template', () => {
    const template = { apiVersion: 'v1', kind: 'Pod', spec: { priority: 5 } };
    expect(problemsOf(application(role({ template })))).toEqual([]);
  });

  const inTemplate = (spec: object) => ({ template: { spec } });
  const inContainer = (container: object) => inTemplate({ containers: [{ name: 'c', ...container }] });
  it.each([
    [inContainer({ args: 'abc' }), 'template.spec.containers[0].args', 'must be a list, not "abc"'],
    [inContainer({ args: 5 }), 'template.spec.containers[0].args', 'must be a list, not 5'],
    [inContainer({ args: ['a', 5] }), 'template.spec.containers[0].args[1]', 'must be a string, not 5'],
    [inTemplate({ imagePullSecrets: 'regcred' }), 'template.spec.imagePullSecrets', 'must be a list, not "regcred"'],
    [
      inTemplate({ imagePullSecrets: ['regcred'] }),
      'template.spec.imagePullSecrets[0]',
      'must be a map, not "regcred"',
    ],
    [inTemplate({ tolerations: {} }), 'template.spec.tolerations', 'must be a list, not a map'],
    [inTemplate({ containers: {} }), 'template.spec.containers', 'must be a list, not a map'],
    [inTemplate({ priority: 1.5 }), 'template.spec.priority', 'must be a whole number, not 1.5'],
    [inTemplate({ priority: 2 ** 31 }), 'template.spec.priority', 'must be a whole number, not 2147483648'],
    [inTemplate({ hostNetwork: 'yes' }), 'template.spec.hostNetwork', 'must be true or false, not "yes"'],
    [inTemplate({ nodeSelector: { disk: 5 } }), 'template.spec.nodeSelector.disk', 'must be a string, not 5'],
    [{ template: { metadata: { finalizers: 5 } } }, 'template.metadata.finalizers', 'must be a list, not 5'],
    [inContainer({ volumeMounts: {} }), 'template.spec.containers[0].volumeMounts', 'must be a list, not a map'],
    [inContainer({ volumeMounts: [1] }), 'template.spec.containers[0].volumeMounts[0]', 'must be a map, not 1'],
    [inContainer({ volumeMounts: [null] }), 'template.spec.containers[0].volumeMounts[0]', 'must be a map, not null'],
    [
      inContainer({ volumeMounts: [{ name: 'a' }] }),
      'template.spec.containers[0].volumeMounts[0].mountPath',
      'is required',
    ],
    [
      inContainer({ resources: { requests: 'x' } }),
      'template.spec.containers[0].resources.requests',
      'must be a map, not "x"',
    ],
    [
      inContainer({ resources: { limits: { cpu: 'x' } } }),
      'template.spec.containers[0].resources.limits.cpu',
      'must not be "x"',
    ],
    [
      inContainer({ livenessProbe: { tcpSocket: { port: true } } }),
      'template.spec.containers[0].livenessProbe.tcpSocket.port',
      'must be a whole number or a string, not true',
    ],
    [{ sidecars: [{ name: 's', ports: [{}] }] }, 'sidecars[0].ports[0].containerPort', 'is required'],
    [
      { tolerations: [{ tolerationSeconds: '5' }] },
      'tolerations[0].tolerationSeconds',
      'must be a whole number, not "5"',
    ],
    [
      { podSecurityContext: { runAsUser: 'root' } },
      'podSecurityContext.runAsUser',
      'must be a whole number, not "root"',
    ],
    [{ affinity: { nodeAffinity: [] } }, 'affinity.nodeAffinity', 'must be a map, not a list'],
  ])('are checked field by field: %j', (written, path, message) => {
    for (const name of ['driver', 'executor']) {
      expect(problemsOf(application({ [name]: written }))).toMatchObject([
        { pathText: `spec.${name}.${path}`, message },
      ]);
    }
  });

  it('take numbers for quantities, and for ports their names', () => {
    const resources = { limits: { cpu: 2, memory: '1Gi' }, requests: { cpu: 0.5 } };
    const livenessProbe = { tcpSocket: { port: 'http' } };
    const volumes = [{ name: 'scratch', emptyDir: { sizeLimit: 1024 } }];
    const template = { spec: { containers: [{ resources, livenessProbe }], volumes, overhead: { cpu: 1 } } };
    expect(problemsOf(application(role({ template })))).toEqual([]);
  });

  it('never show what may be a secret', () => {
    const env = [{ name: 'DB_PASSWORD', value: 4711 }];
    const problems = problemsOf(application(role(inContainer({ env }))));
    expect(problems).toMatchObject([{ code: 'wrong_type', message: 'must be a string, not a number' }]);
    expect(JSON.stringify(problems)).not.toContain('4711');
  });

  it('are known by the fields that `node scripts/kubernetes-fields.ts` writes', async () => {
    expect(await readFile(fieldsFile, 'utf8')).toBe(await fieldsText());
  });
});

describe('the defaults', () => {
  const sizedSpec = (manifest: unknown) => withSizes(parseSparkApplication(manifest).spec);

  it("are those of the operator's webhook", () => {
    expect(sizedSpec(application())).toEqual({
      type: 'Scala',
      mode: 'cluster',
      sparkVersion: '4.1.4',
      mainApplicationFile: 'local:///opt/spark/examples/jars/spark-examples.jar',
      restartPolicy: { type: 'Never' },
      driver: { cores: 1, memory: '1g' },
      executor: { cores: 1, memory: '1g', instances: 1 },
    });
  });

  it('of size are filled in when an attempt is submitted, not in the manifest', () => {
    const { driver, executor } = parseSparkApplication(application()).spec;
    expect([driver, executor]).toEqual([{}, {}]);
  });

  it.each(['OnFailure', 'Always'])('of restart intervals are 5 seconds with %s', (type) => {
    const { restartPolicy } = parseSparkApplication(
      application({ restartPolicy: { type, onFailureRetryInterval: 7 } }),
    ).spec;
    expect(restartPolicy).toEqual({ type, onFailureRetryInterval: 7, onSubmissionFailureRetryInterval: 5 });
  });

  it('of size give way to sparkConf', () => {
    const sparkConf = {
      'spark.driver.cores': '2',
      'spark.driver.memory': '2g',
      'spark.executor.cores': '2',
      'spark.executor.memory': '2g',
      'spark.executor.instances': '3',
    };
    const { driver, executor } = sizedSpec(application({ sparkConf }));
    expect(driver).toEqual({});
    expect(executor).toEqual({});
  });

  it('do not touch what is written', () => {
    const written = {
      type: 'Python',
      driver: { cores: 2, memory: '2g' },
      executor: { cores: 3, memory: '3g', instances: 4 },
    };
    expect(sizedSpec(application(written))).toMatchObject(written);
  });

  it('set no executor count with dynamic allocation, and track shuffles', () => {
    const { executor, dynamicAllocation } = sizedSpec(
      application({ dynamicAllocation: { enabled: true, maxExecutors: 4 } }),
    );
    expect(executor).not.toHaveProperty('instances');
    expect(dynamicAllocation).toEqual({ enabled: true, maxExecutors: 4, shuffleTrackingEnabled: true });
  });

  it('leave shuffle tracking off where it is off, and alone without dynamic allocation', () => {
    const off = { enabled: true, shuffleTrackingEnabled: false };
    expect(parseSparkApplication(application({ dynamicAllocation: off })).spec.dynamicAllocation).toEqual(off);
    const spec = sizedSpec(application({ dynamicAllocation: { enabled: false } }));
    expect(spec.dynamicAllocation).toEqual({ enabled: false });
    expect(spec.executor.instances).toBe(1);
  });

  it("set no executor count for dynamic allocation in sparkConf, unlike the operator's misspelled key", () => {
    const sparkConf = { 'spark.dynamicAllocation.enabled': 'true' };
    expect(sizedSpec(application({ sparkConf })).executor).not.toHaveProperty('instances');
    const fieldWins = application({ sparkConf, dynamicAllocation: { enabled: false } });
    expect(sizedSpec(fieldWins).executor.instances).toBe(1);
  });

  it('of a schedule are those that its documentation gives', () => {
    const [manifest] = parseManifests(JSON.stringify(schedule()));
    expect(manifest).toMatchObject({
      kind: 'ScheduledSparkApplication',
      metadata: { name: 'nightly', namespace: 'default' },
      spec: {
        schedule: '0 3 * * *',
        timeZone: 'UTC',
        suspend: false,
        concurrencyPolicy: 'Allow',
        successfulRunHistoryLimit: 1,
        failedRunHistoryLimit: 1,
        template: { type: 'Scala', executor: {} },
      },
    });
  });
});
