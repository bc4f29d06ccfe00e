import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../../lab/command.ts';
import { root } from '../support/build.ts';

/** Three times what it takes on two cores. */
const TIMEOUT_MS = 45 * 60_000;

/** Settings that lead to what this checkout, or this user, has installed or built. */
const SETTINGS = /^(npm_|node_compile_cache$|node_path$|xdg_|temporal_|gocache$|gomodcache$|gopath$|kubeconfig$)/i;

/** The environment of a new user of this machine. */
function freshEnvironment(home: string): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => !directory.includes('node_modules'));
  const settings = Object.keys(process.env).filter((name) => SETTINGS.test(name));
  return {
    ...Object.fromEntries(settings.map((name) => [name, undefined])),
    PATH: path.join(delimiter),
    HOME: home,
  };
}

it(
  'npm run demo builds everything in a fresh clone with empty caches, and runs real Spark',
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'temporal-spark-cold-'));
    onTestFinished(async () => {
      // Go makes the files of its module cache read-only.
      await runCommand('chmod', ['-R', 'u+w', directory]);
      await rm(directory, { recursive: true, force: true });
    });
    const [clone, home] = [join(directory, 'clone'), join(directory, 'home')];
    await mkdir(home);
    await runCommand('git', ['clone', '--quiet', root, clone]);
    const output = await runCommand('sh', ['-c', 'cd "$0" && npm run --silent demo -- --mode real 2>&1', clone], {
      env: freshEnvironment(home),
    });
    console.log(output);
    expect(output).toMatch(/Pi is roughly 3\.1\d+/);
    expect(output).toContain('COMPLETED, exit code 0');
    expect(await readdir(join(home, '.cache', 'temporal-spark', 'bin'))).toContain('kube-apiserver');
  },
  TIMEOUT_MS,
);
