import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheDirectory } from '../cache.ts';
import type { LabProgress } from '../contract.ts';
import { withFileLock } from '../file-lock.ts';

/** One layer of an image: an uncompressed tar archive in the cache. */
export interface Layer {
  readonly file: string;
  /** Of the archive, such as `sha256:…`. */
  readonly digest: string;
  readonly bytes: number;
}

export interface LayerOptions {
  readonly onProgress?: ((progress: LabProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The layer made from these inputs, from the cache or, once for all processes, by `build`, which gets an empty
 * directory to work in and the path of the archive to write.
 */
export async function cachedLayer(
  name: string,
  inputs: readonly string[],
  build: (directory: string, archive: string) => Promise<void>,
  { onProgress, signal }: LayerOptions,
): Promise<Layer> {
  const key = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
  const directory = join(cacheDirectory(), 'layers', `${name}-${key}`);
  const cached = await readLayer(directory);
  if (cached !== undefined) return cached;
  return withFileLock(
    `${directory}.lock`,
    async () => {
      const begun = Date.now();
      const report = (status: LabProgress['status'], detail: string): void =>
        onProgress?.({ step: `image layer ${name}`, status, elapsedMs: Date.now() - begun, detail });
      const built = await readLayer(directory);
      if (built !== undefined) return built;
      report('started', 'building');
      await mkdir(dirname(directory), { recursive: true });
      const work = await mkdtemp(join(dirname(directory), '.build-'));
      try {
        const result = join(work, 'result');
        const scratch = join(work, 'scratch');
        await mkdir(result);
        await mkdir(scratch);
        const archive = join(result, 'layer.tar');
        await build(scratch, archive);
        await writeFile(join(result, 'layer.json'), JSON.stringify(await describe(archive)));
        await rename(result, directory);
      } catch (error) {
        report('failed', (error as Error).message);
        throw error;
      } finally {
        await rm(work, { recursive: true, force: true });
      }
      report('done', 'built');
      return (await readLayer(directory)) as Layer;
    },
    signal,
  );
}

async function readLayer(directory: string): Promise<Layer | undefined> {
  try {
    const described = JSON.parse(await readFile(join(directory, 'layer.json'), 'utf8')) as Omit<Layer, 'file'>;
    return { file: join(directory, 'layer.tar'), ...described };
  } catch {
    return undefined;
  }
}

async function describe(archive: string): Promise<Omit<Layer, 'file'>> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(archive), hash);
  return { digest: `sha256:${hash.digest('hex')}`, bytes: (await stat(archive)).size };
}
