import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const client = join(import.meta.dirname, '..', '..', '..', 'src', 'client', 'index.ts');

/** The files that a new process has loaded after an import. */
async function loadedBy(module: string): Promise<readonly string[]> {
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(module)});
    console.log(JSON.stringify(loaded));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  return JSON.parse(stdout) as string[];
}

it('a program that reads and kills applications loads no schema of manifests', async () => {
  const loaded = await loadedBy(client);
  expect(loaded.filter((url) => url.endsWith('/src/client/spark-client.ts'))).toHaveLength(1);
  const schemas = /\/node_modules\/(?:zod|yaml)\/|\/src\/manifest\/index\.ts$/;
  expect(loaded.filter((url) => schemas.test(url))).toEqual([]);
});
