import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { inProcess } from '../../support/in-process-cli.ts';

const good = readFileSync('examples/spark-pi.yaml', 'utf8');
const nowhere = ['--address', '127.0.0.1:1'];
let directory: string;
let one: string;
let two: string;
let wrong: string;
let worse: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'temporal-spark-files-'));
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  one = write('one.yaml', good);
  two = write('two.yaml', good.replace('name: spark-pi', 'name: spark-e'));
  wrong = write('wrong.yaml', good.replace('memory: 512m', 'memory: lots'));
  worse = write('worse.yaml', good.replace('type: Scala', 'type: Cobol'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('several files', () => {
  it('are rendered one after the other', async () => {
    const { code, stdout } = await inProcess(['render', one, two]);
    const names = parseAllDocuments(stdout).map((document) => document.getIn(['metadata', 'name']));
    expect(code).toBe(0);
    expect(names).toEqual(expect.arrayContaining(['spark-pi-driver', 'spark-e-driver']));
  });

  it.each(['run', 'update', 'render'])('are all checked by %s before anything is done', async (command) => {
    const address = command === 'render' ? [] : nowhere;
    const { code, stdout, stderr } = await inProcess([command, wrong, one, worse, ...address]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/wrong\.yaml:\d+:\d+ {2}spec\.driver\.memory .*\n.*worse\.yaml:\d+:\d+ {2}spec\.type /);
  });

  it('are refused by run where an application is in two of them', async () => {
    const { code, stderr } = await inProcess(['run', one, two, one, ...nowhere]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^SparkApplication default\/spark-pi is in .* more than once; remove or rename one\.$/m);
  });
});
