import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BlowLog } from './blow-log.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 0 }));
afterEach(() => void vi.useRealTimers());

function blow(log: BlowLog, from: number, until: number): void {
  vi.setSystemTime(from);
  const end = log.begin();
  vi.setSystemTime(until);
  end();
}

it('begins a time again at the end of each blow that falls within it', () => {
  const log = new BlowLog();
  blow(log, 5, 10);
  blow(log, 35, 40);
  blow(log, 71, 80);
  expect(log.after(0, 30)).toBe(70);
  expect(log.after(41, 30)).toBe(110);
  expect(log.after(90, 30)).toBe(120);
});

it('ends no time during a blow', () => {
  const log = new BlowLog();
  log.begin();
  expect(log.after(0, 30)).toBe(Infinity);
});
