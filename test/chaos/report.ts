import { blowName } from './fault.ts';
import type { Harm } from './invariants.ts';
import type { MatrixReport } from './matrix.ts';
import { nameOf } from './points.ts';

const HARMS: readonly Harm[] = ['lost', 'doubled', 'early', 'stuck'];

/** The report as text, whose last line is the sum, and whether anything came to harm. */
export function report(
  { outcomes, lanes, invariants, violations }: MatrixReport,
  seconds: number,
): { readonly text: string; readonly harmed: boolean } {
  const harms = [...outcomes.flatMap((outcome) => outcome.violations), ...violations];
  const count = (harm: Harm, of = harms) => of.filter((violation) => violation.harm === harm).length;
  const header = ['broken', 'points', 'reached', 'times', 'seconds', ...HARMS];
  const rows = lanes.map(({ blow, points, blows, seconds }) => {
    const own = outcomes.filter((outcome) => blowName(outcome.blow) === blowName(blow));
    const reached = own.filter((outcome) => outcome.reached).length;
    const harmed = own.flatMap((outcome) => outcome.violations);
    return [blowName(blow), points, reached, blows, seconds.toFixed(0), ...HARMS.map((harm) => count(harm, harmed))];
  });
  const missed = outcomes.filter(({ reached }) => !reached);
  const lines = [
    '',
    ...table([header, ...rows]),
    '',
    ...missed.map(({ blow, point }) => `Not reached: ${blowName(blow)} | ${nameOf(point)}`),
    ...outcomes.flatMap(({ blow, point, violations }) =>
      violations.map(({ harm, what }) => `${harm.toUpperCase()}: ${blowName(blow)} | ${nameOf(point)} | ${what}`),
    ),
    ...violations.map(({ harm, what }) => `${harm.toUpperCase()}: ${what}`),
    `In ${seconds.toFixed(0)} s; the worker ended by itself ${lanes.reduce((sum, lane) => sum + lane.workerExits, 0)} times and was started again.`,
    `${outcomes.length} fault points, ${invariants} invariants checked, ${HARMS.map((harm) => `${count(harm)} ${harm}`).join(', ')}`,
  ];
  return { text: lines.join('\n'), harmed: harms.length > 0 || missed.length > 0 };
}

function table(rows: readonly (readonly (string | number)[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? String(cell).padEnd(widths[0]!) : String(cell).padStart(widths[column]!)))
      .join('  '),
  );
}
