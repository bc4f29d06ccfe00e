import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { runCommand } from './command.ts';

/**
 * A directory for PYTHONPATH with PyPI's pyspark-client, the Spark Connect client without Spark, and what it needs: it is
 * installed with pip (about 300 MB) where the cache does not have it yet.
 */
export async function sparkClient(version: string): Promise<string> {
  const home = join(cacheDirectory(), 'pyspark-client', version);
  if (existsSync(join(home, 'complete'))) return home;
  await mkdir(dirname(home), { recursive: true });
  const work = await mkdtemp(`${home}.`);
  try {
    await runCommand('pip3', ['install', '--quiet', '--no-cache-dir', '--target', work, `pyspark-client==${version}`]);
    await writeFile(join(work, 'complete'), '');
    await rm(home, { recursive: true, force: true });
    await rename(work, home);
    return home;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
