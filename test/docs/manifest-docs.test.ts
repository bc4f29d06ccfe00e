import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseManifests } from '../../src/manifest/index.ts';
import { findRefusals } from '../../src/spark/index.ts';
import { root } from '../support/build.ts';

const OURS = [
  'SparkApplication',
  'ScheduledSparkApplication',
  'SparkConnect',
  'SparkPipeline',
  'ScheduledSparkPipeline',
];

const kindOf = (document: { toJS(): unknown }): string => (document.toJS() as { kind?: string } | null)?.kind ?? '';

const examples = globSync(['README.md', 'docs/*.md', 'examples/**/README.md'], { cwd: root }).flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^ *```ya?ml\n([^]*?)^ *```$/gm)]
    .map(([, text]) => ({ page, text: text!, kinds: parseAllDocuments(text!).map(kindOf) }))
    .filter(({ kinds }) => kinds.some((kind) => OURS.includes(kind))),
);

it('the documentation shows manifests', () => expect(examples.length).toBeGreaterThan(1));

it.each(examples)('$page shows a valid manifest of $kinds', ({ text }) => {
  expect(() => parseManifests(text, { refusals: findRefusals })).not.toThrow();
});
