import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { byLane } from '../../support/lane.ts';

const BYTES = byLane({ test: 400_000, all: 2_000_000 });
/** Processor time beyond that for a benign input of the same size. */
const LIMIT_MS = 100;
/** Ends a check that would take hours; below vitest's own limit. */
const HANGS_AFTER_MS = 340_000;

interface Measurement {
  readonly check: string;
  readonly input: string;
  /** Absent where it began. */
  readonly ms?: number;
}

it(`checks hostile input within ${LIMIT_MS} ms of processor time`, async () => {
  const program = new URL('../../support/hostile/measure.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, String(BYTES), String(LIMIT_MS)], { timeout: HANGS_AFTER_MS });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const measured = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Measurement);
  const last = measured.at(-1)!;
  expect(last.ms, `${last.check} with ${last.input} did not end; ${errors}`).toBeDefined();
  expect(measured.filter(({ ms = 0 }) => ms > LIMIT_MS)).toEqual([]);
});
