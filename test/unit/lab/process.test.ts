import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ComponentError, type ProcessSpec, Supervisor } from '../../../lab/process.ts';
import { identifyProcess } from '../../../lab/process-identity.ts';
import { LabRecord } from '../../../lab/record.ts';

describe('a supervised process', () => {
  let directory: string;
  let record: LabRecord;
  let stopping: AbortController;
  let supervisor: Supervisor;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'process-test-'));
    record = LabRecord.create('simulated', directory);
    stopping = new AbortController();
    supervisor = new Supervisor({ logDirectory: join(directory, 'logs'), record, signal: stopping.signal });
  });
  afterEach(() => {
    record.release();
    rmSync(directory, { recursive: true, force: true });
  });

  /** A shell script that is ready when it has written `ready` to its log, after the line that each start begins with. */
  const script = (name: string, text: string, more: Partial<ProcessSpec> = {}): ProcessSpec => ({
    name,
    command: 'sh',
    args: ['-c', text],
    ready: async () => {
      const log = existsSync(logFile(name)) ? readFileSync(logFile(name), 'utf8') : '';
      if (!/^(?!\[lab\]).*ready/m.test(log.slice(log.lastIndexOf('[lab]')))) throw new Error('no such output yet');
    },
    ...more,
  });
  const logFile = (name: string): string => join(directory, 'logs', `${name}.log`);
  const readLog = (name: string): string =>
    existsSync(logFile(name)) ? readFileSync(logFile(name), 'utf8').replace(/^\[lab\].*$/gm, '') : '';
  const failure = async (promise: Promise<unknown>): Promise<ComponentError> => {
    const error: unknown = await promise.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ComponentError);
    return error as ComponentError;
  };

  test('that ends before it is ready is reported at once, with its log and its last words', async () => {
    const error = await failure(supervisor.start(script('early', 'echo first; echo "no such flag" >&2; exit 3')));
    expect(error).toMatchObject({ type: 'LabComponentFailed', component: 'early', logFile: logFile('early') });
    expect(error.message).toBe(
      `early ended before it was ready (exit code 3). Log: ${logFile('early')}\nIts last lines:\n  first\n  no such flag`,
    );
  });

  test('whose program does not exist is reported by name', async () => {
    const error = await failure(supervisor.start({ ...script('absent', ''), command: '/nowhere/program', args: [] }));
    expect(error.message).toContain('/nowhere/program');
  });

  test('that is not ready in time is reported with the reason why not, and does not stay', async () => {
    const error = await failure(supervisor.start(script('slow', 'exec sleep 100', { readyTimeoutMs: 300 })));
    expect(error.message).toMatch(/^slow was not ready in time \(.*no such output yet\)/);
    expect(supervisor.components['slow']?.pid).toBeUndefined();
    expect(record.resources.filter(({ kind }) => kind === 'process')).toEqual([]);
  });

  test('can be killed and started again with the same arguments', async () => {
    const component = await supervisor.start(script('again', 'echo ready with $0; exec sleep 100'));
    const first = component.pid as number;
    await component.kill();
    expect(identifyProcess(first)).toBeUndefined();
    expect(component.pid).toBeUndefined();
    await component.start();
    expect(component.pid).not.toBe(first);
    expect(identifyProcess(component.pid as number)).toBeDefined();
    expect(readLog('again').match(/ready with sh/g)).toHaveLength(2);
    await supervisor.stop();
  });

  test('is not started twice', async () => {
    const component = await supervisor.start(script('once', 'echo ready; exec sleep 100'));
    await expect(component.start()).rejects.toThrow('once already runs');
    await supervisor.stop();
  });

  test('goes with its children', async () => {
    const component = await supervisor.start(script('parent', 'sleep 100 & echo $! ready; wait'));
    const child = Number(/(\d+) ready/.exec(readLog('parent'))?.[1]);
    expect(identifyProcess(child)).toBeDefined();
    await component.kill();
    expect(identifyProcess(child)).toBeUndefined();
  });

  test('whose child ignores SIGTERM stops with that child', async () => {
    const parent = `sh -c 'trap "" TERM; echo $$ ready; while true; do sleep 0.1; done' & wait`;
    await supervisor.start(script('outlived', parent, { stopTimeoutMs: 200 }));
    const child = Number(/(\d+) ready/.exec(readLog('outlived'))?.[1]);
    expect(identifyProcess(child)).toBeDefined();
    await supervisor.stop();
    expect(identifyProcess(child)).toBeUndefined();
  });

  test('that ignores SIGTERM is killed after a while', async () => {
    const stubborn = 'trap "" TERM; echo ready; while true; do sleep 0.1; done';
    const component = await supervisor.start(script('stubborn', stubborn, { stopTimeoutMs: 200 }));
    const pid = component.pid as number;
    await supervisor.stop();
    expect(identifyProcess(pid)).toBeUndefined();
  });

  test('stops before those that were started earlier', async () => {
    const order = join(directory, 'order');
    for (const name of ['first', 'second', 'third']) {
      await supervisor.start(
        script(name, `trap 'echo ${name} >> ${order}; exit' TERM; echo ready; while true; do sleep 0.02; done`),
      );
    }
    await supervisor.stop();
    expect(readFileSync(order, 'utf8')).toBe('third\nsecond\nfirst\n');
  });

  test('is not waited for when the lab is aborted', async () => {
    const starting = supervisor.start(script('given-up', 'exec sleep 100'));
    stopping.abort(new Error('given up'));
    await expect(starting).rejects.toThrow('given up');
    await expect(supervisor.start(script('never', 'echo ready'))).rejects.toThrow('given up');
    expect(existsSync(logFile('never'))).toBe(false);
  });
});
