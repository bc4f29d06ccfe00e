import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Tinypool } from 'tinypool';
import type { ManifestFile } from '../../manifest-files.ts';
import type { CheckFileOptions, FileReport } from './check-file.ts';

/** Files that a thread is given at once. */
const BATCH = 100;
/** Each thread takes some 100 MiB. */
const MOST_THREADS = 8;

/** What a thread is given; plain data. */
export interface FileBatch {
  readonly files: readonly ManifestFile[];
  readonly options: Omit<CheckFileOptions, 'servers'>;
}

/** Reports on the files in their order, checked by as many threads as there are processors. */
export async function* checkInThreads(
  files: readonly ManifestFile[],
  options: FileBatch['options'],
): AsyncGenerator<FileReport> {
  const threads = Math.min(availableParallelism(), MOST_THREADS);
  const entry = new URL(`./check-batch${extname(import.meta.filename)}`, import.meta.url);
  const pool = new Tinypool({ filename: entry.href, name: 'checkBatch', minThreads: threads, maxThreads: threads });
  try {
    const batches: Promise<readonly FileReport[]>[] = [];
    for (let first = 0; first < files.length; first += BATCH) {
      const batch: FileBatch = { files: files.slice(first, first + BATCH), options };
      batches.push(pool.run(batch) as Promise<readonly FileReport[]>);
    }
    // What a batch throws is thrown in its turn.
    for (const batch of batches) batch.catch(() => undefined);
    for (const batch of batches) yield* await batch;
  } finally {
    await pool.destroy();
  }
}
