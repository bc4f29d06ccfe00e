import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderTroubleshooting, troubleshootingFile } from '../../scripts/troubleshooting.ts';
import { Symptom } from '../../src/cli/output/symptom.ts';
import { remedies } from '../../src/protocol/index.ts';

const page = readFileSync(troubleshootingFile, 'utf8');

it('docs/troubleshooting.md has a row for each known cause, with its remedy', async () => {
  expect(page).toBe(await renderTroubleshooting(page));
  for (const [kind, remedy] of Object.entries(remedies)) {
    const [row] = page.split('\n').filter((line) => line.startsWith(`| \`${kind}\` `));
    expect(row, kind).toContain(remedy);
  }
});

it('docs/troubleshooting.md has a section for each symptom that errors link, and a way to each section', () => {
  const sections = [...page.matchAll(/^### (.+)$/gm)].map(([, title]) => title!);
  expect(sections).toEqual(Object.values(Symptom));
  for (const section of sections) expect(page).toContain(`| [${section}](#${section}) `);
});
