/**
 * Measures the processor time of each check with hostile inputs, beyond what a benign input of the same size takes; a
 * line of JSON for each, and one before each check. The processor time of this thread: a busy machine changes nothing.
 *
 * @module
 */
import { checks, type Check } from './checks.ts';

const BYTES = Number(process.argv[2]);
const LIMIT_MS = Number(process.argv[3]);
/** Two measurements of the same work differ by as much as half. */
const NOISE = 1.5;
/** A measurement is of one run; where it exceeds the limit, the least of so many: compilation is part of the first. */
const RUNS = 3;

for (const check of checks) {
  let leastBenign = Infinity;
  for (let run = 0; run < RUNS; run++) leastBenign = Math.min(leastBenign, await timeOf(check, check.benign(BYTES)));
  const benign = NOISE * leastBenign;
  for (const [input, make] of Object.entries(check.hostile)) {
    report({ check: check.name, input });
    let least = Infinity;
    for (let run = 0; run < RUNS && least - benign > LIMIT_MS; run++)
      least = Math.min(least, await timeOf(check, make(BYTES)));
    report({ check: check.name, input, ms: Math.round(least - benign), benign: Math.round(benign) });
  }
}

async function timeOf({ run }: Check, input: unknown): Promise<number> {
  const begun = process.threadCpuUsage();
  try {
    await run(input as never);
  } catch {
    // A refusal.
  }
  const { user, system } = process.threadCpuUsage(begun);
  return (user + system) / 1_000;
}

function report(measurement: { check: string; input: string; ms?: number; benign?: number }): void {
  process.stdout.write(`${JSON.stringify(measurement)}\n`);
}
