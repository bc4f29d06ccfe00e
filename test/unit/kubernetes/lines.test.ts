import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from '../../../src/kubernetes/client/lines.ts';

async function read(chunks: Buffer[], limitBytes = Infinity): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(Readable.from(chunks), limitBytes)) lines.push(line);
  return lines;
}

test('however the bytes are cut into chunks, the lines are the same', async () => {
  const line = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 })), async (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const chunks: Buffer[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? bytes.length;
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      expect(await read(chunks)).toEqual(lines.map((text) => Buffer.from(text).toString()));
    }),
  );
});

test('what follows the last line end was cut off, and is not a line', async () => {
  expect(await read([Buffer.from('{"a":1}\n{"b"'), Buffer.from(':')])).toEqual(['{"a":1}']);
});

test('a line of many chunks costs no more than their sum', async () => {
  const chunks = Array.from({ length: 20_000 }, () => Buffer.alloc(1_000, 'x'));
  const [line] = await read([...chunks, Buffer.from('\n')]);
  expect(line).toHaveLength(20_000_000);
});

test('a line that is longer than the limit is refused, whether it ends or not', async () => {
  const chunks = [Buffer.from('{"a":1}\n{"b":'), Buffer.from('2,"c":3')];
  await expect(read(chunks, 11)).rejects.toThrow('a line exceeds the limit of 11 bytes');
  expect(await read(chunks, 12)).toEqual(['{"a":1}']);
});
