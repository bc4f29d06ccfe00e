import { expect, it } from 'vitest';
import { logLine } from '../../../src/cli/output/log-lines.ts';

const entry = { time: new Date(0), level: 'WARN', message: 'Reported' };

it('a fact with control characters stays on its line, quoted', () => {
  const facts = { note: 'a\n1970-01-01T00:00:00.000Z ERROR forged', colour: '\u001b[31mred', error: new Error('b\r') };
  for (const format of ['text', 'json'] as const) {
    const line = logLine(format, { ...entry, facts });
    expect(line).not.toMatch(/\p{Cc}/u);
  }
  expect(logLine('text', { ...entry, facts: { note: 'plain' } })).toBe(
    '1970-01-01T00:00:00.000Z WARN  Reported note=plain',
  );
});
