import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = join(import.meta.dirname, '..', '..');
const entry = join(import.meta.dirname, 'step-workflows.ts');
const sources = ['package-lock.json', 'test/support/step-workflows.ts', 'src/**/*.ts'];

export interface WorkflowBundleFile {
  readonly codePath: string;
}

let bundle: Promise<WorkflowBundleFile> | undefined;

/** The workflows of all tests: ours and those of `step-workflows.ts`. */
export function workflowBundle(): Promise<WorkflowBundleFile> {
  return (bundle ??= bundleOf(entry));
}

/**
 * The bundle of a module of `src/`, or of the workflows of all tests. Webpack takes seconds of a core for it, so it is made
 * once for each state of the sources, and shared by all processes of a run.
 */
export async function bundleOf(workflowsPath: string): Promise<WorkflowBundleFile> {
  const directory = join(root, 'node_modules', '.cache', 'temporal-spark');
  const codePath = join(directory, `workflows-${await fingerprint(workflowsPath)}.js`);
  if (await exists(codePath)) return { codePath };
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  await mkdir(directory, { recursive: true });
  // Another process may write the same bundle: neither may see half of it.
  const temporary = `${codePath}.${process.pid}`;
  await writeFile(temporary, code);
  await rename(temporary, codePath);
  return { codePath };
}

async function fingerprint(workflowsPath: string): Promise<string> {
  const hash = createHash('sha256').update(relative(root, workflowsPath));
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
