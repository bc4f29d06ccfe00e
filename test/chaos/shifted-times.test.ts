import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { shiftTimes } from './shifted-times.ts';

const clocks = { worker: 0, apiServer: 600_000, nodes: -600_000 };
const pod = (creation: string, start: string): string =>
  `{"metadata":{"name":"größe","creationTimestamp":"${creation}"},"status":{"startTime":"${start}"}}\n`;
const before = pod('2026-11-30T12:00:00Z', '2026-11-30T12:00:01.123456Z');
const after = pod('2026-11-30T12:10:00Z', '2026-11-30T11:50:01.123456Z');

it('shifts the times of the API server and of nodes, however the body is cut', async () => {
  for (let size = 1; size < before.length; size += 1) {
    const bytes = Buffer.from(before + before);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
      bytes.subarray(n * size, (n + 1) * size),
    );
    expect(await text(Readable.from(chunks).pipe(shiftTimes(clocks, {})))).toBe(after + after);
  }
});

it('holds no event of a watch back', () => {
  const stream = shiftTimes(clocks, {});
  stream.write(before);
  expect(String(stream.read())).toBe(after);
});

it("shifts the API server's own time", () => {
  const headers = { date: 'Mon, 30 Nov 2026 12:00:00 GMT' };
  shiftTimes(clocks, headers);
  expect(headers.date).toBe('Mon, 30 Nov 2026 12:10:00 GMT');
});
