import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { runCommand } from './command.ts';
import { withFileLock } from './file-lock.ts';

const REQUIREMENTS = join(import.meta.dirname, 'tools', 'python-kubernetes', 'requirements.txt');

/**
 * A Python that has the Kubernetes client of PyPI, in a virtual environment of the cache (140 MB) that is made where it
 * is missing.
 *
 * @throws Error that states why it cannot be made
 */
export async function pythonWithKubernetes(): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
    .slice(0, 16);
  const directory = join(cacheDirectory(), 'python-kubernetes', key);
  const python = join(directory, 'bin', 'python');
  const complete = join(directory, 'complete');
  await mkdir(join(cacheDirectory(), 'python-kubernetes'), { recursive: true });
  await withFileLock(`${directory}.lock`, async () => {
    if (existsSync(complete)) return;
    await rm(directory, { recursive: true, force: true });
    // Scripts in it hold its path: it cannot be made elsewhere and moved here.
    await runCommand('python3', ['-m', 'venv', directory]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'];
    await runCommand(python, [...pip, '--requirement', REQUIREMENTS]);
    await writeFile(complete, '');
  });
  return python;
}
