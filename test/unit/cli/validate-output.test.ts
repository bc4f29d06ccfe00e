import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcess } from '../../support/in-process-cli.ts';

const good = readFileSync('examples/spark-pi.yaml', 'utf8');
let folder: string;
let valid: string;
let wrong: string;
let values: string;

beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'temporal-spark-validate-')), 'jobs, 50%');
  mkdirSync(folder);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  valid = write('a.yaml', good);
  wrong = write('b.yaml', `${good}---\n${good.replace('memory: 512m', 'memory: 512mb')}`);
  values = write('c.yaml', 'image: a\n');
});

afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

describe('validate -o json', () => {
  it('prints one array with what is valid in each file, its notes and its problems', async () => {
    const missing = join(folder, 'd.yaml');
    const { code, stdout, stderr } = await inProcess(['validate', folder, missing, '-o', 'json']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([
      {
        ...{ file: valid, notes: [], problems: [] },
        valid: [{ kind: 'SparkApplication', namespace: 'default', name: 'spark-pi' }],
      },
      {
        ...{ file: wrong, valid: [], notes: [] },
        problems: [
          expect.objectContaining({ file: wrong, document: 2, pathText: 'spec.driver.memory', value: '512mb' }),
        ],
      },
      { file: values, valid: [], notes: [`${values}  contains no manifest and is skipped`], problems: [] },
      {
        ...{ file: missing, valid: [], notes: [] },
        problems: [expect.objectContaining({ code: 'unreadable', message: `Cannot read ${missing}: no such file.` })],
      },
    ]);
  });
});

describe('validate -o github', () => {
  it('prints an annotation for each note and each problem, at its line', async () => {
    const { code, stdout, stderr } = await inProcess(['validate', folder, '-o', 'github']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    const line = good.split('\n').length + good.split('\n').findIndex((each) => each.includes('memory: 512m')) + 1;
    const inFolder = (name: string): string => join(folder, name).replace('%', '%25').replace(',', '%2C');
    const [problem, note, ...more] = stdout.trimEnd().split('\n');
    expect(problem).toMatch(
      new RegExp(
        String.raw`^::error file=${inFolder('b.yaml')},line=${line},col=\d+::spec\.driver\.memory {2}must not be "512mb"; .*did you mean "512m"`,
      ),
    );
    expect(note).toBe(
      `::notice file=${inFolder('c.yaml')}::${values.replace('%', '%25')}  contains no manifest and is skipped`,
    );
    expect(more).toEqual([]);
  });
});
