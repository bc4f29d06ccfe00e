import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { ConfigMap, Pod } from '../../../src/kubernetes/objects.ts';
import { cli, type CliResult } from '../../support/cli.ts';
import { inProcess } from '../../support/in-process-cli.ts';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-submit-'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const image = ['--conf', 'spark.kubernetes.container.image=apache/spark:4.1.4-java21'];
const master = ['--master', 'k8s://https://cluster.example.org:6443'];
const basic = [...master, ...image, '--class', 'org.example.Pi'];
const jar = 'local:///opt/app.jar';

// Nothing listens there: what asks Temporal ends with 3.
const nowhere = ['--address', '127.0.0.1:1', '--client-connect-timeout', '200ms'];
const sparkSubmit = (...args: string[]): Promise<CliResult> => inProcess(['spark-submit', ...args]);
const dryRun = (...args: string[]): Promise<CliResult> => sparkSubmit('--dry-run', ...nowhere, ...args);

function objects({ stdout }: CliResult): { pod: Pod; properties: string; kinds: string[] } {
  const all = parseAllDocuments(stdout).flatMap((document) => (document.toJS() as { kind: string } | null) ?? []);
  const confMap = all.find((object) => (object as ConfigMap).data?.['spark.properties'] !== undefined) as ConfigMap;
  return {
    pod: all.find(({ kind }) => kind === 'Pod') as Pod,
    properties: confMap.data!['spark.properties']!,
    kinds: all.map(({ kind }) => kind),
  };
}

describe('spark-submit --dry-run', () => {
  it('prints the objects as YAML, and asks no server', async () => {
    const args = ['--dry-run', '-o', 'yaml', ...nowhere, ...basic, '--name', 'My Pi', jar, '100'];
    const result = await cli(['spark-submit', ...args]);
    expect(result.code).toBe(0);
    const { pod, properties, kinds } = objects(result);
    expect(kinds).toEqual(['Pod', 'Service', 'ConfigMap']);
    expect(pod.metadata).toMatchObject({ name: 'my-pi-driver', labels: { 'spark-version': '4.1.4' } });
    expect(pod.spec!.containers[0]!.args!.slice(-4)).toEqual(['--class', 'org.example.Pi', jar, '100']);
    expect(properties).toContain('spark.app.name=My Pi\n');
    expect(properties).toContain('spark.executor.instances=2\n');
  });

  it('reports on standard error what was derived, and where it will run', async () => {
    const { stderr } = await dryRun(...basic, '--name', 'My Pi', '--supervise', jar);
    expect(stderr).toContain('named "my-pi" here; spark.app.name stays "My Pi"');
    expect(stderr).toContain('Spark 4.1.4, from the tag of apache/spark:4.1.4-java21');
    expect(stderr).toContain('cluster of the workers; https://cluster.example.org:6443 has no effect');
    expect(stderr).toContain('--supervise has no effect');
  });

  it('prints nothing where nothing was derived', async () => {
    const { code, stderr } = await dryRun(
      ...['--master', 'k8s://https://kubernetes.default.svc:443', '--spark-version', '4.1.4', ...image],
      ...['--class', 'org.example.Pi', '--name', 'pi', jar],
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('prints the manifest that does the same, and needs no --master', async () => {
    const { code, stdout, stderr } = await dryRun('-o', 'manifest', ...image, '--class', 'org.example.Pi', jar);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('master') as string });
    const run = await cli(['validate', '-'], { stdin: stdout });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('org-example-pi is valid') as string });
  });

  it('prints one list as JSON', async () => {
    const { stdout } = await dryRun('-o', 'json', ...basic, jar);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'List', items: [{ kind: 'Pod' }, {}, {}] });
  });

  it('leaves to the application what follows it, even where it looks like an option', async () => {
    const args = ['--dry-run', '--debug', '--help', '-v', '--', '--version', '--unknown=1', ''];
    const { pod } = objects(await dryRun(...basic, jar, ...args));
    expect(pod.spec!.containers[0]!.args!.slice(-args.length)).toEqual(args);
  });

  it('turns into fields of the manifest what its configuration must not set', async () => {
    const template = file(
      'driver.yaml',
      'apiVersion: v1\nkind: Pod\nspec:\n  tolerations: [{key: spot}]\n  containers: [{name: main}]\n',
    );
    const result = await dryRun(
      ...[...basic, '--verbose'],
      ...['--conf', 'spark.kubernetes.namespace=analytics'],
      ...['--conf', 'spark.kubernetes.authenticate.driver.serviceAccountName=spark'],
      ...['--conf', 'spark.kubernetes.executor.container.image=executor:1'],
      ...['--conf', 'spark.kubernetes.authenticate.submission.caCertFile=/ca.crt'],
      ...['--conf', `spark.kubernetes.driver.podTemplateFile=${template}`],
      jar,
    );
    const { pod, properties } = objects(result);
    expect(pod).toMatchObject({
      metadata: { namespace: 'analytics' },
      spec: { serviceAccountName: 'spark', tolerations: [{ key: 'spot' }] },
    });
    expect(properties).toContain('spark.kubernetes.executor.container.image=executor\\:1\n');
    expect(properties).not.toContain('/ca.crt');
    const [manifest] = result.stderr.split(/^Note: /m) as [string];
    expect(parse(manifest)).toMatchObject({
      metadata: { name: 'org-example-pi', namespace: 'analytics' },
      spec: { executor: { image: 'executor:1' }, driver: { serviceAccount: 'spark' } },
    });
    expect(result.stderr).toContain('spark.kubernetes.authenticate.submission.caCertFile has no effect');
  });

  it('reads spark-defaults.conf only when it is asked to, and lets everything else win over it', async () => {
    const conf = join(directory, 'conf');
    mkdirSync(conf);
    writeFileSync(join(conf, 'spark-defaults.conf'), 'spark.custom.a defaults\nspark.custom.b defaults\n');
    const env = { SPARK_CONF_DIR: conf };
    const properties = file('app.properties', 'spark.custom.b file\n');
    const args = ['spark-submit', '--dry-run', ...basic, '--properties-file', properties];
    expect((await inProcess([...args, jar], { env })).stdout).not.toContain('spark.custom.a');
    const { stdout } = await inProcess([...args, '--load-spark-defaults', jar], { env });
    expect(stdout).toContain('spark.custom.a=defaults\n');
    expect(stdout).toContain('spark.custom.b=file\n');
  });
});

describe('spark-submit', () => {
  it('shows its flags', async () => {
    const { code, stdout } = await sparkSubmit('--help');
    expect(code).toBe(0);
    for (const flag of ['--master', '--conf', '--properties-file', '--spark-version', '--dry-run']) {
      expect(stdout).toContain(flag);
    }
  });

  it('ends with 3 where it would have started something and Temporal is not there', async () => {
    expect((await sparkSubmit(...nowhere, ...basic, jar)).code).toBe(3);
  });

  const withImage = [...master, '--class', 'org.example.Pi'];
  it.each([
    ['a misspelt flag', [...basic, '--driver-memroy', '1g', jar], ['--driver-memroy', '--driver-memory']],
    ['a flag without its value', [...basic, '--name'], ['--name']],
    ['no application', basic, ['application is missing', 'local:///opt/app.jar']],
    ['another master', [...basic, '--master', 'yarn', jar], ['"yarn"', 'k8s://https://host:port']],
    ['client mode', [...basic, '--deploy-mode', 'client', jar], ['--deploy-mode cluster']],
    ['client mode in configuration', [...basic, '--conf', 'spark.submit.deployMode=client', jar], ['cluster']],
    ['a mode that is none', [...basic, '--deploy-mode', 'Cluster', jar], ['"Cluster"', '--deploy-mode cluster']],
    [
      'an image of something else',
      [...withImage, '--conf', 'spark.kubernetes.container.image=registry.example.com/team/etl:2.7.1', jar],
      ['team/etl:2.7.1', 'does not begin with a version of Spark', '--spark-version X.Y.Z'],
    ],
    [
      'an empty namespace',
      [...basic, '--conf', 'spark.kubernetes.namespace=', jar],
      ['--conf spark.kubernetes.namespace: it is empty', 'leave it out'],
    ],
    [
      'a namespace that Kubernetes does not allow',
      [...basic, '--conf', 'spark.kubernetes.namespace=Team_A', jar],
      ['spark-submit: --conf spark.kubernetes.namespace  must not be "Team_A"', 'did you mean "team-a"?'],
    ],
    [
      'a secret in configuration',
      [...basic, '--conf', 'spark.ssl.keyPassword=sesame', jar],
      ['--conf spark.ssl.keyPassword  looks like a secret', '--allow-literal-secrets'],
    ],
    [
      'a secret among the arguments',
      [...basic, jar, '--db-password', 'sesame'],
      ['argument 2 of the application  looks like a secret'],
    ],
    ['no executors', [...basic, '--num-executors', '0', jar], ['spark-submit: --num-executors  ', 'at least 1']],
    ['memory that is none', [...basic, '--executor-memory', '2x', jar], ['spark-submit: --executor-memory  ', '"2x"']],
    [
      'several problems',
      [...image, '--num-executors', 'two', '--driver-memory', '1q', jar],
      ['spark-submit: --class  ', 'spark-submit: --num-executors  ', 'spark-submit: --driver-memory  '],
    ],
    ['no main class', [...master, ...image, jar], ['spark-submit: --class  ']],
    [
      'several flags that cannot work here',
      [...image, '--master', 'yarn', '--deploy-mode', 'client', '--keytab', '/etc/k'],
      ['spark-submit: the application is missing', '--master: "yarn"', '--deploy-mode: "client"', '--keytab: "/etc/k"'],
    ],
    ['the manifest of a run', [...basic, '-o', 'manifest', jar], ['--dry-run']],
    ['--kill', [...master, '--kill', 'ns:pod'], ['temporal-spark kill']],
    ['--status', [...master, '--status', 'ns:pod'], ['temporal-spark describe']],
    ['a shell', [...basic, 'pyspark-shell'], ['interactive']],
    ['a local application', [...basic, 'app.jar'], ['app.jar', 'local:///']],
    ['a local dependency', [...basic, '--jars', 'file:///tmp/x.jar', jar], ['file:///tmp/x.jar', 'local:///']],
    ['a local keytab', [...basic, '--principal', 'p', '--keytab', '/etc/k', jar], ['/etc/k', 'Secret']],
    ['two users', [...basic, '--principal', 'p', '--proxy-user', 'u', jar], ['--proxy-user', '--principal']],
    ['configuration without "="', [...basic, '--conf', 'spark.x', jar], ['--conf key=value']],
    [
      'neither image nor class',
      [...master, jar],
      ['--conf spark.kubernetes.container.image: it is missing', '--class: a Java or Scala application needs it'],
    ],
    ['no image', [...withImage, '--spark-version', '4.1.4', jar], ['Give --conf spark.kubernetes.container.image=']],
    [
      'no image of the executors',
      [...withImage, '--spark-version', '4.1.4', '-c', 'spark.kubernetes.driver.container.image=spark:4.1.4', jar],
      ['the executors have no image; Give --conf spark.kubernetes.container.image='],
    ],
    [
      'an image of unknown version',
      [...withImage, '-c', 'spark.kubernetes.container.image=i:latest', jar],
      ['i:latest'],
    ],
    ['a missing file', [...basic, '--properties-file', '/no/such', jar], ['Cannot read /no/such']],
    ['no defaults', [...basic, '--load-spark-defaults', jar], ['SPARK_CONF_DIR']],
    ['a token', [...basic, '-c', 'spark.kubernetes.authenticate.driver.oauthToken=t', jar], ['oauthToken']],
    ['a secret', [...basic, '-c', 'spark.hadoop.fs.s3a.secret.key=s3cr3t', jar], ['spark.hadoop.fs.s3a.secret.key']],
    ['YAML for a run', [...basic, '-o', 'yaml', jar], ['--dry-run']],
    [
      'a template that is no pod',
      [...basic, '-c', 'spark.kubernetes.driver.podTemplateFile=package.json', jar],
      ['Pod'],
    ],
  ])('ends with 2 for %s, with the remedy and no stack trace', async (_, args, named) => {
    const { code, stdout, stderr } = await sparkSubmit(...nowhere, ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    for (const each of named) expect(stderr).toContain(each);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('takes literal secrets with the option for it', async () => {
    const secret = ['-c', 'spark.hadoop.fs.s3a.secret.key=s3cr3t'];
    expect((await dryRun(...basic, ...secret, '--allow-literal-secrets', jar)).code).toBe(0);
  });
});
