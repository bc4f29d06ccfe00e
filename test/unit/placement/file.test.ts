import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePlacement, readPlacement } from '../../../src/placement/index.ts';
import { loadWorkerConfiguration } from '../../../src/worker/configuration.ts';

const directory = mkdtempSync(join(tmpdir(), 'placement-'));
afterAll(() => rmSync(directory, { recursive: true }));

const load = (text: string) => {
  const file = join(directory, 'placement.yaml');
  writeFileSync(file, text);
  return loadWorkerConfiguration({ TEMPORAL_SPARK_PLACEMENT_FILE: file });
};

describe('the placement file of a worker', () => {
  it('is its placement configuration', () => {
    expect(load('preset: gke').placement).toEqual({ preset: 'gke' });
    expect(loadWorkerConfiguration({}).placement).toBeUndefined();
  });

  it('ends the worker before it starts, where it is wrong or not there', () => {
    expect(() => load('preset: gkee')).toThrow(/placement\.yaml:1:9 {2}preset.*did you mean "gke"/);
    expect(() => loadWorkerConfiguration({ TEMPORAL_SPARK_PLACEMENT_FILE: '/nowhere.yaml' })).toThrow(
      /TEMPORAL_SPARK_PLACEMENT_FILE="\/nowhere\.yaml": cannot be read/,
    );
  });

  it('may be the one that docs/placement.md shows', () => {
    const text = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'placement.md'), 'utf8');
    const [, example] = /```yaml\n(preset:[^`]+)```/.exec(text)!;
    expect(Object.keys(parsePlacement(readPlacement(example!)).profiles)).toEqual([
      ...['default', 'near-data', 'important', 'single-node', 'demo', 'ci'],
    ]);
  });
});
