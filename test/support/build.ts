import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export const root: string = join(import.meta.dirname, '..', '..');

/** Builds the package into dist/, as `npm pack` would. */
export function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
