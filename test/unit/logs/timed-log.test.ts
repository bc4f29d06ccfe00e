import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ForeignText, sinceTimeOf, TimedLog, type LogPosition } from '../../../src/logs/timed-log.ts';

const at = (nanoseconds: number) => `2026-11-30T12:00:00.${String(nanoseconds).padStart(9, '0')}Z`;

/** What comes out of a log that arrives in those chunks, and the place behind it. */
function read(chunks: readonly Buffer[], from?: LogPosition): { text: string; position?: LogPosition; gap: boolean } {
  const log = new TimedLog(from);
  const taken: Buffer[] = [];
  for (const chunk of chunks) log.push(chunk, (bytes) => taken.push(Buffer.from(bytes)));
  const text = Buffer.concat(taken).toString('latin1');
  const { position } = log;
  return { text, ...(position === undefined ? {} : { position }), gap: log.hasGap };
}

const whole = (text: string, from?: LogPosition) => read([Buffer.from(text, 'latin1')], from);

describe('a log with times', () => {
  it('loses the times, and nothing else', () => {
    const text = `${at(1)} one\n${at(2)} \n${at(3)} 2026-11-30T12:00:00Z three\n`;
    expect(whole(text)).toEqual({
      text: 'one\n\n2026-11-30T12:00:00Z three\n',
      position: { at: at(3), lines: 1, bytes: 0 },
      gap: false,
    });
  });

  it('is read on from every place between two bytes, in any chunks, without a byte twice or missing', () => {
    const line = fc.record({ time: fc.integer({ min: 0, max: 6 }), text: fc.stringMatching(/^[a-c ]{0,5}$/) });
    const log = fc.array(line, { minLength: 1, maxLength: 8 });
    const cuts = fc.array(fc.nat(60), { maxLength: 4 });
    fc.assert(
      fc.property(log, fc.nat(300), cuts, (lines, stop, at300) => {
        const bytes = Buffer.from(lines.map(({ time, text }) => `${at(time)} ${text}\n`).join(''));
        const expected = lines.map(({ text }) => `${text}\n`).join('');
        const first = new TimedLog();
        let before = '';
        first.push(bytes.subarray(0, stop % (bytes.length + 1)), (taken) => (before += taken.toString()));
        const ends = [...at300.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
        const after = read(chunks, first.position);
        expect(before + after.text).toBe(expected);
        expect(after.gap).toBe(false);
        expect(after.position).toEqual(whole(bytes.toString()).position);
      }),
    );
  });

  it('has a gap where the kubelet rotated away the line at which reading continues', () => {
    const from = { at: at(5), lines: 1, bytes: 0 };
    expect(whole(`${at(7)} new\n${at(6)} newer\n`, from)).toEqual({
      text: 'new\nnewer\n',
      position: { at: at(7), lines: 2, bytes: 0 },
      gap: true,
    });
  });

  it('keeps its place where nothing new came', () => {
    const from = { at: at(5), lines: 2, bytes: 1 };
    expect(whole(`${at(1)} a\n${at(5)} b\n${at(4)} c\n`, from)).toEqual({ text: '', position: from, gap: false });
    expect(whole('', from).position).toEqual(from);
  });

  it('compares times of several zones and fractions', () => {
    const from = { at: '2026-11-30T13:00:00.5+01:00', lines: 1, bytes: 0 };
    expect(whole(`${at(500_000_000)} old\n${at(500_000_001)} new\n`, from).text).toBe('new\n');
  });

  it('ends with the error that a kubelet writes behind its last line', () => {
    const taken: string[] = [];
    const log = new TimedLog();
    const text = `${at(1)} one\nrpc error: code = NotFound desc = no such container`;
    expect(() => log.push(Buffer.from(text), (bytes) => taken.push(bytes.toString()))).toThrow(
      new ForeignText('rpc error: code = NotFound desc = no such container'),
    );
    expect(taken).toEqual(['one\n']);
    expect(log.position).toEqual({ at: at(1), lines: 1, bytes: 0 });
  });

  it('is read again from some seconds before its place, for lines that stand in another order than their times', () => {
    expect(sinceTimeOf({ at: at(999_999_999), lines: 1, bytes: 0 })).toBe('2026-11-30T11:59:55Z');
  });
});
