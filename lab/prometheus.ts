import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { runCommand } from './command.ts';
import { withFileLock } from './file-lock.ts';
import { findOnPath } from './process.ts';

/** Paths of the programs. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
}

/**
 * Prometheus and its tool: those on the PATH, else those of Debian's package, which is unpacked into the cache and not
 * installed, so that no service starts.
 *
 * @throws Error that states why they are missing
 */
export async function findPrometheus(): Promise<PrometheusPrograms> {
  const [prometheus, promtool] = [findOnPath('prometheus'), findOnPath('promtool')];
  if (prometheus !== undefined && promtool !== undefined) return { prometheus, promtool };
  const directory = join(cacheDirectory(), 'prometheus');
  await mkdir(cacheDirectory(), { recursive: true });
  await withFileLock(`${directory}.lock`, async () => {
    if ((await readdir(directory).catch(() => [])).length === 0) await unpackInto(directory);
  });
  const programs = join(directory, 'usr', 'bin');
  return { prometheus: join(programs, 'prometheus'), promtool: join(programs, 'promtool') };
}

async function unpackInto(directory: string): Promise<void> {
  const work = await mkdtemp(`${directory}-`);
  const download = (): Promise<string> => runCommand('apt-get', ['download', 'prometheus'], { cwd: work });
  try {
    await download().catch(async () => {
      // The lists of packages are missing or old.
      await runCommand('apt-get', ['update']);
      await download();
    });
    const [file] = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    if (file === undefined) throw new Error('apt-get downloaded no package prometheus');
    await runCommand('dpkg-deb', ['--extract', join(work, file), join(work, 'root')]);
    await rename(join(work, 'root'), directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
