import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { LabProgress } from '../../../lab/contract.ts';
import { ensureTools } from '../../../lab/toolchain/toolchain.ts';
import type { Release, Tool } from '../../../lab/toolchain/tools.ts';

/** What the compiled program would be: tests only look where it came from. */
const program = (origin: string): string => `#!/bin/sh\necho ${origin} v1.4.2\n`;

describe('where a tool comes from', () => {
  let directory: string;
  let progress: LabProgress[];
  let environment: NodeJS.ProcessEnv;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'toolchain-test-'));
    progress = [];
    environment = {
      PATH: ['/usr/bin', '/bin'].join(delimiter),
      TEMPORAL_SPARK_CACHE: join(directory, 'cache'),
    };
    mkdirSync(join(directory, 'module'));
    writeFileSync(join(directory, 'module', 'go.mod'), 'module example\n');
    writeFileSync(join(directory, 'module', 'go.sum'), '');
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const tool = (release?: Release): Tool => ({
    name: 'tool-under-test',
    version: 'v1.4.2',
    moduleDirectory: join(directory, 'module'),
    package: 'example/tool',
    linkerFlags: [],
    versionArguments: [],
    ...(release === undefined ? {} : { release: () => release }),
  });
  const find = async (wanted: Tool = tool()): Promise<string> => {
    const [path] = await ensureTools([wanted], {
      env: environment,
      connectTimeoutMs: 300,
      onProgress: (event) => progress.push(event),
    });
    return path as string;
  };
  const origin = (path: string): string => /echo (\w+)/.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  const install = (folder: string, content: string, name = 'tool-under-test'): string => {
    const path = join(directory, folder, name);
    mkdirSync(join(directory, folder), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, 0o755);
    return path;
  };
  /** Stands in for Go: prints its version, and "compiles" by writing the program; notes each build. */
  const installGo = (): { builds: () => number } => {
    const log = join(directory, 'builds');
    writeFileSync(log, '');
    install(
      'go',
      [
        '#!/bin/sh',
        'if [ "$1" = env ]; then printf "go1.26.8\\nlinux\\namd64\\n"; exit; fi',
        `echo build >> ${log}`,
        'while [ "$1" != -o ]; do shift; done',
        `printf '${program('built').replaceAll('\n', '\\n')}' > "$2"`,
      ].join('\n'),
      'go',
    );
    environment['PATH'] = [join(directory, 'go'), environment['PATH']].join(delimiter);
    return { builds: () => readFileSync(log, 'utf8').split('\n').length - 1 };
  };
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const serveRelease = async (checksum: string): Promise<{ release: Release; requests: string[] }> => {
    const requests: string[] = [];
    const url = await serve((request, response) => {
      requests.push(request.url ?? '');
      response.end(request.url === '/tool' ? program('downloaded') : `0123  other\n${checksum}  tool\n`);
    });
    return { release: { url: `${url}/tool`, checksumUrl: `${url}/SHA256SUMS` }, requests };
  };
  const rightChecksum = createHash('sha256').update(program('downloaded')).digest('hex');

  test('an explicit path goes first', async () => {
    const path = install('mine', program('explicit'));
    install('assets', program('assets'));
    environment['TEMPORAL_SPARK_TOOL_UNDER_TEST'] = path;
    environment['KUBEBUILDER_ASSETS'] = join(directory, 'assets');
    expect(await find()).toBe(path);
  });

  test('an explicit path that leads nowhere is an error that names the variable', async () => {
    environment['TEMPORAL_SPARK_TOOL_UNDER_TEST'] = '/nowhere';
    await expect(find()).rejects.toThrow('TEMPORAL_SPARK_TOOL_UNDER_TEST is /nowhere');
  });

  test('KUBEBUILDER_ASSETS goes before the PATH', async () => {
    const path = install('assets', program('assets'));
    install('path', program('path'));
    environment['KUBEBUILDER_ASSETS'] = join(directory, 'assets');
    environment['PATH'] = join(directory, 'path');
    expect(await find()).toBe(path);
  });

  test('one on the PATH is taken where its major and minor version fit', async () => {
    installGo();
    const path = install('path', '#!/bin/sh\necho tool version 1.4.9 >&2\n');
    environment['PATH'] = [join(directory, 'path'), environment['PATH']].join(delimiter);
    expect(await find()).toBe(path);
  });

  test.each(['1.3.2', '2.4.2', '11.4.2'])('one of version %s on the PATH is not taken', async (version) => {
    installGo();
    install('path', `#!/bin/sh\necho tool version ${version}\n`);
    environment['PATH'] = [join(directory, 'path'), environment['PATH']].join(delimiter);
    expect(origin(await find())).toBe('built');
  });

  test('a release goes before a build, is checked, and is downloaded once', async () => {
    const go = installGo();
    const { release, requests } = await serveRelease(rightChecksum);
    const path = await find(tool(release));
    expect(origin(path)).toBe('downloaded');
    expect(await find(tool(release))).toBe(path);
    expect(requests).toEqual(['/SHA256SUMS', '/tool']);
    expect(go.builds()).toBe(0);
    expect(progress.map(({ status, detail }) => [status, detail])).toEqual([
      ['started', 'downloading v1.4.2'],
      ['done', 'downloaded'],
    ]);
  });

  test('the program is taken out of an archive', async () => {
    install('release/tool-v1.4.2', program('unpacked'), 'tool');
    execFileSync('tar', ['-czf', join(directory, 'tool.tar.gz'), '-C', join(directory, 'release'), 'tool-v1.4.2']);
    const archive = readFileSync(join(directory, 'tool.tar.gz'));
    const checksum = createHash('sha256').update(archive).digest('hex');
    const url = await serve((request, response) => {
      response.end(request.url === '/tool.tar.gz' ? archive : `${checksum}\n`);
    });
    const release = { url: `${url}/tool.tar.gz`, checksumUrl: `${url}/tool.sha256`, member: 'tool-v1.4.2/tool' };
    expect(origin(await find(tool(release)))).toBe('unpacked');
  });

  test('a release is found by a machine without Go', async () => {
    const { release } = await serveRelease(rightChecksum);
    expect(origin(await find(tool(release)))).toBe('downloaded');
  });

  test('a release with another checksum than published is not used', async () => {
    installGo();
    const { release } = await serveRelease('0'.repeat(64));
    expect(origin(await find(tool(release)))).toBe('built');
    expect(progress.find(({ status }) => status === 'failed')?.detail).toMatch(
      new RegExp(`has SHA-256 ${rightChecksum}, but 0{64} is published`),
    );
  });

  test('a release without a published checksum is not used', async () => {
    installGo();
    const url = await serve((request, response) => {
      response.end(request.url === '/tool' ? program('downloaded') : `${rightChecksum}  other\n`);
    });
    expect(origin(await find(tool({ url: `${url}/tool`, checksumUrl: `${url}/SHA256SUMS` })))).toBe('built');
  });

  test('a server that does not answer costs one timeout, and no other tool waits for it', async () => {
    installGo();
    let requests = 0;
    const url = await serve(() => requests++);
    const release = { url: `${url}/tool`, checksumUrl: `${url}/SHA256SUMS` };
    expect(origin(await find(tool(release)))).toBe('built');
    expect(progress.map(({ detail }) => detail)).toEqual([
      `building v1.4.2 from source, not downloaded (no answer from ${new URL(url).host})`,
      'built',
    ]);
    rmSync(join(directory, 'cache'), { recursive: true });
    expect(origin(await find(tool(release)))).toBe('built');
    expect(requests).toBe(1);
  });

  test('TEMPORAL_SPARK_DOWNLOAD=off asks no server', async () => {
    installGo();
    const { release, requests } = await serveRelease(rightChecksum);
    environment['TEMPORAL_SPARK_DOWNLOAD'] = 'off';
    expect(origin(await find(tool(release)))).toBe('built');
    expect(requests).toEqual([]);
  });

  test('a build is kept, and done again when go.sum changes', async () => {
    const go = installGo();
    const first = await find();
    expect(await find()).toBe(first);
    expect(go.builds()).toBe(1);
    writeFileSync(join(directory, 'module', 'go.sum'), 'changed');
    expect(await find()).not.toBe(first);
    expect(go.builds()).toBe(2);
    expect(progress.map(({ status, detail }) => [status, detail]).slice(0, 2)).toEqual([
      ['started', 'building v1.4.2 from source'],
      ['done', 'built'],
    ]);
  });

  test('two labs that start at once build once', async () => {
    const go = installGo();
    const [one, two] = await Promise.all([find(), find()]);
    expect(one).toBe(two);
    expect(go.builds()).toBe(1);
  });

  test('a failed build reports the output of the compiler', async () => {
    install(
      'go',
      '#!/bin/sh\nif [ "$1" = env ]; then echo go1.26.8; exit; fi\necho "no such package" >&2; exit 1',
      'go',
    );
    environment['PATH'] = [join(directory, 'go'), environment['PATH']].join(delimiter);
    await expect(find()).rejects.toThrow(/could not build tool-under-test v1\.4\.2[^]*no such package/);
  });

  test('without any source the error has the remedy', async () => {
    environment['PATH'] = join(directory, 'empty');
    await expect(find()).rejects.toThrow(/Install Go, or set TEMPORAL_SPARK_TOOL_UNDER_TEST/);
  });
});
