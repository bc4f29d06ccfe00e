import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { cli, type CliResult } from '../../support/cli.ts';
import { inProcess } from '../../support/in-process-cli.ts';

const example = 'examples/spark-pi.yaml';
const good = readFileSync(example, 'utf8');
/** Nothing listens there. */
const nowhere = ['--address', '127.0.0.1:1', '--client-connect-timeout', '200ms'];
let directory: string;
/** One whose cluster does not answer: it tries again for seconds, in which the other tests run. */
let worker: Promise<CliResult>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-cli-'));
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'nowhere' },
    contexts: [{ name: 'nowhere', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
  };
  worker = cli(['worker'], { env: { KUBECONFIG: file('kubeconfig.yaml', JSON.stringify(kubeconfig)) } });
});

afterAll(async () => {
  await worker;
  rmSync(directory, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

describe('temporal-spark', () => {
  it('prints help and version', async () => {
    expect(await inProcess(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('worker') as string });
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await cli(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it.each([
    ['an unknown command', ['frobnicate'], 'frobnicate'],
    ['an unknown option', ['validate', example, '--frobnicate'], '--frobnicate'],
    ['a missing argument', ['run'], 'file'],
  ])('ends with 2 for %s, and names it', async (_, args, named) => {
    const { code, stderr } = await inProcess(args);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
    // Not the whole help.
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3);
    expect(stderr).toMatch(/See 'temporal-spark .*--help'\./);
  });

  it.each(['validate', 'render'])('prints errors of %s without what controls a terminal', async (command) => {
    const { stderr } = await inProcess([command, 'a\u001b[2J\u009b2J.yaml']);
    expect(stderr).toMatch(/^Cannot read a \[2J 2J\.yaml: .*\n$/);
  });

  it('loads neither the worker nor the Kubernetes client for help and validation', async () => {
    const hook = file(
      'loaded.mjs',
      `import { registerHooks } from 'node:module';
       registerHooks({ load(url, context, next) {
         if (/@temporalio\\/(worker|client)|client-node/.test(url)) { console.error('LOADED ' + url); }
         return next(url, context);
       } });`,
    );
    for (const args of [['--help'], ['validate', example]]) {
      const { code, stderr } = await cli(args, { nodeArgs: ['--import', hook] });
      expect(code).toBe(0);
      expect(stderr).not.toContain('LOADED');
    }
    // What it opened does not keep the process.
    const { code, stderr } = await cli(['describe', 'x', ...nowhere], { nodeArgs: ['--import', hook] });
    expect(code).toBe(3);
    expect(stderr).toContain('LOADED');
  });
});

describe('validate', () => {
  it('reports what is valid', async () => {
    expect(await inProcess(['validate', example])).toEqual({
      code: 0,
      stdout: `${example}: SparkApplication default/spark-pi is valid\n`,
      stderr: '',
    });
    expect(await cli(['validate', '-'], { stdin: good })).toMatchObject({ code: 0 });
  });

  it.each([
    ['a missing file', () => '/no/such/file.yaml', ['/no/such/file.yaml', 'no such file']],
    ['a pattern that nothing matches', () => join(directory, '*.jobs'), ['*.jobs', 'no such file']],
    ['broken YAML', () => file('broken.yaml', 'spec:\n  a: [1\n'), ['broken.yaml:']],
    ['nothing', () => file('empty.yaml', '\n'), ['no manifest']],
    [
      'a wrong kind',
      () => file('kind.yaml', good.replace('kind: SparkApplication', 'kind: Deployment')),
      ['kind', 'SparkApplication'],
    ],
    [
      'a wrong apiVersion',
      () => file('version.yaml', good.replace('v1beta2', 'v1beta1')),
      ['apiVersion', 'sparkoperator.k8s.io/v1beta2'],
    ],
    [
      'a missing field',
      () => file('missing.yaml', good.replace(/ {2}mainApplicationFile:.*\n/, '')),
      ['spec.mainApplicationFile', 'required'],
    ],
    [
      'a misspelt field',
      () => file('misspelt.yaml', good.replace('mainClass', 'mainClas')),
      ['mainClas', 'did you mean', 'mainClass'],
    ],
  ])('ends with 2 for %s, with path and remedy and no stack trace', async (_, path, named) => {
    const { code, stdout, stderr } = await inProcess(['validate', path()]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    for (const each of named) expect(stderr).toContain(each);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('reports beforehand what every submission refuses, and what takes a custom submitter', async () => {
    const refused = file(
      'refused.yaml',
      good
        .replace('memory: 512m', 'memoryLimit: 512m')
        .replace(/mainApplicationFile: .*/, 'mainApplicationFile: /app.jar'),
    );
    const { code, stderr } = await inProcess(['validate', refused]);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /refused\.yaml:\d+:\d+ {2}spec\.mainApplicationFile {2}"\/app\.jar" is a file of the submitting/,
    );
    expect(stderr).toMatch(/refused\.yaml:\d+:\d+ {2}spec\.driver\.memoryLimit {2}"512m" is less than/);
    // The submitter is chosen where it is submitted.
    const run = await inProcess(['run', refused, ...nowhere]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('spec.driver.memoryLimit');
    expect(run.stderr).not.toContain('spec.mainApplicationFile');
  });

  it('lists all problems of all files at once, each with line and column', async () => {
    const one = file('one.yaml', good.replace('mainClass', 'mainClas').replace('memory: 512m', 'memory: lots'));
    const two = file('two.yaml', good.replace('type: Scala', 'type: Cobol'));
    const { code, stderr } = await inProcess(['validate', one, example, two]);
    expect(code).toBe(2);
    const lines = stderr.trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/(one|two)\.yaml:\d+:\d+ {2}spec\.\S+/);
  });

  it('reports every file, also after one that cannot be read', async () => {
    const { code, stdout, stderr } = await inProcess(['validate', '/no/such/file.yaml', example]);
    expect(code).toBe(2);
    expect(stdout).toBe(`${example}: SparkApplication default/spark-pi is valid\n`);
    expect(stderr).toContain('Cannot read /no/such/file.yaml: no such file.');
  });

  it.each<[string, string | Buffer, string]>([
    ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'it is UTF-16; save it as UTF-8'],
    ['another kind', Buffer.from([1, 0, 2]), 'it is not a text file'],
  ])('names a file of %s', async (_, content, why) => {
    const path = join(directory, 'other.yaml');
    writeFileSync(path, content);
    expect(await cli(['validate', path])).toMatchObject({ code: 2, stderr: `Cannot read ${path}: ${why}.\n` });
  });

  it('names a URL as such', async () => {
    const { code, stderr } = await cli(['validate', 'https://example.org/pi.yaml']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('it is a URL; download it first') as string,
    });
  });

  it('takes folders and patterns, and skips files without a manifest in them', async () => {
    const folder = join(directory, 'jobs');
    mkdirSync(join(folder, 'nightly'), { recursive: true });
    const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n';
    writeFileSync(join(folder, 'a.yaml'), `${account}---\n${good}`);
    writeFileSync(join(folder, 'nightly', 'b.yaml'), good.replace('mainClass', 'mainClas'));
    writeFileSync(join(folder, 'nightly', 'values.yml'), 'image: a\n');
    writeFileSync(join(folder, 'README.md'), '# Jobs\n');
    const { code, stdout, stderr } = await inProcess(['validate', folder, join(folder, '*.yaml')]);
    expect(code).toBe(2);
    expect(stdout).toBe(`${join(folder, 'a.yaml')}: SparkApplication default/spark-pi is valid\n`);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^Note: .*values\.yml {2}contains no manifest and is skipped$/),
      expect.stringMatching(/b\.yaml:\d+:\d+ {2}spec\.mainClas {2}/),
    ]);
    const named = await inProcess(['validate', join(folder, 'a.yaml')]);
    expect(named.code).toBe(0);
    expect(named.stderr).toMatch(/^Note: .*a\.yaml:1:1 {2}skips what it does not create: ServiceAccount a; create/);
  });

  it('names a template once, without a warning of Node', async () => {
    const template = file('template.yaml', good.replace('instances: 1', 'instances: {{ params.n }}'));
    const { code, stderr } = await cli(['validate', template]);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('not rendered: {{ params.n }}')]);
  });
});

describe('render', () => {
  it('prints the objects as YAML with their owners', async () => {
    const { code, stdout } = await inProcess(['render', example]);
    expect(code).toBe(0);
    const objects = parseAllDocuments(stdout).map((document) => document.toJS() as { kind: string } | null);
    expect(objects.flatMap((object) => (object === null ? [] : [object.kind]))).toEqual([
      'Pod',
      'Service',
      'ConfigMap',
    ]);
    expect((await cli(['render', example])).stdout).toBe(stdout);
  });

  it('renders nothing of a manifest that is not valid', async () => {
    const { code, stdout } = await inProcess(['render', file('bad.yaml', good.replace('mainClass', 'mainClas'))]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('names the remedy for what cannot be done without a JVM', async () => {
    const local = file('local.yaml', good.replace('local:///opt', 'file:///opt'));
    const { code, stderr } = await inProcess(['render', local]);
    expect(code).toBe(2);
    expect(stderr).toContain('local://');
  });
});

describe('when Temporal or Kubernetes cannot be reached', () => {
  it.each([
    ['run', example],
    ['describe', 'pi'],
    ['kill', 'pi'],
  ])('%s ends with 3 and reports the address', async (...args) => {
    const { code, stdout, stderr } = await inProcess([...args, ...nowhere]);
    expect(code).toBe(3);
    expect(stdout).toBe('');
    expect(stderr).toContain('Temporal at 127.0.0.1:1 is not reachable');
    expect(stderr).toContain('TEMPORAL_ADDRESS');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each([
    ['127.0.0.1:1', 'connection refused'],
    ['no-such-host.invalid:7233', 'no such host'],
  ])('names at once why %s cannot be reached', async (address, why) => {
    // The timeout of a minute would end the test.
    const { code, stderr } = await inProcess(['describe', 'pi', '--address', address]);
    expect(code).toBe(3);
    expect(stderr).toContain(`Temporal at ${address} is not reachable: ${why}`);
  });

  it('waits for an address that does not answer, 5 s unless --client-connect-timeout sets another time', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const silence = [`127.0.0.1:${port}`, '--client-connect-timeout', '200ms'];
    const { code, stderr } = await inProcess(['describe', 'pi', '--address', ...silence]);
    silent.close();
    expect(code).toBe(3);
    expect(stderr).toContain('is not reachable: no answer within 0.2 s.');
    const { stdout } = await inProcess(['describe', '--help']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('--client-connect-timeout <duration> Timeout for the connection');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('(default: 5s, env: TEMPORAL_SPARK_CLIENT_CONNECT_TIMEOUT)');
  });

  it.each(['5', '0s', 'soon', '-1s'])('rejects the timeout %s', async (timeout) => {
    const { code, stderr } = await inProcess(['describe', 'pi', `--client-connect-timeout=${timeout}`]);
    expect(code).toBe(2);
    expect(stderr).toContain(`argument '${timeout}' is invalid. It must be a duration such as 500ms, 5s or 1m30s.`);
  });

  it('shows the stack trace when asked', async () => {
    const { stderr } = await inProcess(['--debug', 'describe', 'pi', ...nowhere]);
    expect(stderr).toMatch(/^\s+at /m);
  });

  it('checks the manifest before it looks for Temporal', async () => {
    const bad = file('unsent.yaml', good.replace('mainClass', 'mainClas'));
    expect((await inProcess(['run', bad, ...nowhere])).code).toBe(2);
  });

  it('a worker reports that it has no cluster, or that its cluster does not answer', async () => {
    expect(await cli(['worker'])).toMatchObject({ code: 2, stderr: expect.stringContaining('KUBECONFIG') as string });
    const { code, stderr } = await worker;
    expect(code).toBe(3);
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).not.toContain('secret-token');
  });

  it('a worker names each setting that is not valid', async () => {
    const { code, stderr } = await inProcess(['worker'], {
      env: { TEMPORAL_SPARK_MAX_CONCURRENT_ACTIVITIES: 'many', TEMPORAL_SPARK_SHUTDOWN_GRACE_MS: '-1' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('TEMPORAL_SPARK_MAX_CONCURRENT_ACTIVITIES="many"');
    expect(stderr).toContain('TEMPORAL_SPARK_SHUTDOWN_GRACE_MS="-1"');
  });
});
