import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { identifyProcess, isAlive } from '../../../lab/process-identity.ts';
import { LabRecord, sweepOrphanedLabs } from '../../../lab/record.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'record-test-'));
});
afterEach(async () => {
  for (const { owner, ended } of owners.splice(0)) {
    owner.kill('SIGKILL');
    await ended;
  }
  sweepOrphanedLabs(cache);
  rmSync(cache, { recursive: true, force: true });
});

const owners: { readonly owner: ChildProcess; readonly ended: Promise<unknown> }[] = [];

interface Announcement {
  readonly id: string;
  readonly directory: string;
  /** Of the lab's only component. */
  readonly pid: number;
}

async function startOwner(ending: string, env: NodeJS.ProcessEnv = {}) {
  const script = join(import.meta.dirname, 'fixtures', 'owner.ts');
  const owner = spawn(process.execPath, [script, ending, cache], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...env },
  });
  const ended = once(owner, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  owners.push({ owner, ended });
  for await (const line of createInterface({ input: owner.stdout })) {
    return { owner, ended, lab: JSON.parse(line) as Announcement };
  }
  throw new Error('The owner printed nothing.');
}

const records = (): string[] => readdirSync(join(cache, 'labs'));

const vanish = (pid: number): Promise<boolean> =>
  eventually(`PID ${pid} to end`, () => identifyProcess(pid) === undefined, { timeoutMs: 30_000 });

describe('a lab whose owner', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'gets %s is stopped, and the owner ends by it',
    async (signal) => {
      const { owner, ended, lab } = await startOwner('wait');
      owner.kill(signal);
      expect(await ended).toEqual([null, signal]);
      expect(identifyProcess(lab.pid)).toBeUndefined();
      expect(existsSync(lab.directory)).toBe(false);
      expect(records()).toEqual([]);
    },
  );

  test.each(['throw', 'exit'])('ends otherwise (%s) is removed', async (ending) => {
    const { ended, lab } = await startOwner(ending);
    await ended;
    expect(identifyProcess(lab.pid)).toBeUndefined();
    expect(existsSync(lab.directory)).toBe(false);
    expect(records()).toEqual([]);
  });

  test('is killed loses its processes at once, and the rest at the next start', async () => {
    const { owner, ended, lab } = await startOwner('wait');
    owner.kill('SIGKILL');
    await ended;
    if (process.platform === 'linux') await vanish(lab.pid);
    expect(existsSync(lab.directory)).toBe(true);
    expect(sweepOrphanedLabs(cache)).toEqual([lab.id]);
    expect(existsSync(lab.directory)).toBe(false);
    expect(records()).toEqual([]);
  });

  test('is killed where processes do not die with their parent loses them at the next start', async () => {
    const { owner, ended, lab } = await startOwner('wait', { PATH: '/nowhere' }); // So setpriv is not found.
    owner.kill('SIGKILL');
    await ended;
    expect(identifyProcess(lab.pid)).toBeDefined();
    sweepOrphanedLabs(cache);
    expect(identifyProcess(lab.pid)).toBeUndefined();
    expect(existsSync(lab.directory)).toBe(false);
  });

  test('lives is left alone', async () => {
    const { lab } = await startOwner('wait');
    expect(sweepOrphanedLabs(cache)).toEqual([]);
    expect(identifyProcess(lab.pid)).toBeDefined();
    expect(existsSync(lab.directory)).toBe(true);
  });
});

describe('the record of a lab', () => {
  test('distinguishes its processes from others with the same PID', () => {
    const stranger = spawn('sleep', ['100'], { detached: true });
    onTestFinished(() => void stranger.kill('SIGKILL'));
    const identity = identifyProcess(stranger.pid as number);
    if (identity === undefined) throw new Error('sleep did not start');
    const record = LabRecord.create('simulated', cache);
    record.add({ kind: 'process', name: 'component', pid: identity.pid, startedAt: 'before the last reboot' });
    record.release();
    expect(isAlive(identity)).toBe(true);
  });

  test('distinguishes the owner from another process with the same PID', () => {
    const record = LabRecord.create('simulated', cache);
    const file = join(cache, 'labs', `${record.id}.json`);
    const { id, mode, directory } = record;
    const owner = { pid: process.pid, startedAt: 'before the last reboot' };
    writeFileSync(
      file,
      JSON.stringify({ id, mode, directory, owner, resources: [{ kind: 'directory', path: directory }] }),
    );
    expect(sweepOrphanedLabs(cache)).toEqual([id]);
    expect(existsSync(directory)).toBe(false);
  });

  test('can be released with the logs left, twice', () => {
    const record = LabRecord.create('simulated', cache);
    onTestFinished(() => rmSync(record.directory, { recursive: true }));
    mkdirSync(join(record.directory, 'logs'));
    writeFileSync(join(record.directory, 'logs', 'etcd.log'), 'panic');
    mkdirSync(join(record.directory, 'etcd'));
    record.release({ keepLogs: true });
    record.release();
    expect(readdirSync(record.directory)).toEqual(['logs']);
    expect(records()).toEqual([]);
  });

  test('leaves nothing where nothing was logged', () => {
    const record = LabRecord.create('simulated', cache);
    mkdirSync(join(record.directory, 'logs'));
    record.release({ keepLogs: true });
    expect(existsSync(record.directory)).toBe(false);
  });
});
