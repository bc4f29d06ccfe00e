import { findChromium } from '../../lab/chromium.ts';
import { findOnPath } from '../../lab/process.ts';
import { progressPrinter } from '../../lab/progress.ts';
import { findPrometheus } from '../../lab/prometheus.ts';
import { pythonWithKubernetes } from '../../lab/python-kubernetes.ts';
import { prepareReal } from '../../lab/real/prepare.ts';
import { realModeSupport } from '../../lab/real/support.ts';
import { sparkHome } from '../../lab/spark-home.ts';
import { ensureTools } from '../../lab/toolchain/toolchain.ts';
import { tools, type ToolName } from '../../lab/toolchain/tools.ts';
import type { SuiteName } from './suites.ts';

/** What a suite needs besides the checkout, and where that is not available. */
interface Needs {
  /** Why this machine cannot run the suite, if it cannot. */
  missing?(): Promise<string | undefined> | string | undefined;
  /** Builds or downloads it. */
  prepare?(): Promise<unknown>;
}

const simulated: readonly ToolName[] = [
  'temporal',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
];
const real: readonly ToolName[] = [...simulated, 'kubelet', 'kube-proxy', 'coredns'];

const realSpark: Needs = {
  async missing() {
    const support = await realModeSupport();
    return support.supported ? undefined : support.reason;
  },
  prepare: () => Promise.all([build([...real, 'versitygw']), prepareReal({ onProgress: progressPrinter() })]),
};

const needs: Readonly<Record<SuiteName, Needs>> = {
  unit: {},
  temporal: { prepare: () => build(['temporal', 'versitygw']) },
  cluster: { prepare: () => build([...simulated, 'helm', 'kubectl']) },
  prometheus: {
    missing: () => (lacks('prometheus', 'promtool') === undefined ? undefined : lacks('apt-get', 'dpkg-deb')),
    prepare: () => Promise.all([build([...simulated, 'helm']), findPrometheus()]),
  },
  clients: {
    missing: () => lacks('python3'),
    prepare: () => Promise.all([build(simulated), pythonWithKubernetes()]),
  },
  jvm: {
    missing: () => lacks('java', 'pip3'),
    prepare: () => Promise.all([build(simulated), ...['3.5.9', '4.1.4'].map(sparkHome)]),
  },
  rules: { prepare: () => build(simulated) },
  real: realSpark,
  'real-all': realSpark,
  chaos: { prepare: () => build([...simulated, 'helm']) },
  recorder: {
    missing: () => lacks('java', 'pip3'),
    prepare: () => Promise.all(['3.5.9', '4.1.4'].map(sparkHome)),
  },
  package: {},
  ui: {
    missing: () => (process.getuid?.() === 0 && lacks('apt-get') === undefined ? undefined : lacks('chromium')),
    prepare: () => Promise.all([build(simulated), findChromium()]),
  },
  cold: realSpark,
};

/** Why this machine cannot run the suite, if it cannot. */
export async function whyNotHere(suite: SuiteName): Promise<string | undefined> {
  return needs[suite].missing?.();
}

/** Builds or downloads what the suite needs. Rejects where that fails: the suite is then broken, not left out. */
export async function prepareSuite(suite: SuiteName): Promise<void> {
  await needs[suite].prepare?.();
}

function lacks(...programs: string[]): string | undefined {
  const absent = programs.filter((program) => findOnPath(program) === undefined);
  return absent.length === 0 ? undefined : `not installed: ${absent.join(', ')}`;
}

function build(names: readonly ToolName[]): Promise<unknown> {
  return ensureTools(
    names.map((name) => tools[name]),
    { onProgress: progressPrinter() },
  );
}
