import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lastLines, linesOf, LONGEST_LINE, selected } from '../../../src/cli/commands/logs/lines.ts';

async function* stream(chunks: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* chunks;
}

async function all(lines: AsyncIterable<Buffer>): Promise<string[]> {
  const read: string[] = [];
  for await (const line of lines) read.push(line.toString());
  return read;
}

it('gives the lines of a log, however its bytes are cut into chunks', async () => {
  const texts = fc.array(fc.stringMatching(/^[ab\n]{0,6}$/), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(texts, async (chunks) => {
      const text = chunks.join('');
      const expected = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
      expect(await all(linesOf(stream(chunks.map((chunk) => Buffer.from(chunk)))))).toEqual([...expected]);
    }),
  );
});

it('handles a line that is too long as several', async () => {
  const chunk = Buffer.alloc(LONGEST_LINE / 2 + 1, 'x');
  const lines = await all(linesOf(stream([chunk, chunk, Buffer.from('\ny\n')])));
  expect(lines.map((line) => line.length)).toEqual([LONGEST_LINE, 3, 2]);
});

it('gives the last lines', async () => {
  const lines = () => linesOf(stream([Buffer.from('1\n2\n3\n4')]));
  expect(await all(lastLines(lines(), 2))).toEqual(['3\n', '4']);
  expect(await all(lastLines(lines(), 9))).toEqual(['1\n', '2\n', '3\n', '4']);
  expect(await all(lastLines(lines(), 0))).toEqual([]);
});

it('keeps no more than 16 MiB of the last lines', async () => {
  const line = Buffer.alloc(LONGEST_LINE, 'x');
  const kept = await all(lastLines(linesOf(stream(Array<Buffer>(40).fill(line))), 1_000));
  expect(kept).toHaveLength(16);
});

it('selects lines, marks them, and ends the last one', async () => {
  const lines = linesOf(stream([Buffer.from('one\ntwo\nthree')]));
  expect(await all(selected(lines, (line) => line.startsWith('t'), '[driver] '))).toEqual([
    '[driver] two\n',
    '[driver] three\n',
  ]);
});
