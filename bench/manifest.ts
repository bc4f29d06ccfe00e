import { readFile } from 'node:fs/promises';
import { parseManifest, parseManifests } from '../src/manifest/index.ts';
import { median } from './measure.ts';

const ROUNDS = 500;

/**
 * How long it takes to check a manifest of some 200 lines that uses every group of fields: as data, as a workflow gets
 * it, and as YAML text, positions included. Medians in milliseconds, after a warm-up.
 */
export async function manifest(): Promise<Record<string, number>> {
  const text = await readFile(new URL('../test/manifest/full.yaml', import.meta.url), 'utf8');
  const [checked] = parseManifests(text);
  return {
    manifestLines: text.split('\n').length,
    manifestDataMs: medianMs(() => parseManifest(checked)),
    manifestYamlMs: medianMs(() => parseManifests(text)),
  };
}

function medianMs(work: () => unknown): number {
  for (let round = 0; round < ROUNDS / 5; round++) work();
  const times = Array.from({ length: ROUNDS }, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return Number(median(times).toFixed(3));
}
