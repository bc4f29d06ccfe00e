import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const LIMIT = 300;

/** Written by scripts, and not meant to be read from top to bottom. */
const GENERATED = ['src/manifest/manifest-types.ts'];

/** Being split; empty this list, and do not add to it. */
const TOO_LONG_FOR_NOW = ['src/workflows/pipeline/unit-runner.ts'];

const root = join(import.meta.dirname, '..', '..', '..');
const exempt = new Set([...GENERATED, ...TOO_LONG_FOR_NOW]);
const files = globSync('{src,lab}/**/*.{ts,mts,js,mjs}', { cwd: root }).sort();

const linesOf = (file: string): number => readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length;

it(`no file of src/ and lab/ has more than ${LIMIT} lines`, () => {
  expect(files.length).toBeGreaterThan(300);
  const long = files.filter((file) => !exempt.has(file) && linesOf(file) > LIMIT);
  expect(long.map((file) => `${file}: ${linesOf(file)} lines`)).toEqual([]);
});
