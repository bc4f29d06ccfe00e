import type { LabProgress } from './contract.ts';

/** Prints each step that took long enough to notice, with its time; a long one also when it begins to be long. */
export function progressPrinter(
  write: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): (progress: LabProgress) => void {
  const announce = new Map<string, NodeJS.Timeout>();
  return ({ step, status, elapsedMs, detail }) => {
    if (status === 'started') {
      announce.set(
        step,
        setTimeout(() => write(`  … ${step}${detail === undefined ? '' : `: ${detail}`}`), 1_000),
      );
      return;
    }
    clearTimeout(announce.get(step));
    announce.delete(step);
    const mark = status === 'done' ? '✓' : '✗';
    write(`  ${mark} ${step} ${(elapsedMs / 1000).toFixed(1)} s${detail === undefined ? '' : `: ${detail}`}`);
  };
}
