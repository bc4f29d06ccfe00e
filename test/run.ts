// `npm test [-- FILTER …]`: brings what the tests need, runs every kind that can run here, and says what it left out and why.
import { parseArgs } from 'node:util';
import { startVitest, type Vitest } from 'vitest/node';
import { findChromium } from '../lab/chromium.ts';
import { progressPrinter } from '../lab/progress.ts';
import { prepareReal } from '../lab/real/prepare.ts';
import { realModeSupport } from '../lab/real/support.ts';
import { ensureTools } from '../lab/toolchain/toolchain.ts';
import { tools, type ToolName } from '../lab/toolchain/tools.ts';

interface Kind {
  readonly project: string;
  readonly what: string;
  /** Makes ready what the kind needs; the reason why it can't run here, if it can't. */
  prepare(): Promise<string | undefined>;
}

const simulated: ToolName[] = [
  'temporal',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];
const real: ToolName[] = [...simulated, 'kubelet', 'kube-proxy', 'coredns'];

const kinds: readonly Kind[] = [
  { project: 'unit', what: 'unit tests', prepare: async () => undefined },
  {
    project: 'cluster',
    what: 'tests on a real API server, scheduler and Temporal server with simulated nodes',
    prepare: () => reasonOf(() => build(simulated)),
  },
  {
    project: 'spark',
    what: 'tests with real Spark on a real kubelet',
    prepare: async () => {
      const support = await realModeSupport();
      if (!support.supported) return support.reason;
      return reasonOf(() => Promise.all([build(real), prepareReal({ onProgress: progressPrinter() })]));
    },
  },
  {
    project: 'ui',
    what: "tests of Temporal's UI in headless Chromium",
    prepare: () => reasonOf(() => findChromium()),
  },
];

function build(names: readonly ToolName[]): Promise<unknown> {
  return ensureTools(
    names.map((name) => tools[name]),
    { onProgress: progressPrinter() },
  );
}

async function reasonOf(prepare: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await prepare();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { project: { type: 'string', multiple: true } },
});
const leftOut: { kind: Kind; reason: string }[] = [];
const projects: string[] = [];
for (const kind of kinds) {
  const reason =
    values.project === undefined || values.project.includes(kind.project)
      ? await kind.prepare()
      : 'not asked for (--project)';
  if (reason === undefined) projects.push(kind.project);
  else leftOut.push({ kind, reason });
}

const vitest = await startVitest('test', positionals, { project: projects, watch: false, run: true });
const { passed, failed, skipped } = count(vitest);
await vitest.close();
for (const { kind, reason } of leftOut) console.log(`Left out: ${kind.what}. Reason: ${reason}`);
console.log(`${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
if (failed > 0 || passed === 0) process.exitCode = 1;

function count(run: Vitest): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: run.state.getUnhandledErrors().length, skipped: 0 };
  for (const module of run.state.getTestModules()) {
    if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) counts.failed += 1;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed += 1;
      else if (state === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
  }
  return counts;
}
