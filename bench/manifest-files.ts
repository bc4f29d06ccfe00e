import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sparkPi } from '../test/support/manifests.ts';

const FILES = 15_000;

/** Writes 15,000 files of a typical manifest, in folders of 150, and removes them after the work. */
export async function withManifestFiles<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-bench-'));
  try {
    for (let index = 0; index < FILES; index++) {
      const folder = join(directory, String(index % 100));
      if (index < 100) await mkdir(folder);
      await writeFile(join(folder, `${index}.yaml`), stringify(sparkPi({ name: `pi-${index}` })));
    }
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
