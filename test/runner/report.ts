import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestCase, TestModule, Vitest } from 'vitest/node';
import { cacheDirectory } from '../../lab/cache.ts';

const SLOWEST = 25;
const KEPT_REPORTS = 100;
const directory = join(cacheDirectory(), 'test-reports');
const root = join(import.meta.dirname, '..', '..');

export type TestState = 'passed' | 'failed' | 'skipped';

export interface TestReport {
  /** With the names of the `describe` blocks around it, separated by ` > `. */
  readonly name: string;
  readonly state: TestState;
  readonly ms: number;
  readonly errors?: readonly string[];
}

export interface FileReport {
  /** Path within the checkout. */
  readonly file: string;
  /** From the import of the file to the end of its last hook. */
  readonly ms: number;
  readonly importMs: number;
  /** Errors outside of its tests, such as one of an import. */
  readonly errors: readonly string[];
  readonly tests: readonly TestReport[];
}

export interface SuiteReport {
  readonly suite: string;
  /** Wall-clock time, environment included. */
  readonly ms: number;
  readonly files: readonly FileReport[];
  /** Errors of no file, such as one of the environment. */
  readonly errors: readonly string[];
  /** Why the suite did not run here. */
  readonly leftOut?: string;
}

export interface RunReport {
  readonly startedAt: string;
  readonly lane: string;
  readonly suites: readonly SuiteReport[];
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads the result of one suite out of Vitest. */
export function suiteReport(suite: string, vitest: Vitest, ms: number): SuiteReport {
  const files = vitest.state.getTestModules().map(fileReport);
  const errors = vitest.state.getUnhandledErrors().map((error) => String((error as Error).message ?? error));
  return { suite, ms, files, errors };
}

function fileReport(module: TestModule): FileReport {
  const { duration, collectDuration, setupDuration, prepareDuration, environmentSetupDuration } = module.diagnostic();
  const importMs = collectDuration + setupDuration + prepareDuration + environmentSetupDuration;
  return {
    file: relative(root, module.moduleId),
    ms: importMs + duration,
    importMs,
    errors: module.errors().map(({ message }) => message),
    tests: [...module.children.allTests()].map(testReport),
  };
}

function testReport(test: TestCase): TestReport {
  const { state, errors } = test.result();
  return {
    name: test.fullName,
    // A test that is still pending when the run has ended did not pass.
    state: state === 'pending' ? 'failed' : state,
    ms: test.diagnostic()?.duration ?? 0,
    ...(errors === undefined || errors.length === 0 ? {} : { errors: errors.map(({ message }) => message) }),
  };
}

/** An error outside of a test counts as a separate failure. */
export function countsOf(report: Pick<SuiteReport, 'files' | 'errors'>): Counts {
  const counts = { passed: 0, failed: report.errors.length, skipped: 0 };
  for (const { tests, errors } of report.files) {
    counts.failed += errors.length;
    for (const { state } of tests) counts[state] += 1;
  }
  return counts;
}

export function totalOf(run: RunReport): Counts {
  const all = run.suites.map(countsOf);
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

/** The slowest files, a row for each suite, and why others did not run. */
export function printReport(run: RunReport): void {
  const files = run.suites.flatMap(({ suite, files }) => files.map((file) => ({ suite, ...file })));
  console.log(`\nSlowest files (${Math.min(SLOWEST, files.length)} of ${files.length})`);
  for (const { suite, file, ms, importMs, tests } of files.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST)) {
    console.log(
      `  ${seconds(ms)}  of it import ${seconds(importMs)}  ${count(tests.length, 'test')}  ${suite}  ${file}`,
    );
  }
  console.log('\n  suite        files   passed   failed  skipped      time');
  for (const report of run.suites) {
    if (report.leftOut !== undefined) continue;
    const { passed, failed, skipped } = countsOf(report);
    const numbers = [report.files.length, passed, failed, skipped].map((n) => String(n).padStart(7)).join('  ');
    console.log(`  ${report.suite.padEnd(9)} ${numbers}  ${seconds(report.ms)}`);
  }
  const reasons = new Set(run.suites.flatMap(({ leftOut }) => leftOut ?? []));
  for (const reason of reasons) {
    const left = run.suites.filter(({ leftOut }) => leftOut === reason).map(({ suite }) => suite);
    console.log(`Left out: ${left.join(', ')}. Reason: ${reason}`);
  }
}

/** Milliseconds that each file took when it ran last on this machine, by path within the checkout. */
export function lastDurations(): ReadonlyMap<string, number> {
  const durations = new Map<string, number>();
  for (const path of reportFiles()) {
    try {
      const { suites } = JSON.parse(readFileSync(path, 'utf8')) as RunReport;
      for (const { file, ms } of suites.flatMap(({ files }) => files)) durations.set(file, ms);
    } catch {
      // Half written, or of another version: it only orders files.
    }
  }
  return durations;
}

/** Oldest first. */
function reportFiles(): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  return names.toSorted().map((name) => join(directory, name));
}

/** Writes the report outside the checkout and returns its path; only the newest are kept. */
export function saveReport(run: RunReport): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `${run.startedAt.replaceAll(':', '-')}-${process.pid}.json`);
  writeFileSync(path, `${JSON.stringify(run, undefined, 1)}\n`);
  for (const old of reportFiles().slice(0, -KEPT_REPORTS)) rmSync(old, { force: true });
  return path;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1).padStart(7)} s`;
}

function count(n: number, what: string): string {
  return `${String(n).padStart(3)} ${what}${n === 1 ? ' ' : 's'}`;
}
