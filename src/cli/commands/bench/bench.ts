import { ExitCode } from '../../exit-code.ts';
import type { OutputFlags } from '../../flags.ts';
import { benchSubmitters, type BenchResult } from './bench-submitters.ts';
import { present } from '../../../validation/present.ts';

export interface BenchFlags extends OutputFlags {
  readonly submitter: readonly string[];
  readonly apps: number;
  readonly inFlight: number;
  readonly namespace?: string;
  readonly kubeContext?: string;
  readonly serviceAccount: string;
  readonly sparkVersion?: string;
  readonly submittersFile?: string;
  readonly sparkHome?: string;
}

/** Measures submitters and prints a row for each. Exit code 1 where a submission failed. */
export async function bench(flags: BenchFlags): Promise<ExitCode> {
  const { submitter: submitters, apps: applications, inFlight, serviceAccount, output } = flags;
  const { namespace, kubeContext, submittersFile, sparkHome, sparkVersion } = flags;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error('Interrupted; created drivers are deleted.'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const results: BenchResult[] = [];
  if (output === 'text') console.log(row(HEADER));
  for await (const result of benchSubmitters({
    ...{ submitters, applications, inFlight, serviceAccount, signal: interrupted.signal },
    ...present({ namespace }),
    ...(kubeContext === undefined ? {} : { kubernetes: { context: kubeContext } }),
    ...present({ submittersFile, sparkHome, sparkVersion }),
  })) {
    results.push(result);
    if (output === 'text') console.log(text(result));
  }
  if (output === 'json') console.log(JSON.stringify(results));
  return results.some(({ failed }) => failed > 0) ? ExitCode.Failed : ExitCode.Ok;
}

const HEADER = ['submitter', 'per second', 'p50', 'p95', 'p99', 'max', 'CPU each', 'memory', 'failed'];
const WIDTHS = [16, 11, 9, 9, 9, 9, 10, 9, 0];

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(WIDTHS[index]!))
    .join(' ')
    .trimEnd();

function text({ submitter, perSecond, latencyMs, cpuMs, memoryMiB, failed, failure }: BenchResult): string {
  const { p50, p95, p99, max } = latencyMs;
  const ms = (value: number) => (Number.isNaN(value) ? '-' : `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`);
  const line = row([
    submitter,
    perSecond < 10 ? perSecond.toFixed(2) : perSecond.toFixed(0),
    ...[p50, p95, p99, max, cpuMs].map(ms),
    `${memoryMiB.toFixed(0)} MiB`,
    String(failed),
  ]);
  return failure === undefined ? line : `${line}\n  first failure: ${failure}`;
}
