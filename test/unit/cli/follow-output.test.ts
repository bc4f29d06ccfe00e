import headless from '@xterm/headless';
import { expect, it, vi } from 'vitest';
import { applicationLine, pipelineLine } from '../../../src/cli/commands/run/moving-line.ts';
import { followOutput } from '../../../src/cli/output/follow-output.ts';
import type { SparkApplicationDescription } from '../../../src/client/index.ts';
import type { SparkPipelineStatus } from '../../../src/protocol/index.ts';

const COLUMNS = 40;

/** A terminal, and what a person sees on it. */
function terminal() {
  const screen = new headless.Terminal({ cols: COLUMNS, rows: 12, allowProposedApi: true, convertEol: true });
  let written = Promise.resolve();
  const write = (text: string): boolean => {
    written = written.then(() => new Promise((resolve) => screen.write(text, resolve)));
    return true;
  };
  const read = async (): Promise<string[]> => {
    await written;
    const buffer = screen.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, row) => buffer.getLine(row)!.translateToString(true));
    return lines.filter((line) => line !== '');
  };
  return { stream: { isTTY: true, columns: COLUMNS, rows: 12, write }, read };
}

it('draws one line for each object below the lines that stay', async () => {
  const { stream, read } = terminal();
  const output = await followOutput('text', stream);
  output.print('Started spark/etl/a');
  output.move('a', 'a  RUNNING');
  output.move('b', 'b  QUEUED');
  output.print('   3 s  RUNNING');
  output.move('a', `a  RUNNING, ${'x'.repeat(COLUMNS)}\u001b[2J`);
  expect(await read()).toEqual([
    'Started spark/etl/a',
    '   3 s  RUNNING',
    `a  RUNNING, ${'x'.repeat(COLUMNS - 13)}…`,
    'b  QUEUED',
  ]);
  output.move('b', undefined);
  output.end();
  output.print('COMPLETED');
  expect(await read()).toEqual(['Started spark/etl/a', '   3 s  RUNNING', 'COMPLETED']);
});

it('counts the objects for which there is no room', async () => {
  const { stream, read } = terminal();
  const output = await followOutput('text', stream);
  for (let object = 0; object < 8; object += 1) output.move(String(object), `line ${object}`);
  expect(await read()).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4', '… and 3 more']);
});

it('draws nothing that moves where the output is no terminal', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const write = vi.fn(() => true);
  const output = await followOutput('text', { isTTY: false, columns: COLUMNS, rows: 12, write });
  output.move('a', 'a  RUNNING');
  output.print('RUNNING');
  output.end();
  expect(log.mock.calls).toEqual([['RUNNING']]);
  expect(write).not.toHaveBeenCalled();
  log.mockRestore();
});

it('describes what an application and a pipeline do now in one line', () => {
  const startTime = new Date('2026-11-30T12:00:00Z');
  const now = startTime.getTime() + 72_000;
  const running = {
    ...{ workflowId: 'spark/etl/pi', state: 'RUNNING', startTime, pending: [] },
    status: { state: 'RUNNING', executors: { running: 3, pending: 1 } },
    driver: {
      progress: {
        jobs: 1,
        stages: { completed: 1, running: 1, total: 5 },
        tasks: { completed: 120, running: 4, failed: 0, total: 400 },
        runningStages: [],
      },
    },
  } as unknown as SparkApplicationDescription;
  expect(applicationLine(running, now)).toBe(
    'spark/etl/pi  RUNNING after 1m12s, executors: 3 running, 1 pending, 1 job, stages 1 of 5, tasks 120 of 400',
  );
  expect(applicationLine({ ...running, closeTime: new Date(now) }, now)).toBeUndefined();
  const pipeline = {
    ...{ state: 'RUNNING', startedAt: startTime.toISOString() },
    stages: [{ state: 'SUCCEEDED' }, { state: 'RUNNING' }, { state: 'PENDING' }, { state: 'PENDING' }],
  } as unknown as SparkPipelineStatus;
  expect(pipelineLine('pipeline/etl/weekly/monday', pipeline, now)).toBe(
    'pipeline/etl/weekly/monday  RUNNING after 1m12s, 4 stages: 1 succeeded, 1 running, 2 pending',
  );
});
