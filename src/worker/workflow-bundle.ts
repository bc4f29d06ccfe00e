import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/**
 * The built-in workflows as `npm run build` bundled them, for the version of Temporal's SDK that is installed. `undefined`
 * without a bundle for it, and where the sources run: the worker bundles the workflows itself then.
 */
export async function builtWorkflowBundle(): Promise<{ code: string } | undefined> {
  const { version } = createRequire(import.meta.url)('@temporalio/worker/package.json') as { version: string };
  try {
    const compressed = await readFile(new URL(`./workflow-bundle-${version}.js.br`, import.meta.url));
    return { code: (await promisify(brotliDecompress)(compressed)).toString() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
