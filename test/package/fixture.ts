import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../support/build.ts';

interface Conditions {
  readonly import: { readonly types: string; readonly default: string };
  readonly require: { readonly types: string; readonly default: string };
}

export const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly exports: Readonly<Record<string, Conditions | string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

/** An empty project into which npm installed the packed tarball, with what it depends on and nothing else. */
export interface Project extends Disposable {
  readonly path: string;
  readonly tarball: string;
  /** Where the package is. */
  readonly installed: string;
  /** What node prints with these arguments. */
  node(...args: string[]): string;
  /** What a module of the project prints as JSON. */
  evaluate(code: string): unknown;
  /** Runs a command of this repository's dependencies. */
  run(command: string, ...args: string[]): string;
}

/** A prefix into which npm installed the tarball for all projects, as `npm install --global` does. */
export interface GlobalInstall extends Disposable {
  /** What the command prints, found on the PATH as in a shell. */
  run(...args: string[]): string;
}

/** Installs the command for all projects, or, as `npm link` does, a link to the built checkout in `link`. */
export function installGlobally(
  path: string,
  target: { readonly tarball: string } | { readonly link: string },
): GlobalInstall {
  const prefix = mkdtempSync(join(path, 'prefix-'));
  const settings = ['--silent', '--prefer-offline', '--no-audit', '--no-fund'];
  const isLink = 'link' in target;
  const args = isLink ? ['link', ...settings] : ['install', '--global', ...settings, target.tarball];
  // As an option, the prefix would also name the project that is linked.
  const env = { ...process.env, npm_config_prefix: prefix };
  execFileSync('npm', args, { cwd: isLink ? target.link : path, env, stdio: ['ignore', 'ignore', 'inherit'] });
  // The program of Node that runs this, before any other of the machine.
  const PATH = [join(prefix, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
  return {
    run: (...words) =>
      execFileSync('temporal-spark', words, { cwd: '/', encoding: 'utf8', env: { ...process.env, PATH } }),
    [Symbol.dispose]: () => rmSync(prefix, { recursive: true, force: true }),
  };
}

export function installPackage(): Project {
  const path = mkdtempSync(join(tmpdir(), 'temporal-spark-package-'));
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module', private: true }));
  cpSync(join(root, 'test/package/consumers'), path, { recursive: true });
  // `npm pack` builds first (prepack).
  const pack = ['pack', '--silent', '--pack-destination', path];
  execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const tarball = readdirSync(path).find((name) => name.endsWith('.tgz'))!;
  const types = `@types/node@${packageJson.devDependencies['@types/node']}`;
  const install = ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`, types];
  execFileSync('npm', install, { cwd: path, stdio: ['ignore', 'ignore', 'inherit'] });
  const execute = (file: string, args: string[]): string => {
    try {
      return execFileSync(file, args, { cwd: path, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${[file, ...args].join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  };
  const node = (...args: string[]) => execute(process.execPath, args);
  return {
    path,
    tarball: join(path, tarball),
    installed: join(path, 'node_modules', 'temporal-spark'),
    node,
    evaluate: (code) => JSON.parse(node('--input-type=module', '--eval', code)) as unknown,
    run: (command, ...args) => execute(join(root, 'node_modules', '.bin', command), args),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
