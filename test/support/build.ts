import { join } from 'node:path';
import { execa } from 'execa';

export const root: string = join(import.meta.dirname, '..', '..');

/** Builds the package into dist/, as `npm pack` would. It takes long: a worker of the same process runs on meanwhile. */
export async function build(): Promise<void> {
  await execa('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
