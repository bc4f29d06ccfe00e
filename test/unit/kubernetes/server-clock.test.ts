import { afterEach, describe, expect, it, vi } from 'vitest';
import { Resources } from '../../../src/kubernetes/index.ts';
import { ServerClock } from '../../../src/kubernetes/client/server-clock.ts';
import { json, scriptedServer } from './scripted-server.ts';

const TEN_MINUTES = 600_000;
const NOON = Date.parse('2026-11-30T12:00:00Z');

afterEach(() => void vi.useRealTimers());

/** A clock of an API server whose time is NOON when the monotonic clock is 0. */
function clockAt(): { readonly clock: ServerClock; readonly respond: (tookMs: number, setBy?: number) => void } {
  vi.useFakeTimers({ now: NOON + TEN_MINUTES, toFake: ['performance', 'Date'] });
  const begun = performance.now();
  const clock = new ServerClock();
  const respond = (tookMs: number, setBy = 0) => {
    const sentAt = performance.now();
    vi.advanceTimersByTime(tookMs / 2);
    const stamp = new Date(NOON + setBy + performance.now() - begun).toUTCString();
    vi.advanceTimersByTime(tookMs / 2);
    clock.measure(stamp, sentAt);
  };
  return { clock, respond };
}

describe('the clock of an API server', () => {
  it("is the worker's until the first response", () => {
    expect(clockAt().clock.now()).toBe(NOON + TEN_MINUTES);
  });

  it('is exact to half a second and half a round trip, however wrong the clock of the worker is', () => {
    const { clock, respond } = clockAt();
    respond(40);
    expect(Math.abs(clock.now() - (NOON + 40))).toBeLessThanOrEqual(520);
    vi.setSystemTime(NOON - TEN_MINUTES);
    vi.advanceTimersByTime(5_000);
    expect(Math.abs(clock.now() - (NOON + 5_040))).toBeLessThanOrEqual(520);
  });

  it('is not measured again by a response that took long', () => {
    const { clock, respond } = clockAt();
    respond(40);
    const before = clock.now();
    respond(30_000);
    expect(clock.now() - before).toBe(30_000);
  });

  it('is measured again where the server set its clock', () => {
    const { clock, respond } = clockAt();
    respond(40);
    respond(2_000, TEN_MINUTES);
    expect(Math.abs(clock.now() - (NOON + TEN_MINUTES + 2_040))).toBeLessThanOrEqual(1_500);
  });

  it('ignores responses without a time', () => {
    const { clock } = clockAt();
    for (const date of [undefined, '', 'now']) clock.measure(date, performance.now());
    expect(clock.now()).toBe(NOON + TEN_MINUTES);
  });

  it('is that of the responses of a client, and of the same client as another user', async () => {
    const server = await scriptedServer((_, response) => {
      response.setHeader('date', new Date(NOON).toUTCString());
      json(response, 200, { kind: 'Pod' });
    });
    const client = await server.client();
    const begun = performance.now();
    await client.get(Resources.pods, 'n', 'p');
    for (const each of [client, client.as({ user: 'other' })]) {
      expect(Math.abs(each.now() - NOON)).toBeLessThanOrEqual(1_000 + performance.now() - begun);
    }
  });
});
