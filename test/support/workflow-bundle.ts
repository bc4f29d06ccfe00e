import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = join(import.meta.dirname, '..', '..');
const entry = join(import.meta.dirname, 'step-workflows.ts');
const ours = join(root, 'src', 'workflows', 'index.ts');
const sources = ['package-lock.json', 'test/support/step-workflows.ts', 'src/**/*.ts'];

export interface WorkflowBundleFile {
  readonly codePath: string;
}

let bundle: Promise<WorkflowBundleFile> | undefined;

/** The workflows of all tests: ours, which workflows share as in a worker, and those of `step-workflows.ts`. */
export function workflowBundle(): Promise<WorkflowBundleFile> {
  return (bundle ??= bundleOf(entry, [ours]));
}

/**
 * The bundle of a module of `src/`, or of the workflows of all tests, and the modules that are evaluated once. Webpack takes seconds of a core for it, so it is made
 * once for each state of the sources, and shared by all processes of a run.
 */
export async function bundleOf(
  workflowsPath: string,
  preloadModules: readonly string[] = [],
): Promise<WorkflowBundleFile> {
  const directory = join(root, 'node_modules', '.cache', 'temporal-spark');
  const codePath = join(directory, `workflows-${await fingerprint([workflowsPath, ...preloadModules])}.js`);
  if (await exists(codePath)) return { codePath };
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({ workflowsPath, preloadModules: [...preloadModules], logger });
  await mkdir(directory, { recursive: true });
  // Another process may write the same bundle: neither may see half of it.
  const temporary = `${codePath}.${process.pid}`;
  await writeFile(temporary, code);
  await rename(temporary, codePath);
  return { codePath };
}

async function fingerprint(modules: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(modules.map((module) => relative(root, module)).join('\0'));
  for (const file of globSync(sources, { cwd: root }).toSorted()) {
    hash
      .update(file)
      .update('\0')
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
