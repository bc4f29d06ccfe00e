import { availableParallelism, totalmem } from 'node:os';
import { median } from '../measure.ts';
import type { Target } from '../targets.ts';

/** One measured quantity: a value for each round. */
export interface Figure {
  /** `mode.quantity`, or `mode.quantity.process`. */
  readonly name: string;
  readonly unit: string;
  readonly values: readonly number[];
}

export interface ReportedFigure {
  readonly unit: string;
  readonly median: number;
  /** Smallest and largest value. */
  readonly spread: readonly [number, number];
  readonly rounds: number;
  /** In words. */
  readonly target?: string;
}

/** The targets stand next to the figures and are not asserted: this machine may do something else at the same time. */
export function report(figures: readonly Figure[], targets: readonly Target[]): Record<string, ReportedFigure> {
  return Object.fromEntries(
    figures
      .filter(({ values }) => values.length > 0)
      .map(({ name, unit, values }) => {
        const target = targets.find(({ figure }) => figure === name);
        const reported: ReportedFigure = {
          unit,
          median: rounded(median(values)),
          spread: [rounded(Math.min(...values)), rounded(Math.max(...values))],
          rounds: values.length,
          ...(target === undefined ? {} : { target: inWords(target) }),
        };
        return [name, reported];
      }),
  );
}

/** The lines of a Markdown table. */
export function table(reported: Readonly<Record<string, ReportedFigure>>): string[] {
  const rows = Object.entries(reported).map(([name, { unit, median: middle, spread, rounds, target = '' }]) => [
    name,
    `${middle} ${unit}`,
    rounds === 1 ? '' : `${spread[0]} to ${spread[1]}`,
    target,
  ]);
  const all = [['figure', 'median', 'spread', 'target'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(all[0]!), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)];
}

/** The value that so many percent of the values do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? NaN;
}

/** What was measured on, in words. */
export function machine(): string {
  return (
    `${availableParallelism()} cores and ${Math.round(totalmem() / 2 ** 30)} GiB for worker, Temporal's development ` +
    'server, API server, etcd, controllers, scheduler, simulated nodes and client'
  );
}

function inWords({ least, below }: Target): string {
  return least === undefined ? `below ${below}` : `at least ${least}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(value >= 1000 ? 5 : 3));
}
