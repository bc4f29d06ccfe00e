import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../../lab/components/temporal.ts';
import { SearchAttribute } from '../../../src/protocol/index.ts';

const root = join(import.meta.dirname, '..', '..', '..');
type Versions = Readonly<Record<string, string>>;
const manifestOf = (folder: string) =>
  JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Versions;
    readonly devDependencies: Versions;
  };
const lab = manifestOf('lab');

/** What the modules of the lab import, by import declarations and by calls. */
function imported(): string[] {
  const files = globSync('lab/**/*.ts', { cwd: root });
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/(?:from|import|import\() ?'([^']+)'/g)].map(([, name]) => name!));
}

it('the lab declares every package that it imports, and no other', () => {
  const packages = imported().filter((name) => !name.startsWith('.') && !name.startsWith('node:'));
  expect([...new Set(packages)].sort()).toEqual(Object.keys(lab.devDependencies).sort());
});

it('the lab has only development dependencies, so that an installation for production has none of them', () => {
  expect(lab.dependencies).toBeUndefined();
});

it('the lab and the package use the same version of a package that both use', () => {
  const { dependencies = {}, devDependencies } = manifestOf('.');
  const ours: Versions = { ...dependencies, ...devDependencies };
  const shared = Object.entries(lab.devDependencies).filter(([name]) => name in ours);
  expect(shared).toEqual(shared.map(([name]) => [name, ours[name]!.replace('^', '')]));
});

it('the lab registers the search attributes of the package', () => {
  expect([...SEARCH_ATTRIBUTES].sort()).toEqual(
    Object.values(SearchAttribute)
      .map(({ name }) => name)
      .sort(),
  );
});

it('every package of the lockfile has a checksum and names no registry', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<
      Record<string, { readonly integrity?: string; readonly link?: true; resolved?: string }>
    >;
  };
  const fetched = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
  expect(fetched.length).toBeGreaterThan(100);
  expect(fetched.filter(([, { integrity }]) => integrity === undefined)).toEqual([]);
  expect(fetched.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
