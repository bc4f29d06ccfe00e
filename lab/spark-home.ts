import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { runCommand } from './command.ts';

/**
 * The directory of a Spark that can submit: `bin` and `jars` of PyPI's pyspark, which is fetched with pip (about 400 MB)
 * where the cache does not have it yet.
 */
export async function sparkHome(version: string): Promise<string> {
  const home = join(cacheDirectory(), 'pyspark', version);
  if (existsSync(join(home, 'bin', 'spark-submit'))) return home;
  await mkdir(dirname(home), { recursive: true });
  const work = await mkdtemp(`${home}.`);
  try {
    const pip = ['download', '--quiet', '--no-cache-dir', '--no-deps', '--no-binary', 'pyspark'];
    await runCommand('pip3', [...pip, '--dest', work, `pyspark==${version}`]);
    const archive = (await readdir(work)).find((file) => file.endsWith('.tar.gz'));
    if (archive === undefined) throw new Error(`pip fetched no source distribution of pyspark ${version}`);
    const parts = ['bin', 'jars'].map((part) => `${archive.slice(0, -'.tar.gz'.length)}/deps/${part}`);
    await runCommand('tar', ['-C', work, '--strip-components=2', '-xzf', join(work, archive), ...parts]);
    await rm(join(work, archive));
    await rm(home, { recursive: true, force: true });
    await rename(work, home);
    return home;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
