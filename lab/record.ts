import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import type { Lab, LabMode } from './contract.ts';
import { identifyProcess, isAlive, isGroupAlive, type ProcessIdentity } from './process-identity.ts';

/** Something of a lab that outlives a crash of the process that made it. */
export type LabResource =
  /** With its whole process group. */
  | ({ readonly kind: 'process'; readonly name: string } & ProcessIdentity)
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'network-interface'; readonly name: string }
  /** A folder of a cgroup hierarchy with the folders below it. */
  | { readonly kind: 'cgroup'; readonly path: string };

export const LAB_DIRECTORY_PREFIX = 'temporal-spark-lab-';

/** What other processes may know of a running lab. */
export type LabDescription = Pick<Lab, 'kubeconfig' | 'temporal' | 'sparkImages'>;

interface RecordedLab {
  readonly id: string;
  readonly mode: LabMode;
  readonly directory: string;
  readonly owner: ProcessIdentity;
  readonly startedAt: string;
  /** Absent until it is up. */
  description?: LabDescription;
  /** In the order of their making. */
  resources: LabResource[];
}

/**
 * What a running lab has made, on disk before and after each making, so that it can be unmade by the next start if
 * its owner is killed. Synchronous throughout: the last place where it is used is the owner's `exit` event.
 */
export class LabRecord {
  readonly #file: string;
  readonly #lab: RecordedLab;

  private constructor(file: string, lab: RecordedLab) {
    this.#file = file;
    this.#lab = lab;
  }

  /** Starts the record of a lab that this process owns, and makes its directory. */
  static create(mode: LabMode, cache = cacheDirectory()): LabRecord {
    const id = randomBytes(4).toString('hex');
    const directory = mkdtempSync(join(tmpdir(), `${LAB_DIRECTORY_PREFIX}${id}-`));
    const owner = identifyProcess(process.pid);
    if (owner === undefined) throw new Error('Cannot find this process in the process table.');
    const record = new LabRecord(join(recordDirectory(cache), `${id}.json`), {
      id,
      mode,
      directory,
      owner,
      startedAt: new Date().toISOString(),
      resources: [{ kind: 'directory', path: directory }],
    });
    record.#save();
    return record;
  }

  static list(cache = cacheDirectory()): LabRecord[] {
    const directory = recordDirectory(cache);
    return readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        try {
          const file = join(directory, name);
          return [new LabRecord(file, JSON.parse(readFileSync(file, 'utf8')) as RecordedLab)];
        } catch {
          return []; // Just released by its owner.
        }
      });
  }

  get id(): string {
    return this.#lab.id;
  }

  get mode(): LabMode {
    return this.#lab.mode;
  }

  get directory(): string {
    return this.#lab.directory;
  }

  get owner(): ProcessIdentity {
    return this.#lab.owner;
  }

  get startedAt(): string {
    return this.#lab.startedAt;
  }

  get description(): LabDescription | undefined {
    return this.#lab.description;
  }

  get resources(): readonly LabResource[] {
    return this.#lab.resources;
  }

  get orphaned(): boolean {
    return !isAlive(this.#lab.owner);
  }

  describe(description: LabDescription): void {
    this.#lab.description = description;
    this.#save();
  }

  /** Call it before the resource is made, wherever its name is known by then. */
  add(resource: LabResource): void {
    this.#lab.resources.push(resource);
    this.#save();
  }

  remove(resource: LabResource): void {
    this.#lab.resources = this.#lab.resources.filter((other) => other !== resource);
    this.#save();
  }

  /** Unmakes what is left, first the processes, which hold the rest, and forgets the lab. Safe to call twice. */
  release(options: { readonly keepLogs?: boolean } = {}): void {
    const lastFirst = this.#lab.resources.toReversed();
    const processes = lastFirst.filter(({ kind }) => kind === 'process');
    for (const resource of [...processes, ...lastFirst.filter(({ kind }) => kind !== 'process')]) {
      const isLabDirectory = resource.kind === 'directory' && resource.path === this.#lab.directory;
      if (isLabDirectory && options.keepLogs === true) emptyExceptLogs(resource.path);
      else unmake(resource);
    }
    this.#lab.resources = [];
    rmSync(this.#file, { force: true });
  }

  #save(): void {
    const temporary = `${this.#file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(this.#lab, null, 2));
    renameSync(temporary, this.#file);
  }
}

/** Unmakes the labs whose owner died without doing so; returns their IDs. */
export function sweepOrphanedLabs(cache = cacheDirectory()): string[] {
  return LabRecord.list(cache)
    .filter((record) => record.orphaned)
    .map((record) => {
      record.release();
      return record.id;
    });
}

function recordDirectory(cache: string): string {
  const directory = join(cache, 'labs');
  mkdirSync(directory, { recursive: true });
  return directory;
}

function unmake(resource: LabResource): void {
  switch (resource.kind) {
    case 'process':
      killGroup(resource);
      return;
    case 'directory':
      // What is still mounted there belongs to another process.
      if (isMounted(resource.path)) return;
      rmSync(resource.path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      return;
    case 'network-interface':
      removeInterface(resource.name);
      return;
    case 'cgroup':
      removeCgroup(resource.path);
      return;
    default:
      resource satisfies never;
  }
}

/** A component leads its own process group; while the leader's identity fits, the group is ours. */
function killGroup(identity: ProcessIdentity): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(-identity.pid, 'SIGKILL');
  } catch {
    return; // Gone in the meantime.
  }
  const deadline = Date.now() + 5000;
  while (isGroupAlive(identity.pid) && Date.now() < deadline) sleepSync(10);
}

/** Nothing is left where nothing was logged. */
function emptyExceptLogs(directory: string): void {
  const logs = join(directory, 'logs');
  for (const path of readdirSync(directory).map((name) => join(directory, name))) {
    if (path !== logs) rmSync(path, { recursive: true, force: true });
  }
  if (existsSync(logs) && readdirSync(logs).length > 0) return;
  rmSync(directory, { recursive: true, force: true });
}

function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** True where something is mounted at the path or below it. */
function isMounted(path: string): boolean {
  if (process.platform !== 'linux') return false;
  const mountPoints = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1]?.replaceAll('\\040', ' '));
  return mountPoints.some((mountPoint) => mountPoint === path || mountPoint?.startsWith(`${path}/`));
}

/** The processes in it have just been killed, and it is busy until the last of them is gone. */
function removeCgroup(path: string): void {
  const deadline = Date.now() + 2000;
  while (existsSync(path)) {
    try {
      for (const folder of foldersBelow(path)) rmdirSync(folder);
      rmdirSync(path);
    } catch {
      if (Date.now() > deadline) return; // Only empty folders are left, which are harmless.
      sleepSync(20);
    }
  }
}

/** Deepest first. */
function foldersBelow(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [...foldersBelow(join(path, name)), join(path, name)]);
}

function removeInterface(name: string): void {
  try {
    execFileSync('ip', ['link', 'delete', name], { stdio: 'ignore' });
  } catch {
    // Gone with the namespace at its other end.
  }
}
