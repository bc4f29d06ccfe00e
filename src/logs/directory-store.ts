import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { randomUUID } from 'node:crypto';
import type { ArchiveStore, ReadOptions, StoredObject } from './archive-store.ts';
import { present } from '../validation/present.ts';

/** Of files that are being written: none of ours begins with a dot. */
const UNFINISHED = '.';
/** File systems without hard links, such as some that are mounted over a network. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** An archive in a directory, such as a volume that all workers mount. */
export class DirectoryStore implements ArchiveStore {
  readonly url: string;
  private readonly directory: string;

  /** @param directory is created with the first log */
  constructor(directory: string) {
    this.directory = directory;
    this.url = pathToFileURL(directory).href.replace(/\/$/, '');
  }

  async create(folder: string, name: string, body: Uint8Array): Promise<boolean> {
    return this.writing(folder, name, body, publish);
  }

  async write(folder: string, name: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
    await this.writing(folder, name, body, rename, signal);
  }

  private async writing<T>(
    folder: string,
    name: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    publishAs: (unfinished: string, file: string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const directory = join(this.directory, folder);
    await mkdir(directory, { recursive: true });
    const unfinished = join(directory, `${UNFINISHED}${name}.${randomUUID()}`);
    try {
      const file = await open(unfinished, 'wx');
      try {
        await writeFile(file, body, present({ signal }));
        await file.datasync();
      } finally {
        await file.close();
      }
      return await publishAs(unfinished, join(directory, name));
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  async list(folder: string): Promise<readonly StoredObject[]> {
    const directory = join(this.directory, folder);
    const entries = await readdir(directory, { withFileTypes: true }).catch(ignoreMissing);
    const names = (entries ?? []).filter((entry) => entry.isFile() && !entry.name.startsWith(UNFINISHED));
    const found = await Promise.all(
      names.map(async ({ name }) => {
        const file = await stat(join(directory, name)).catch(ignoreMissing);
        return file === undefined ? [] : [{ name, bytes: file.size }];
      }),
    );
    return found.flat().sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  read(folder: string, name: string, { firstBytes, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    const end = firstBytes === undefined ? undefined : firstBytes - 1;
    return createReadStream(join(this.directory, folder, name), present({ end, signal }));
  }

  async remove(folder: string, name: string): Promise<void> {
    await rm(join(this.directory, folder, name), { force: true });
  }

  close(): void {}
}

/** Gives a file its name where no other has it. */
async function publish(unfinished: string, file: string): Promise<boolean> {
  try {
    await link(unfinished, file);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw error;
    // Not atomic: two workers that follow one log at the same moment may both create it.
    if ((await stat(file).catch(ignoreMissing)) !== undefined) return false;
    await rename(unfinished, file);
    return true;
  }
}

function ignoreMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
