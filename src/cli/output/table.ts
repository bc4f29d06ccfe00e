import { printableLine } from './printable.ts';

/** Rows below a heading, each column as wide as its widest cell. Cells are made printable. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const lines = [heading, ...rows].map((row) => row.map((cell) => printableLine(cell)));
  const widths = heading.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

/** What fits into a line of the terminal; all of it where the output is not a terminal. */
export function fitted(line: string): string {
  const { isTTY, columns } = process.stdout;
  return isTTY && line.length > columns ? `${line.slice(0, columns - 1)}…` : line;
}
