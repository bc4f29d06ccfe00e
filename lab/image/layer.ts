import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheDirectory } from '../cache.ts';
import { withFileLock } from '../file-lock.ts';
import { runStep, type StepOptions } from '../step.ts';
import { runCommand } from '../command.ts';

/** One layer of an image: an uncompressed tar archive in the cache. */
export interface Layer {
  readonly file: string;
  /** Of the archive, such as `sha256:…`. */
  readonly digest: string;
  readonly bytes: number;
}

export function baseLayer(options: StepOptions): Promise<Layer> {
  return cachedLayer({ name: 'debian', script: 'base-layer.sh' }, options);
}

export function sparkLayer(version: string, base: Layer, options: StepOptions): Promise<Layer> {
  const recipe = { name: `spark-${version}`, script: 'spark-layer.sh', folders: ['files', 'examples'] };
  return cachedLayer({ ...recipe, args: [version, base.file] }, options);
}

/** What a layer is made of, in addition to the arguments; all in this folder. */
interface Recipe {
  readonly name: string;
  /** Gets an empty directory to work in, the path of the archive to write, and `args`. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Folders whose files the script uses. */
  readonly folders?: readonly string[];
}

/** From the cache, or built once for all processes. */
async function cachedLayer(recipe: Recipe, options: StepOptions): Promise<Layer> {
  const directory = join(cacheDirectory(), 'images', `${recipe.name}-${await keyOf(recipe)}`);
  const build = (): Promise<Layer> =>
    runStep(`build image layer ${recipe.name}`, () => buildLayer(recipe, directory, options.signal), options);
  return (
    (await readLayer(directory)) ??
    withFileLock(`${directory}.lock`, async () => (await readLayer(directory)) ?? build(), options.signal)
  );
}

async function keyOf({ script, args = [], folders = [] }: Recipe): Promise<string> {
  const files = [script];
  for (const folder of folders) {
    const names = await readdir(join(import.meta.dirname, folder));
    files.push(...names.toSorted().map((name) => join(folder, name)));
  }
  const hash = createHash('sha256').update(JSON.stringify([process.arch, args]));
  for (const file of files) {
    hash.update(`\0${file}\0`).update(await readFile(join(import.meta.dirname, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function buildLayer({ script, args = [] }: Recipe, directory: string, signal?: AbortSignal): Promise<Layer> {
  await mkdir(dirname(directory), { recursive: true });
  const work = await mkdtemp(join(dirname(directory), '.build-'));
  try {
    const [result, scratch] = [join(work, 'result'), join(work, 'scratch')];
    await Promise.all([mkdir(result), mkdir(scratch)]);
    const archive = join(result, 'layer.tar');
    // In its own namespaces, so that nothing it starts or mounts outlives it.
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const command = ['sh', join(import.meta.dirname, script), scratch, archive, ...args];
    await runCommand('unshare', [...namespaces, ...command], { signal });
    await writeFile(join(result, 'layer.json'), JSON.stringify(await describe(archive)));
    await rename(result, directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return (await readLayer(directory)) as Layer;
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
