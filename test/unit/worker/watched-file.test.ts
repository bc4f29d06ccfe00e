import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { eventually } from '../../../lab/eventually.ts';
import { formatProblems } from '../../../src/validation/problems.ts';
import { watchFile } from '../../../src/worker/watched-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'temporal-spark-watched-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a file configures: its text, unless that is `invalid`. */
class Setting {
  text: string;

  constructor(text: string) {
    this.text = text;
  }

  exchange(text: string): void {
    this.text = text;
  }
}

const setting = {
  read: (text: string) => {
    if (text === 'invalid') throw new Error('the text is not valid');
    return text;
  },
  refuse: (problems: Parameters<typeof formatProblems>[0]) => new Error(formatProblems(problems)),
  begin: (text: string) => new Setting(text),
};

describe('a watched file', () => {
  it('is reloaded when it changes; an invalid or missing one changes nothing and reports why', async () => {
    const file = join(directory, 'setting');
    writeFileSync(file, 'before');
    const onReload = vi.fn();
    const { configured, close } = watchFile(file, setting, { onReload, intervalMs: 20 });
    try {
      expect(configured.text).toBe('before');
      for (const [count, change, counts, message] of [
        [1, () => writeFileSync(file, 'after'), 'after', undefined],
        [2, () => writeFileSync(file, 'invalid'), 'after', 'the text is not valid'],
        [3, () => rmSync(file), 'after', `${file}  cannot be read (no such file)`],
        [4, () => writeFileSync(file, 'again'), 'again', undefined],
      ] as const) {
        change();
        await eventually('the change', () => onReload.mock.calls.length === count);
        expect((onReload.mock.lastCall![0] as Error | undefined)?.message).toBe(message);
        expect(configured.text).toBe(counts);
      }
    } finally {
      close();
    }
  });

  it('must be readable and valid at first', () => {
    const file = join(directory, 'first');
    expect(() => watchFile(file, setting)).toThrow(`${file}  cannot be read (no such file)`);
    writeFileSync(file, 'invalid');
    expect(() => watchFile(file, setting)).toThrow('the text is not valid');
  });
});
