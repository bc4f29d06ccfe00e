// `npm test [-- FILTER …]`: brings what the tests need, runs every kind that can run here, and says what it left out and why.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { startVitest, type Vitest } from 'vitest/node';
import { findChromium } from '../lab/chromium.ts';
import { progressPrinter } from '../lab/progress.ts';
import { prepareReal } from '../lab/real/prepare.ts';
import { realModeSupport } from '../lab/real/support.ts';
import { ensureTools } from '../lab/toolchain/toolchain.ts';
import { tools, type ToolName } from '../lab/toolchain/tools.ts';
import { sparkHome } from '../lab/spark-home.ts';

interface Kind {
  readonly project: string;
  readonly what: string;
  /** Why this machine can't run the kind, if it can't: it is left out. */
  missing?(): Promise<string | undefined>;
  /** Makes ready what the kind needs. Where that fails, so does the run: it is broken, not left out. */
  prepare?(): Promise<unknown>;
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
  { project: 'unit', what: 'unit tests' },
  {
    project: 'cluster',
    what: 'tests on a real API server, scheduler and Temporal server with simulated nodes',
    prepare: () => build([...simulated, 'helm']),
  },
  {
    project: 'chaos',
    what: 'a sample of the chaos matrix (npm run chaos runs all of it)',
    prepare: () => build(simulated),
  },
  {
    project: 'spark',
    what: 'tests with real Spark on a real kubelet',
    missing: async () => {
      const support = await realModeSupport();
      return support.supported ? undefined : support.reason;
    },
    prepare: () => Promise.all([build(real), prepareReal({ onProgress: progressPrinter() })]),
  },
  {
    project: 'recorder',
    what: 'the test that records the real spark-submit anew',
    missing: async () => lacks('java', 'pip3'),
    prepare: () => Promise.all(['3.5.9', '4.1.4'].map(sparkHome)),
  },
  {
    project: 'ui',
    what: "tests of Temporal's UI in headless Chromium",
    missing: async () => {
      const installable = process.getuid?.() === 0 && lacks('apt-get') === undefined;
      return installable ? undefined : lacks('chromium');
    },
    prepare: () => findChromium(),
  },
];

function lacks(...programs: string[]): string | undefined {
  const absent = programs.filter((program) => spawnSync('which', [program]).status !== 0);
  return absent.length === 0 ? undefined : `there is no ${absent.join(' and no ')} here`;
}

function build(names: readonly ToolName[]): Promise<unknown> {
  return ensureTools(
    names.map((name) => tools[name]),
    { onProgress: progressPrinter() },
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { project: { type: 'string', multiple: true } },
});
const leftOut: { kind: Kind; reason: string }[] = [];
const broken: { kind: Kind; reason: string }[] = [];
const projects: string[] = [];
for (const kind of kinds) {
  const asked = values.project === undefined || values.project.includes(kind.project);
  const missing = asked ? await kind.missing?.() : 'not asked for (--project)';
  if (missing !== undefined) {
    leftOut.push({ kind, reason: missing });
    continue;
  }
  try {
    await kind.prepare?.();
    projects.push(kind.project);
  } catch (error) {
    broken.push({ kind, reason: (error as Error).message });
  }
}

const vitest = await startVitest('test', positionals, { project: projects, watch: false, run: true });
const { passed, failed, skipped } = count(vitest);
await vitest.close();
for (const { kind, reason } of leftOut) console.log(`Left out: ${kind.what}. Reason: ${reason}`);
for (const { kind, reason } of broken) console.error(`Could not be run: ${kind.what}. Reason: ${reason}`);
console.log(`${passed} passed, ${failed + broken.length} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
if (failed + broken.length > 0 || passed === 0) process.exitCode = 1;

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
