import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkFile, type FileReport } from '../../../src/cli/commands/validate/check-file.ts';
import { checkInThreads } from '../../../src/cli/commands/validate/check-in-threads.ts';
import { manifestFiles } from '../../../src/cli/manifest-files.ts';

const good = readFileSync('examples/spark-pi.yaml', 'utf8');
/** More than two batches. */
const FILES = 205;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'temporal-spark-threads-'));
  const texts = (index: number) => [good, good.replace('memory: 512m', 'memory: 512mb'), 'image: a\n'][index % 3]!;
  for (let index = 0; index < FILES; index++) writeFileSync(join(folder, `${index}.yaml`), texts(index));
});

afterAll(() => rmSync(folder, { recursive: true }));

it('threads report on each file as one process does, in the same order', async () => {
  const files = manifestFiles([folder, join(folder, 'missing.yaml')]);
  const reports: FileReport[] = [];
  for await (const report of checkInThreads(files, {})) reports.push(report);
  expect(reports).toHaveLength(FILES + 1);
  expect(reports).toEqual(await Promise.all(files.map((file) => checkFile(file, {}))));
});
