import { afterEach, describe, expect, it, vi } from 'vitest';
import { followStarted } from '../../../src/cli/commands/run/follow-started.ts';
import { followPipelines } from '../../../src/cli/commands/run/run-pipeline.ts';
import type { Temporal } from '../../../src/cli/temporal.ts';
import {
  SparkPipelineFailedError,
  type SparkApplicationHandle,
  type SparkPipelineHandle,
} from '../../../src/client/index.ts';
import type { SparkPipelineResult } from '../../../src/protocol/index.ts';

const APPLICATIONS = 12;
const silent = { print: () => undefined, move: () => undefined, end: () => undefined };

/** Applications that end, or fail to be read, when it is called. */
function applications(count: number): { handles: SparkApplicationHandle[]; end: () => void; lose: () => void } {
  let end = (): void => undefined;
  let lose = (): void => undefined;
  const result = new Promise((resolve, reject) => {
    end = () => resolve({ state: 'COMPLETED' });
    lose = () => reject(new Error('the connection is lost'));
  });
  const handles = Array.from({ length: count }, (_, index) => ({
    ...{ workflowId: `spark/etl/a${index}`, runId: 'run', result: () => result },
    describe: () => Promise.resolve({ pending: [] }),
  }));
  return { handles: handles as unknown as SparkApplicationHandle[], end, lose };
}

const follow = (handles: readonly SparkApplicationHandle[]) =>
  followStarted(
    {} as Temporal,
    handles.map((handle) => ({ handle, isAttached: false })),
    { follow: true, output: 'text' },
  );

describe('following', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('ends only the output at Ctrl-C, of any number of applications', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const before = process.listeners('SIGINT');
    const { handles, end } = applications(APPLICATIONS);
    const following = follow(handles);
    const added = () => process.listeners('SIGINT').filter((listener) => !before.includes(listener));
    await vi.waitFor(() => expect(added()).toHaveLength(1));
    added()[0]!('SIGINT');
    expect(exit).toHaveBeenCalledWith(130);
    expect(lines.at(-1)).toContain(`Detached; all ${APPLICATIONS} keep running.\n`);
    expect(lines.at(-1)).toContain('temporal-spark kill spark/etl/a11');
    end();
    expect(await following).toBe(0);
    expect(process.listeners('SIGINT')).toEqual(before);
  });

  it('prints the result of a failed pipeline, and then how to run the rest', async () => {
    const result = {
      state: 'FAILED',
      counts: { FAILED: 1 },
      outputs: { rows: 3, 'a\u001bc': 1 },
    } as unknown as SparkPipelineResult;
    const error = new SparkPipelineFailedError('pipeline/etl/p/1', 'stage load failed\u001b[2J', result);
    const handle = {
      workflowId: 'pipeline/etl/p/1',
      result: () => Promise.reject(error),
      status: () => Promise.reject(error),
    };
    const lines: string[] = [];
    const output = { ...silent, print: (line: string) => void lines.push(line) };
    await followPipelines([handle as unknown as SparkPipelineHandle], output);
    expect(lines).toEqual([
      'stage load failed [2J',
      'FAILED  1 failed',
      '  rows = 3',
      '  a c = 1',
      '  To run the rest again: temporal-spark pipeline rerun pipeline/etl/p/1',
    ]);
  });

  it('prints the end of an application without what controls a terminal', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
    const failure = { cause: 'x\u001b[2J', frames: ['f\u009b2J'] };
    const result = { state: 'FAILED', failure, problem: { reason: 'a\u001bc' }, logTail: 'b\u001b[8m\n\u0007c' };
    const handle = { ...applications(1).handles[0]!, result: () => Promise.resolve(result) };
    expect(await follow([handle as unknown as SparkApplicationHandle])).toBe(1);
    const text = lines.join('\n');
    for (const shown of ['FAILED  x [2J', '  at f 2J', 'a c:', 'b [8m\n c\n---']) expect(text).toContain(shown);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('fails with the error of the result while a state is being read', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const { handles, lose } = applications(1);
    let answer = (): void => undefined;
    const state = new Promise((resolve) => (answer = () => resolve({ pending: [], stages: [] })));
    const reading = { describe: vi.fn(() => state), status: vi.fn(() => state) };
    const followed = [
      follow([{ ...handles[0]!, ...reading } as SparkApplicationHandle]),
      followPipelines([{ ...handles[0]!, ...reading } as unknown as SparkPipelineHandle], silent),
    ];
    const ended = Promise.allSettled(followed);
    await vi.waitFor(() => {
      expect(reading.describe).toHaveBeenCalled();
      expect(reading.status).toHaveBeenCalled();
    });
    lose();
    await new Promise((resolve) => setImmediate(resolve));
    answer();
    for (const each of await ended) expect(each).toMatchObject({ reason: { message: 'the connection is lost' } });
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
