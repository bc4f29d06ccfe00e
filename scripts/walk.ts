// Which files of src/ a manifest passes from `temporal-spark run FILE` to the posted pod, and how often it is checked:
// `node scripts/with-node.mjs scripts/walk.ts [FILE]`. A file counts if a function of it runs, other than when it is
// loaded; of the workflow, loading counts too, because each workflow loads its modules. It ends with 1 if the walk is
// longer than it may be.
import { createServer, type Server } from 'node:http';
import { Session } from 'node:inspector/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { KubeConfig } from '@kubernetes/client-node';
import { createSparkActivities } from '../src/activities/index.ts';
import type { RunFlags } from '../src/cli/commands/run/start-flags.ts';
import { connectKubernetes } from '../src/kubernetes/index.ts';
import { parseManifests } from '../src/manifest/index.ts';
import type { SubmitInput } from '../src/protocol/index.ts';
import { SteppedWorkflow } from '../test/support/stepped-workflow.ts';
import { startTemporalServer } from '../test/support/temporal-server.ts';
import { workflowBundle } from '../test/support/workflow-bundle.ts';

/** At most this many files, and one check in each process that is not the workflow's. */
const LIMIT = { files: 60, checks: 1 } as const;
const CHECK = { file: 'manifest/load.ts', function: 'check' } as const;

const src = join(import.meta.dirname, '..', 'src');
const file = process.argv[2] ?? join(src, '..', 'examples', 'spark-pi.yaml');

/** What ran of src/ in one process. */
interface Part {
  readonly name: string;
  readonly files: ReadonlySet<string>;
  readonly checks: number;
}

/** Of the API server, by path. */
const objects = new Map<string, object>();
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

await using temporal = await startTemporalServer();
const api = await startApi();
const kubernetes = await connectKubernetes({ kubeconfig: kubeconfigOf(api) });
const parts: Part[] = [];
try {
  const bundle = await readBundle();
  const { run } = await import('../src/cli/commands/run/run.ts');
  const flags = { address: temporal.address, follow: false, conflict: 'attach', output: 'json' } as unknown as RunFlags;
  const [manifest] = parseManifests(readFileSync(file, 'utf8'));
  const activities = createSparkActivities({ kubernetes });
  let workflow: SteppedWorkflow | undefined;
  const steps: readonly [name: string, step: () => Promise<unknown>][] = [
    ['client', () => quietly(() => run(file, flags))],
    ['workflow', async () => (workflow = await SteppedWorkflow.start({ args: [manifest] }))],
    ['worker', () => submit(workflow!.pending('submitSparkApplication').input as unknown as SubmitInput)],
  ];
  const submit = (input: SubmitInput) =>
    new MockActivityEnvironment({}, { client: temporal.client }).run(
      (given: SubmitInput) => activities.submitSparkApplication(given),
      input,
    );
  for (const [name, step] of steps) {
    // The first time loads what is loaded late, and runs what a module runs once.
    await step();
    objects.clear();
    await session.post('Profiler.takePreciseCoverage');
    await step();
    parts.push(await partOf(name, bundle));
  }
} finally {
  kubernetes.close();
  api.close();
}

const all = new Set(parts.flatMap(({ files }) => [...files]));
for (const { name, files, checks } of parts) {
  console.log(`${name}: ${files.size} files, ${checks} checks of the manifest`);
  for (const each of [...files].sort()) console.log(`  ${each}`);
}
const tooOften = parts.filter(({ checks }) => checks > LIMIT.checks);
console.log(`${all.size} files, at most ${LIMIT.files} wanted`);
for (const { name, checks } of tooOften) console.log(`${name}: ${checks} checks, at most ${LIMIT.checks} wanted`);
if (all.size > LIMIT.files || tooOften.length > 0) process.exitCode = 1;

interface Bundle {
  readonly path: string;
  /** Where each line of its code begins. */
  readonly lines: readonly number[];
  readonly map: SourceMap;
}

/** Where a function of the workflow bundle comes from is in the map at its end. */
async function readBundle(): Promise<Bundle> {
  const { codePath: path } = await workflowBundle();
  const code = readFileSync(path, 'utf8');
  const lines = [0];
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) lines.push(at + 1);
  const [, encoded = ''] = /sourceMappingURL=data:[^,]*;base64,(\S+)\s*$/.exec(code) ?? [];
  const payload = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMapPayload;
  return { path, lines, map: new SourceMap(payload) };
}

async function partOf(name: string, bundle: Bundle): Promise<Part> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const files = new Set<string>();
  let checks = 0;
  for (const { url, functions } of result) {
    const inBundle = url.endsWith(bundle.path);
    if (!inBundle && !url.startsWith('file:')) continue;
    for (const { functionName, ranges } of functions) {
      const [{ startOffset, endOffset, count } = { startOffset: 0, endOffset: 0, count: 0 }] = ranges;
      // The module itself is a function without a name that begins where it begins.
      if (count === 0 || (functionName === '' && startOffset === 0)) continue;
      const source = inBundle ? sourceAt(bundle, endOffset - 1) : fileURLToPath(url);
      const path = source === undefined ? '..' : relative(src, source);
      if (path.startsWith('..')) continue;
      files.add(path);
      if (path === CHECK.file && functionName === CHECK.function) checks += count;
    }
  }
  return { name, files, checks };
}

function sourceAt({ lines, map }: Bundle, offset: number): string | undefined {
  let line = lines.length - 1;
  for (let low = 0; low <= line;) {
    const middle = (low + line) >> 1;
    if (lines[middle]! <= offset) low = middle + 1;
    else line = middle - 1;
  }
  const entry = map.findEntry(line, offset - lines[line]!);
  return 'originalSource' in entry ? entry.originalSource : undefined;
}

/** An API server that has no nodes, and accepts every object. */
async function startApi(): Promise<Server> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = (status: number, value: object) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(value));
      };
      const { pathname } = new URL(request.url!, 'http://walk');
      if (request.method === 'POST') {
        const object = JSON.parse(body) as { readonly metadata: { readonly name: string } };
        const created = { ...object, metadata: { ...object.metadata, uid: 'made-up', resourceVersion: '1' } };
        objects.set(`${pathname}/${object.metadata.name}`, created);
        return answer(201, created);
      }
      if (pathname === '/version') return answer(200, { major: '1', minor: '36' });
      if (pathname.endsWith('/nodes')) {
        return answer(200, { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: [] });
      }
      const found = objects.get(pathname);
      if (found !== undefined) return answer(200, found);
      const details = { kind: pathname.split('/').at(-2), name: pathname.split('/').at(-1) };
      const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
      answer(404, { ...status, message: `${details.name} not found`, details });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function kubeconfigOf(server: Server): KubeConfig {
  const { port } = server.address() as AddressInfo;
  const kubeconfig = new KubeConfig();
  kubeconfig.loadFromOptions({
    clusters: [{ name: 'walk', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }],
    users: [{ name: 'walk' }],
    contexts: [{ name: 'walk', cluster: 'walk', user: 'walk' }],
    currentContext: 'walk',
  });
  return kubeconfig;
}

/** Without what a command prints. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  const { log, error } = console;
  console.log = console.error = () => undefined;
  try {
    await work();
  } finally {
    Object.assign(console, { log, error });
  }
}
