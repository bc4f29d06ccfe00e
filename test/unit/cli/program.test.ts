import { describe, expect, it } from 'vitest';
import { examples } from '../../../src/cli/examples.ts';
import { nodeProblem } from '../../../src/cli/node-version.ts';
import { missingNamespace, nativeReason } from '../../../src/cli/output/native-reason.ts';
import { allCommands, createProgram } from '../../../src/cli/program.ts';
import { cli } from '../../support/cli.ts';
import { inProcess } from '../../support/in-process-cli.ts';

describe('help', () => {
  const program = createProgram('0.0.0', () => undefined);
  const nameOf = (path: readonly string[]) => path.join(' ');
  const leaves = (command = program, path: readonly string[] = []): string[] =>
    command
      .createHelp()
      .visibleCommands(command)
      .filter((each) => each.name() !== 'help')
      .flatMap((each) =>
        each.commands.some((child) => child.createHelp().visibleCommands(each).includes(child))
          ? leaves(each, [...path, each.name()])
          : [nameOf([...path, each.name()])],
      );

  it('has examples for every command, and for no other', () => {
    expect(Object.keys(examples).toSorted()).toEqual(leaves().toSorted());
  });

  it.each(Object.values(examples).flat())('has an example with flags that exist: %s', (example) => {
    const words = [...example.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word.replaceAll('"', ''));
    const [first, second] = words;
    const parent = allCommands(program).find((each) => each.parent === program && each.name() === first)!;
    const command = parent.commands.find((each) => each.name() === second) ?? parent;
    const rest = words.slice(command === parent ? 1 : 2).filter((word) => word !== '<' && word !== '>');
    expect(command.parseOptions(rest).unknown).toEqual([]);
  });
});

describe('words of other tools', () => {
  it.each([
    [['delete', 'pi'], 'temporal-spark kill APPLICATION'],
    [['get', 'sparkapplications', '-A'], 'temporal-spark list'],
    [['apply', '-f', 'a.yaml'], 'temporal-spark run FILE'],
    [['stop', 'pi'], 'temporal-spark kill APPLICATION'],
    [['cancel', 'pi'], 'temporal-spark kill APPLICATION'],
    [['status', 'pi'], 'temporal-spark describe APPLICATION'],
    [['submit', 'a.yaml'], 'temporal-spark run FILE'],
    [['pipeline', 'list'], 'temporal-spark list pipelines'],
  ])('are answered with ours: %j', async (words, ours) => {
    const { code, stderr } = await inProcess(words);
    expect(code).toBe(2);
    expect(stderr).toContain(ours);
    expect(stderr).not.toContain('release');
  });
});

it('an option before the command is answered with its place', async () => {
  const { code, stderr } = await inProcess(['--address', 'x', 'list']);
  expect(code).toBe(2);
  expect(stderr).toContain('write it after the command: temporal-spark COMMAND --address …');
  expect((await inProcess(['--nosuch', 'list'])).stderr).not.toContain('after the command');
});

describe('flags of 0.1', () => {
  const nowhere = ['--address', '127.0.0.1:1'];

  it('work, with a warning', async () => {
    const old = await inProcess(['kill', 'pi', '--kube-namespace', 'etl', ...nowhere]);
    expect(old.code).toBe(3);
    expect(old.stderr).toMatch(/^Warning: --kube-namespace is deprecated/);
    const temporal = await inProcess(['queue', '--namespace', 'prod', ...nowhere]);
    expect(temporal.stderr).toMatch(/^Warning: --namespace is deprecated here .* use --temporal-namespace\./);
    const changed = await inProcess(['kill', 'pi', '--namespace', 'etl', ...nowhere]);
    expect(changed.stderr).toMatch(/^Warning: --namespace is the Kubernetes namespace since 0\.2/);
  });

  it('give no warning where they are not used', async () => {
    const { stderr } = await inProcess(['kill', 'pi', '-n', 'etl', '--temporal-namespace', 'prod', ...nowhere]);
    expect(stderr).toMatch(/^Temporal at 127\.0\.0\.1:1 is not reachable: connection refused/);
  });

  it('are rejected as addresses where they have a scheme', async () => {
    const { code, stderr } = await inProcess(['queue', '--address', 'http://localhost:7233/']);
    expect(code).toBe(2);
    expect(stderr).toContain('Use localhost:7233; for TLS set TEMPORAL_TLS=true.');
  });
});

describe('the version of Node', () => {
  it.each(['22.19.0', '22.20.1', '24.0.0'])('%s is new enough', (version) => {
    expect(nodeProblem('>=22.19', version)).toBeUndefined();
  });

  it.each(['22.18.9', '20.20.2', '18.0.0'])('%s is rejected in one sentence', (version) => {
    expect(nodeProblem('>=22.19', version)).toBe(
      `temporal-spark needs Node.js 22.19 or newer; this is ${version}. Install a newer version: https://nodejs.org`,
    );
  });

  it('is checked before anything else is loaded', async () => {
    const older = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });";
    const hook = `data:text/javascript,${encodeURIComponent(
      `${older} import { registerHooks } from 'node:module';
       registerHooks({ load(url, context, next) { console.error(url); return next(url, context); } });`,
    )}`;
    const { code, stderr } = await cli(['worker'], { nodeArgs: ['--import', hook] });
    expect(code).toBe(2);
    expect(stderr).toContain('this is 20.20.2');
    expect(stderr.match(/\/src\/cli\/[\w-]+\.ts/g)).toEqual(['/src/cli/main.ts', '/src/cli/node-version.ts']);
  });
});

describe("errors of Temporal's native core", () => {
  it('are reported in words', () => {
    const refused =
      'tonic::transport::Error(Transport, ConnectError(ConnectError("tcp connect error", 127.0.0.1:1, Os { code: 111, kind: ConnectionRefused, message: "Connection refused" })))';
    expect(nativeReason(refused)).toBe('Connection refused');
    const missing =
      'Namespace nope was not found or otherwise could not be described: Status { code: NotFound, message: "Namespace nope is not found.", details: b"\\x08" }';
    expect(missingNamespace(missing)).toBe('nope');
    expect(nativeReason(missing)).toBe('Namespace nope is not found');
    expect(missingNamespace(refused)).toBeUndefined();
  });
});
