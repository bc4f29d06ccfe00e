import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { PROCESS_BOUNDS, type StartedProcess } from './bounded-process.ts';
import { LaneProcess } from './lane-process.ts';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Resolves once it runs. */
async function startProcess(code: string): Promise<StartedProcess> {
  const child = spawn(process.execPath, ['-e', `${code}; console.log('ready'); setInterval(() => {}, 1e6)`]);
  children.push(child);
  const exited = once(child, 'exit').then(([exitCode, signal]) => ({
    code: exitCode as number | null,
    signal: signal as NodeJS.Signals | null,
  }));
  await once(child.stdout, 'data');
  return {
    pid: child.pid!,
    exited,
    end(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
  };
}

const matching = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

describe('a process of a lane', () => {
  it('ends at SIGTERM without a report', async () => {
    const lane = new LaneProcess('a worker', () => startProcess(''));
    await lane.run();
    await lane.stop();
    expect(children.filter(isRunning)).toEqual([]);
    expect(lane.violations).toEqual([]);
  });

  it('is killed and reported where it does not end in time after SIGTERM', async () => {
    const deaf = () => startProcess(`process.on('SIGTERM', () => {})`);
    const lane = new LaneProcess('a worker', deaf, { ...PROCESS_BOUNDS, stopWithinMs: 100 });
    await lane.run();
    await lane.stop();
    expect(children.filter(isRunning)).toEqual([]);
    expect(lane.violations).toEqual([
      { harm: 'unstopped', what: matching(/^a worker \(PID \d+\) did not end within 0.1 s of SIGTERM/) },
    ]);
    expect(lane.exits).toBe(0);
  });

  it.runIf(process.platform === 'linux')('is killed, reported and started again where it grows', async () => {
    let starts = 0;
    const growing = () => startProcess((starts += 1) === 1 ? 'globalThis.kept = Buffer.alloc(300 * 2 ** 20, 1)' : '');
    const lane = new LaneProcess('a worker', growing, { ...PROCESS_BOUNDS, memoryBytes: 250 * 2 ** 20 });
    await lane.run();
    await once(children[0]!, 'exit');
    expect(lane.violations).toEqual([
      { harm: 'memory', what: matching(/^a worker \(PID \d+\) took \d+ MiB and was killed$/) },
    ]);
    await expect.poll(() => children).toHaveLength(2);
    await lane.stop();
    expect(children.filter(isRunning)).toEqual([]);
  });

  it('does not outlive the lane where it is being started again when the lane stops', async () => {
    const lane = new LaneProcess('a worker', () => startProcess(''));
    await lane.run();
    const exited = once(children[0]!, 'exit');
    children[0]!.kill('SIGKILL');
    await exited;
    await expect.poll(() => children).toHaveLength(2);
    await lane.stop();
    expect(children.filter(isRunning)).toEqual([]);
  });

  it('is one, also where it is killed while it is being started again', async () => {
    const lane = new LaneProcess('a worker', () => startProcess(''));
    await lane.run();
    children[0]!.kill('SIGKILL');
    await expect.poll(() => children).toHaveLength(2);
    await lane.kill(() => undefined);
    expect(children.filter(isRunning)).toHaveLength(1);
    await lane.stop();
    expect(children.filter(isRunning)).toEqual([]);
  });
});
