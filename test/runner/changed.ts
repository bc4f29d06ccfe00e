// `npm run test:changed [-- BASE]`: runs the suites that guard what differs from the main branch, commits and
// uncommitted files alike (table in CONTRIBUTING.md).
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { suitesFor } from './guards.ts';

const root = join(import.meta.dirname, '..', '..');
const base = process.argv[2] ?? mainBranch();
const from = git('merge-base', 'HEAD', base);
const files = [
  ...git('diff', '--name-only', '--no-renames', from).split('\n'),
  ...git('ls-files', '--others', '--exclude-standard').split('\n'),
].filter((file) => file !== '');
if (files.length === 0) {
  console.log(`Nothing differs from ${base}. To compare with another commit: npm run test:changed -- COMMIT`);
  process.exit(0);
}
const suites = suitesFor(files);
console.log(`${files.length} files differ from ${base}; suites: ${suites.join(', ')}`);
const { status } = spawnSync(
  process.execPath,
  [join(import.meta.dirname, 'run.ts'), ...suites.flatMap((name) => ['--project', name])],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);

/** What was published last, where there is a remote; on a separate branch, the local main branch. */
function mainBranch(): string {
  const known = git('for-each-ref', '--format=%(refname:short)', 'refs/remotes', 'refs/heads').split('\n');
  const found = ['origin/main', 'main'].find((name) => known.includes(name));
  if (found !== undefined) return found;
  console.error('cannot find the main branch; name what to compare with: npm run test:changed -- BASE');
  process.exit(2);
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
