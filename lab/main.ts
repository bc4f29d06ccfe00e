// `npm run lab -- start | stop | status | clean`: an embedded environment to work with, outside the demo and the tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { cacheDirectory } from './cache.ts';
import { LabMode, type LabOptions, type LabProgress } from './contract.ts';
import { eventually } from './eventually.ts';
import { startLab } from './lab.ts';
import { isAlive } from './process-identity.ts';
import { progressPrinter } from './progress.ts';
import { LAB_DIRECTORY_PREFIX, LabRecord, sweepOrphanedLabs } from './record.ts';

interface StartFlags {
  readonly mode: LabMode;
  readonly keep: boolean;
  readonly nodes?: number;
  readonly temporal: boolean;
  readonly persistTemporal: boolean;
  readonly audit: boolean;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** What a kept lab reports to the command that started it. */
type KeeperMessage = { readonly progress: LabProgress } | { readonly id: string } | { readonly error: string };

const program = new Command('npm run lab --').description('An embedded Temporal and Kubernetes to work with.');

program
  .command('start')
  .description('Start a lab and print how to use it.')
  .addOption(new Option('--mode <mode>', 'kind of cluster').choices(Object.values(LabMode)).default(LabMode.Simulated))
  .option('--keep', 'return when it is up, and leave it up until `stop`', false)
  .option('--nodes <count>', 'nodes of a simulated cluster', wholeNumber)
  .option('--no-temporal', 'without a Temporal server')
  .option('--persist-temporal', "keep Temporal's state over a restart of its process", false)
  .option('--audit', 'keep an audit log of the API server', false)
  .option('--kubeconfig <file>', 'of an existing cluster')
  .option('--context <name>', 'of an existing cluster')
  .action((flags: StartFlags) => (flags.keep ? startKept() : start(flags)));

program
  .command('stop')
  .description('Stop a lab, including one that another process started.')
  .argument('[id]', 'of the lab; not needed where only one runs')
  .action(stop);

program.command('status').description('List the labs of this machine.').action(status);

program
  .command('clean')
  .description('Remove the leftovers of ended labs: processes, directories, logs.')
  .option('--binaries', 'also remove the programs that were downloaded or built', false)
  .option('--images', 'also remove the images of real labs', false)
  .action(clean);

try {
  await program.parseAsync();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

/** In the foreground, or, started by `startKept`, in the background: this process owns the lab either way. */
async function start(flags: StartFlags): Promise<void> {
  const report =
    process.send === undefined
      ? undefined
      : (message: KeeperMessage): void => {
          if (process.connected) process.send?.(message);
        };
  const print = progressPrinter();
  let up = false;
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error('Interrupted.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  process.once('disconnect', () => {
    if (!up) interrupt();
  });
  try {
    const lab = await startLab({
      ...labOptions(flags),
      signal: interrupted.signal,
      onProgress: (progress) => (report === undefined ? print(progress) : report({ progress })),
    });
    up = true;
    const record = LabRecord.list().find(({ directory }) => directory === lab.directory);
    if (record === undefined) throw new Error('The lab has no record.');
    if (report === undefined) {
      explain(record);
      console.log('\nCtrl-C stops it.');
    } else {
      report({ id: record.id });
    }
    const forever = setInterval(() => undefined, 2 ** 30);
    await new Promise((resolve) => {
      if (interrupted.signal.aborted) resolve(undefined);
      else interrupted.signal.addEventListener('abort', resolve, { once: true });
    });
    clearInterval(forever);
    await lab.stop();
  } catch (error) {
    report?.({ error: (error as Error).message });
    throw error;
  } finally {
    if (process.connected) process.disconnect();
  }
}

function labOptions(flags: StartFlags): LabOptions {
  const { mode, nodes, temporal, persistTemporal, audit, kubeconfig, context } = flags;
  return {
    mode,
    temporal,
    persistTemporal,
    audit,
    ...(nodes === undefined ? {} : { nodes }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}

/** Runs this same command in a separate process, which stays when this one has ended. */
async function startKept(): Promise<void> {
  const directory = join(cacheDirectory(), 'labs');
  mkdirSync(directory, { recursive: true });
  const log = openSync(join(directory, 'keeper.log'), 'a');
  const args = process.argv.slice(2).filter((argument) => argument !== '--keep');
  const keeper = spawn(process.execPath, [import.meta.filename, ...args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const id = await waitForKeeper(keeper);
  keeper.disconnect();
  keeper.unref();
  const record = LabRecord.list().find((candidate) => candidate.id === id);
  if (record === undefined) throw new Error(`Lab ${id} ended at once.`);
  explain(record);
  console.log(`\nIt stays up until: npm run lab -- stop ${id}`);
}

function waitForKeeper(keeper: ChildProcess): Promise<string> {
  const print = progressPrinter();
  return new Promise((resolve, reject) => {
    keeper.on('message', (message: KeeperMessage) => {
      if ('progress' in message) print(message.progress);
      else if ('id' in message) resolve(message.id);
      else reject(new Error(message.error));
    });
    keeper.once('error', reject);
    keeper.once('exit', (code, signal) => reject(new Error(`The lab ended before it was up (${signal ?? code}).`)));
  });
}

async function stop(id: string | undefined): Promise<void> {
  sweepOrphanedLabs();
  const records = LabRecord.list();
  const record = id === undefined && records.length === 1 ? records[0] : records.find((lab) => lab.id === id);
  if (record === undefined) {
    const running = records.map((lab) => lab.id).join(', ');
    if (running === '') throw new Error('No lab runs.');
    throw new Error(
      id === undefined ? `Which one? These run: ${running}.` : `No lab ${id} runs. These do: ${running}.`,
    );
  }
  const { owner } = record;
  process.kill(owner.pid, 'SIGTERM');
  const ended = (timeoutMs: number): Promise<boolean> =>
    eventually(`lab ${record.id} (PID ${owner.pid}) to end`, () => !isAlive(owner), { timeoutMs, intervalMs: 50 });
  await ended(60_000).catch(() => {
    process.kill(owner.pid, 'SIGKILL');
    return ended(10_000);
  });
  sweepOrphanedLabs();
  console.log(`Lab ${record.id} is stopped.`);
}

function status(): void {
  const records = LabRecord.list();
  if (records.length === 0) console.log('No lab runs.');
  for (const record of records) {
    explain(record);
    for (const resource of record.resources) {
      if (resource.kind !== 'process') continue;
      console.log(`  ${resource.name.padEnd(26)} PID ${resource.pid}${isAlive(resource) ? '' : ' (ended)'}`);
    }
  }
}

function clean(flags: { readonly binaries: boolean; readonly images: boolean }): void {
  for (const id of sweepOrphanedLabs()) console.log(`Removed lab ${id}, whose owner had ended.`);
  const inUse = new Set(LabRecord.list().map(({ directory }) => directory));
  for (const name of readdirSync(tmpdir())) {
    const directory = join(tmpdir(), name);
    if (!name.startsWith(LAB_DIRECTORY_PREFIX) || inUse.has(directory)) continue;
    rmSync(directory, { recursive: true, force: true });
    console.log(`Removed ${directory}.`);
  }
  for (const name of [...(flags.binaries ? ['bin'] : []), ...(flags.images ? ['images'] : [])]) {
    const cached = join(cacheDirectory(), name);
    rmSync(cached, { recursive: true, force: true });
    console.log(`Removed ${cached}.`);
  }
}

function explain(record: LabRecord): void {
  const state = record.orphaned ? 'its owner has ended' : `PID ${record.owner.pid}`;
  console.log(`Lab ${record.id} (${record.mode}, since ${record.startedAt}, ${state})`);
  if (record.description === undefined) {
    console.log('  not up yet');
    return;
  }
  const { kubeconfig, temporal, sparkImages } = record.description;
  console.log(`  export KUBECONFIG=${kubeconfig}`);
  if (temporal !== undefined) console.log(`  export TEMPORAL_ADDRESS=${temporal.address}`);
  if (temporal?.uiUrl !== undefined) console.log(`  Temporal UI: ${temporal.uiUrl}`);
  for (const [version, image] of Object.entries(sparkImages)) console.log(`  Spark ${version}: ${image}`);
  console.log(`  Logs: ${join(record.directory, 'logs')}`);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}
