import { describe, expect, it } from 'vitest';
import { parseManifest, parseManifests, type ManifestProblem } from '../../../src/manifest/index.ts';
import { valueAt } from '../../../src/validation/problems.ts';
import { scalars } from '../validation/kubectl/texts.ts';
import { isTried, writtenRemedies } from '../../support/written-remedies.ts';
import { application, problemsOf, problemsThrownBy, schedule } from './manifests.ts';

const head = `apiVersion: sparkoperator.k8s.io/v1beta2
kind: SparkApplication
metadata: {name: daily}
spec:
  sparkVersion: 4.1.4
  mainApplicationFile: local:///opt/daily.jar
`;
const yaml = (fields: string): string =>
  `${head}${fields.includes('driver:') ? '' : '  driver: {}\n'}${
    fields.includes('executor:') ? '' : '  executor: {}\n'
  }${fields}`;

const onlyProblem = (text: string): ManifestProblem => {
  const problems = problemsThrownBy(() => parseManifests(text));
  expect(problems).toHaveLength(1);
  return problems[0]!;
};

/** The text with what stands at the position of the problem replaced. */
function replacedAt(text: string, { line = 1, column = 1 }: ManifestProblem, replacement: string): string {
  const lines = text.split('\n');
  const before = lines[line - 1]!.slice(0, column - 1);
  const after = lines[line - 1]!.slice(column - 1).replace(
    /^(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^:,}\]#]+)/,
    () => replacement,
  );
  lines[line - 1] = before + after;
  return lines.join('\n');
}

/** Does what a remedy of a fixed form asks for. */
function applied(text: string, problem: ManifestProblem): string {
  const { remedy = '', code } = problem;
  const [, quoted] = /^write it in quotes: (".*")$/.exec(remedy) ?? [];
  if (quoted !== undefined) return replacedAt(text, problem, quoted);
  const [, bare] = /^(?:write it without quotes|write it as a map|write the name alone): (.*)$/.exec(remedy) ?? [];
  if (bare !== undefined) return replacedAt(text, problem, bare);
  const [, meant] = /^did you mean "(.*)"\?$/.exec(remedy) ?? [];
  if (meant !== undefined) return replacedAt(text, problem, code === 'unknown_field' ? meant : `"${meant}"`);
  throw new Error(`no form of a remedy: ${remedy}`);
}

describe('the remedy for a number or a switch that should be text keeps what is written:', () => {
  const fields: readonly [name: string, fields: (scalar: string) => string, path: readonly (string | number)[]][] = [
    ['a field', (scalar) => `  mainClass: ${scalar}\n`, ['mainClass']],
    ['configuration', (scalar) => `  sparkConf:\n    spark.a: ${scalar}\n`, ['sparkConf', 'spark.a']],
    ['an argument', (scalar) => `  arguments:\n  - ${scalar}\n`, ['arguments', 0]],
    ['a label', (scalar) => `  driver:\n    labels:\n      a: ${scalar}\n`, ['driver', 'labels', 'a']],
    [
      'a variable',
      (scalar) => `  executor:\n    env:\n    - {name: A, value: ${scalar}}\n`,
      ['executor', 'env', 0, 'value'],
    ],
    [
      'a toleration',
      (scalar) => `  driver:\n    tolerations:\n    - {key: a, value: ${scalar}}\n`,
      ['driver', 'tolerations', 0, 'value'],
    ],
  ];

  it.each(fields)('%s', (_, fieldsOf, path) => {
    const tried = scalars
      .filter((scalar) => /^[-+.\w]+$/.test(scalar))
      .filter((scalar) => {
        const text = yaml(fieldsOf(scalar));
        const [problem] = problemsThrownBy(() => parseManifests(text));
        // An infinite number is rejected before its type, and a label has no "+" at its beginning.
        if (problem?.remedy?.startsWith('write it in quotes') !== true) return false;
        const [manifest] = parseManifests(applied(text, problem));
        expect(valueAt(manifest!.spec, path)).toBe(scalar);
        return true;
      });
    expect(tried).toEqual(expect.arrayContaining(['3.10', 'no', '0644', '0o644', '1_000', '0x1F', 'Y']));
  });

  it('with the value as the text has it in the message, too', () => {
    expect(onlyProblem(yaml('  mainClass: 0755\n')).message).toBe(
      'must be a string, not 0755, which YAML reads as 493',
    );
    expect(onlyProblem(yaml('  mainClass: no\n')).message).toBe('must be a string, not no, which YAML reads as false');
    expect(onlyProblem(yaml('  mainClass: 12\n')).message).toBe('must be a string, not 12');
  });
});

describe('the remedy gives a valid manifest with the value that was meant:', () => {
  it.each<[text: string, path: readonly (string | number)[], meant: unknown]>([
    ['  suspend: "yes"\n', ['suspend'], true],
    ['  suspend: "off"\n', ['suspend'], false],
    ['  suspend: "true"\n', ['suspend'], true],
    ['  executor: {instances: "3"}\n', ['executor', 'instances'], 3],
    ['  executor: {hostNetwork: "No"}\n', ['executor', 'hostNetwork'], false],
    ['  restartPolicy: OnFailure\n', ['restartPolicy', 'type'], 'OnFailure'],
    ['  imagePullSecrets: [{name: registry}]\n', ['imagePullSecrets', 0], 'registry'],
    ['  pythonVersion: 3\n', ['pythonVersion'], '3'],
    ['  type: scala\n', ['type'], 'Scala'],
    ['  mainclass: org.example.A\n', ['mainClass'], 'org.example.A'],
    ['  driver: {memory: 2Gi}\n', ['driver', 'memory'], '2g'],
    ['  driver: {memory: 1.5g}\n', ['driver', 'memory'], '1536m'],
    ['  executor: {memory: 2 GB}\n', ['executor', 'memory'], '2g'],
    ['  driver: {coreLimit: 2 cores}\n', ['driver', 'coreLimit'], '2'],
    ['  memoryOverheadFactor: 10%\n', ['memoryOverheadFactor'], '0.1'],
    ['  driver: {tolerations: [{keys: spot}]}\n', ['driver', 'tolerations', 0, 'key'], 'spot'],
    [
      '  driver: {dnsConfig: {options: [{name: ndots, value: 2}]}}\n',
      ['driver', 'dnsConfig', 'options', 0, 'value'],
      '2',
    ],
  ])('%s', (fields, path, meant) => {
    const text = yaml(fields);
    expect(valueAt(parseManifests(applied(text, onlyProblem(text)))[0]!.spec, path)).toEqual(meant);
  });

  it('of a version and of a name', () => {
    const version = head.replace('4.1.4', 'v4.1.4') + '  driver: {}\n  executor: {}\n';
    expect(parseManifests(applied(version, onlyProblem(version)))).toMatchObject([{ spec: { sparkVersion: '4.1.4' } }]);
    const name = `${head.replace('daily}', 'My_App}')}  driver: {}\n  executor: {}\n`;
    expect(parseManifests(applied(name, onlyProblem(name)))).toMatchObject([{ metadata: { name: 'my-app' } }]);
  });
});

describe('a field at the wrong place is valid where its remedy puts it:', () => {
  const spec = application().spec;
  it.each<[wrong: object, remedy: string, right: object]>([
    [application({ driver: { instances: 2 } }), 'spec.executor', application({ executor: { instances: 2 } })],
    [application({ executor: { sparkConf: {} } }), 'spec', application({ sparkConf: {} })],
    [
      application({ serviceAccount: 'a' }),
      'spec.driver and spec.executor',
      application({ driver: { serviceAccount: 'a' } }),
    ],
    [schedule({ sparkConf: {} }), 'spec.template', schedule({ template: { ...spec, sparkConf: {} } })],
    [
      schedule({ instances: 2 }),
      'spec.template.executor',
      schedule({ template: { ...spec, executor: { instances: 2 } } }),
    ],
    [schedule({ template: { ...spec, timeZone: 'UTC' } }), 'spec', schedule({ timeZone: 'UTC' })],
  ])('%j', (wrong, home, right) => {
    expect(problemsOf(wrong)).toMatchObject([{ code: 'unknown_field', remedy: `it is a field of ${home}` }]);
    expect(problemsOf(right)).toEqual([]);
  });
});

type Case = readonly [wrong: unknown, right: unknown];
const conf = (key: string, right: Record<string, unknown>): Case => [
  application({ sparkConf: { [key]: 'local:///a' } }),
  application(right),
];
const keytab: Case = [
  application({ sparkConf: { 'spark.kerberos.keytab': '/a.keytab' } }),
  application({
    sparkConf: { 'spark.kerberos.keytab': 'local:///mnt/a.keytab' },
    driver: { secrets: [{ name: 'a', path: '/mnt', secretType: 'Generic' }] },
  }),
];

const OR_ACCEPT = '(or annotate metadata with temporal-spark/allow-literal-secrets: "true")';
const ingresses = (...ports: readonly number[]) =>
  application({
    driverIngressOptions: ports.map((servicePort) => ({
      servicePort,
      servicePortName: 'ui',
      ingressURLFormat: `a.test/${servicePort}-${ports.indexOf(servicePort)}`,
    })),
  });

/** For each remedy in words: a manifest that gets it, and the same with the remedy applied. */
const inWords: Readonly<Record<string, Case>> = {
  'set metadata.name or metadata.generateName': [application({}, {}), application({}, { name: 'a' })],
  'set metadata.name, or start the application with the CLI or SparkClient, which make the name': [
    application({}, { generateName: 'a-' }),
    application({}, { name: 'a' }),
  ],
  'remove the field: the driver runs in a pod of its own': [application({ mode: 'client' }), application()],
  'move spec.nodeSelector into spec.driver.nodeSelector and spec.executor.nodeSelector': [
    application({ nodeSelector: { a: 'b' }, driver: { nodeSelector: {} } }),
    application({ driver: { nodeSelector: { a: 'b' } }, executor: { nodeSelector: { a: 'b' } } }),
  ],
  'set spec.driver.serviceAccount': conf('spark.kubernetes.authenticate.driver.serviceAccountName', {
    driver: { serviceAccount: 'a' },
  }),
  'set spec.executor.serviceAccount': conf('spark.kubernetes.authenticate.executor.serviceAccountName', {
    executor: { serviceAccount: 'a' },
  }),
  'set spec.driver.serviceAccount and spec.executor.serviceAccount': conf(
    'spark.kubernetes.authenticate.serviceAccountName',
    {
      driver: { serviceAccount: 'a' },
      executor: { serviceAccount: 'a' },
    },
  ),
  'set spec.driver.kubernetesMaster': conf('spark.kubernetes.driver.master', {
    driver: { kubernetesMaster: 'https://a' },
  }),
  'set spec.image': conf('spark.kubernetes.container.image', { image: 'a' }),
  'set spec.driver.image': conf('spark.kubernetes.driver.container.image', { driver: { image: 'a' } }),
  'set spec.executor.image': conf('spark.kubernetes.executor.container.image', { executor: { image: 'a' } }),
  'set spec.driver.template': conf('spark.kubernetes.driver.podTemplateFile', { driver: { template: { spec: {} } } }),
  'set spec.executor.template': conf('spark.kubernetes.executor.podTemplateFile', {
    executor: { template: { spec: {} } },
  }),
  'put krb5.conf into a ConfigMap and set spark.kubernetes.kerberos.krb5.configMapName': conf(
    'spark.kubernetes.kerberos.krb5.path',
    {
      sparkConf: { 'spark.kubernetes.kerberos.krb5.configMapName': 'a' },
    },
  ),
  'mount the keytab from a Secret and name it with local://': keytab,
  'use storage that the driver reaches too, for example s3a://bucket/path': [
    application({ deps: { jars: ['/a.jar'] }, sparkConf: { 'spark.kubernetes.file.upload.path': '/a' } }),
    application({
      deps: { jars: ['/a.jar'] },
      sparkConf: { 'spark.kubernetes.file.upload.path': 's3a://bucket/path' },
    }),
  ],
  'remove the key, or set metadata.namespace': [
    application({ sparkConf: { 'spark.kubernetes.namespace': 'a' } }),
    application({ sparkConf: { 'spark.kubernetes.namespace': 'a' } }, { name: 'a', namespace: 'a' }),
  ],
  'keep large data in a ConfigMap, a Secret or a file': [
    application({ arguments: Array.from({ length: 2_000 }, () => 'x'.repeat(1_000)) }),
    application({ driver: { configMaps: [{ name: 'a', path: '/mnt/a' }] } }),
  ],
  'remove the key: the submission uses the credentials of the worker, and pods use those of their service account': [
    application({ sparkConf: { 'spark.kubernetes.authenticate.submission.caCertFile': '/a' } }),
    application(),
  ],
  'remove the key: the cluster is chosen when the application is started': [
    application({ sparkConf: { 'spark.master': 'k8s://a' } }),
    application(),
  ],
  'give each driver ingress its own servicePort': [ingresses(80, 80), ingresses(80, 81)],
  'remove the field, and set spec.restartPolicy of the application': [
    application({ driver: { template: { spec: { containers: [{ name: 'a', restartPolicy: 'Always' }] } } } }),
    application({ restartPolicy: { type: 'Always' } }),
  ],
  'rewrite the manifest for sparkoperator.k8s.io/v1beta2': [
    { apiVersion: 'spark.apache.org/v1', kind: 'SparkApplication', spec: {} },
    application(),
  ],
  [`use env with valueFrom.secretKeyRef for DB_PASSWORD ${OR_ACCEPT}`]: [
    application({ driver: { env: [{ name: 'DB_PASSWORD', value: 'hunter2hunter2' }] } }),
    application({
      driver: { env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] },
    }),
  ],
  [`keep it in a Secret, set an environment variable from that (env with valueFrom.secretKeyRef) and write \${env.NAME} here ${OR_ACCEPT}`]:
    [
      application({ hadoopConf: { 'fs.s3a.secret.key': 'hunter2hunter2' } }),
      application({ hadoopConf: { 'fs.s3a.secret.key': '${env.NAME}' } }),
    ],
  [`remove it from the address, and give the driver cloud credentials through its service account, others through a mounted Secret ${OR_ACCEPT}`]:
    [
      application({ deps: { jars: ['https://a:hunter2hunter2@b/c.jar'] } }),
      application({ deps: { jars: ['https://b/c.jar'] } }),
    ],
  'move apiVersion, kind, metadata and spec out of it to the top, and remove the rest of the file': [
    { spark: application() },
    application(),
  ],
};

const RENDER = 'render it first, for example with helm template, and check the result';
/** A key that is set twice: in a manifest it has a note, in configuration files `unit/validation/configuration-file` has it. */
const OF_CONFIGURATION_FILES = 'remove one of the two';

it('a template is valid once it is rendered, as its remedy asks for', () => {
  const template = yaml('  mainClass: {{ .Values.mainClass }}\n');
  expect(onlyProblem(template).remedy).toBe(RENDER);
  expect(parseManifests(template.replace('{{ .Values.mainClass }}', 'org.example.A'))).toHaveLength(1);
});

describe('a remedy in words', () => {
  it.each(Object.entries(inWords))('%s', (remedy, [wrong, right]) => {
    expect(problemsOf(wrong).map((problem) => problem.remedy)).toContain(remedy);
    expect(problemsOf(right)).toEqual([]);
    expect(() => parseManifest(right)).not.toThrow();
  });

  it('is tried above wherever a rule of manifests has one', () => {
    const written = [...writtenRemedies('manifest'), ...writtenRemedies('validation')];
    expect(written.length).toBeGreaterThan(20);
    const remedies = [...Object.keys(inWords), RENDER, OF_CONFIGURATION_FILES, 'did you mean "a"?'];
    expect(written.filter((text) => !isTried(text, remedies))).toEqual([]);
  });
});
