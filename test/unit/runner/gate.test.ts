import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import { guards, guardTable, suitesFor } from '../../runner/guards.ts';
import { Lane, suiteOf, suites } from '../../runner/suites.ts';
import { root } from '../../support/build.ts';

const files = globSync('test/**/*.test.ts', { cwd: root });

describe('the suites', () => {
  it('have each test file once', () => {
    const matches = (file: string, globs: readonly string[] = []) => globs.some((glob) => matchesGlob(file, glob));
    const suitesOf = (file: string) =>
      suites.filter(({ include, exclude }) => matches(file, include) && !matches(file, exclude));
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((file) => suitesOf(file).length !== 1)).toEqual([]);
  });

  it('have at least one file each', () => {
    expect(suites.filter(({ name }) => !files.some((file) => suiteOf(file) === name))).toEqual([]);
  });

  it('are configured nowhere to run a test again that failed', () => {
    const configured = ['vitest.config.ts', 'test/runner/run.ts', 'test/runner/repeat.ts', 'package.json', '.ci/run'];
    const retries = configured.filter((file) => /\bretr(y|ies)\b/.test(readFileSync(join(root, file), 'utf8')));
    expect(retries).toEqual([]);
    expect(files.filter((file) => /\bretry: *\d/.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

describe('the suites that a change needs', () => {
  it('are listed in CONTRIBUTING.md', () => {
    const cells = (table: string) =>
      table.split('\n').map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    const stated = cells(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
    for (const row of cells(guardTable())) expect(stated).toContainEqual(row);
  });

  it('cover every suite, and the lane of the gate for a file that no row names', () => {
    const guarded = new Set(guards.flatMap((guard) => guard.suites));
    expect(suites.filter(({ name }) => !guarded.has(name))).toEqual([]);
    const gate = suites.filter(({ lane }) => lane === Lane.Test).map(({ name }) => name);
    expect(suitesFor(['something/new.txt'])).toEqual(gate);
  });

  it('are those of the room, and of a test file only its own', () => {
    const ofWorkflows = ['unit', 'temporal', 'cluster', 'real', 'ui', 'chaos'];
    expect(suitesFor(['src/workflows/application/application.ts'])).toEqual(ofWorkflows);
    expect(suitesFor(['test/ui/temporal-ui.test.ts', 'docs/deploy.md'])).toEqual(['unit', 'ui']);
    expect(suitesFor(['package-lock.json'])).toEqual(suites.map(({ name }) => name));
  });
});
