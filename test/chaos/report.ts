import { blowName } from './fault.ts';
import { grouped } from './grouped.ts';
import { HARMS, type Harm } from './invariants.ts';
import type { MatrixReport } from './matrix.ts';
import { faultPointName } from './scenarios.ts';

const IN_WORDS: Readonly<Record<Harm, string>> = {
  lost: 'lost',
  doubled: 'doubled',
  early: 'early',
  stuck: 'stuck',
  starved: 'starved',
  running: 'running for an ended workflow',
  ahead: 'statuses ahead of history',
  back: 'gone back',
  behind: 'behind it in the end',
  unstopped: 'processes that did not stop',
  memory: 'processes that took too much memory',
};

/** The report as text, whose last line is the sum, and whether anything came to harm. */
export function report(
  { outcomes, lanes, invariants, left, violations }: MatrixReport,
  seconds: number,
): { readonly text: string; readonly harmed: boolean } {
  const harms = [...outcomes.flatMap((outcome) => outcome.violations), ...violations];
  const count = (harm: Harm, of = harms) => of.filter((violation) => violation.harm === harm).length;
  const header = ['scenario', 'broken', 'points', 'reached', 'times', 'seconds', ...HARMS];
  const rows = grouped(lanes, ({ plan }) => `${plan.scenario.name} ${blowName(plan.blow)}`).map((parts) => {
    const { scenario, blow } = parts[0]!.plan;
    const own = outcomes.filter((each) => each.scenario === scenario && blowName(each.blow) === blowName(blow));
    const harmed = own.flatMap((outcome) => outcome.violations);
    const sum = (of: (part: (typeof parts)[number]) => number) => parts.reduce((total, part) => total + of(part), 0);
    return [
      ...[scenario.name, blowName(blow), sum(({ plan }) => plan.points.length)],
      ...[own.filter(({ reached }) => reached).length, sum(({ blows }) => blows)],
      sum((part) => part.seconds).toFixed(0),
      ...HARMS.map((harm) => count(harm, harmed)),
    ];
  });
  const missed = outcomes.filter(({ reached }) => !reached);
  const lines = [
    '',
    ...table([header, ...rows.toSorted(([one], [other]) => String(one).localeCompare(String(other)))]),
    '',
    ...left.map((point) => `Not begun in time: ${faultPointName(point)}`),
    ...missed.map((outcome) => `Not reached: ${faultPointName(outcome)}`),
    ...outcomes.flatMap((outcome) =>
      outcome.violations.map(({ harm, what }) => `${harm.toUpperCase()}: ${faultPointName(outcome)} | ${what}`),
    ),
    ...violations.map(({ harm, what }) => `${harm.toUpperCase()}: ${what}`),
    `In ${seconds.toFixed(0)} s; the worker ended by itself ${lanes.reduce((sum, lane) => sum + lane.workerExits, 0)} times and was started again.`,
    `${outcomes.length} fault points, ${invariants} invariants checked, ${HARMS.map((harm) => `${count(harm)} ${IN_WORDS[harm]}`).join(', ')}`,
  ];
  return { text: lines.join('\n'), harmed: harms.length + missed.length + left.length > 0 };
}

function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? String(cell).padEnd(widths[column]!) : String(cell).padStart(widths[column]!),
      )
      .join('  '),
  );
}
