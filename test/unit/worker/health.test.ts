import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serveHealth, type HealthServer } from '../../../src/worker/health.ts';

let server: HealthServer | undefined;
let polling = true;
let canaryAgeMs = 0;
let trouble: Error | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  [polling, canaryAgeMs, trouble] = [true, 0, undefined];
});

afterEach(async () => {
  await server?.close();
  vi.useRealTimers();
});

async function probe(path: string): Promise<{ status: number; checks: Record<string, string> }> {
  const response = await fetch(`http://127.0.0.1:${server!.port}${path}`);
  const { checks } = (await response.json()) as { checks: Record<string, string> };
  return { status: response.status, checks };
}

async function serve(): Promise<void> {
  server = await serveHealth({
    host: '127.0.0.1',
    port: 0,
    maxCanaryAgeMs: 60_000,
    checks: {
      dependencies: {
        temporal: async () => {
          if (trouble !== undefined) throw trouble;
        },
        kubernetes: async () => undefined,
      },
      takesWork: { polling: () => polling },
      canaryAgeMs: () => canaryAgeMs,
    },
  });
}

describe('a ready worker', () => {
  it('polls, and reaches Temporal and the API server', async () => {
    await serve();
    expect(await probe('/readyz')).toEqual({
      status: 200,
      checks: { polling: 'ok', temporal: 'ok', kubernetes: 'ok' },
    });
  });

  it('is not ready while one of them is unreachable, and reports which', async () => {
    await serve();
    trouble = new Error('connection refused');
    expect(await probe('/readyz')).toMatchObject({
      status: 503,
      checks: { temporal: 'connection refused', kubernetes: 'ok' },
    });
    trouble = undefined;
    vi.advanceTimersByTime(3_000);
    expect((await probe('/readyz')).status).toBe(200);
  });

  it('is not ready once it shuts down', async () => {
    await serve();
    polling = false;
    expect(await probe('/readyz')).toMatchObject({ status: 503, checks: { polling: 'shut down' } });
  });
});

describe('a worker that is alive', () => {
  it('has a recent canary', async () => {
    await serve();
    canaryAgeMs = 59_000;
    expect((await probe('/livez')).status).toBe(200);
  });

  it('fails liveness with a stale one, if all its dependencies were available for as long', async () => {
    await serve();
    canaryAgeMs = 61_000;
    expect((await probe('/livez')).status).toBe(200); // it has only just started
    vi.advanceTimersByTime(61_000);
    expect(await probe('/livez')).toMatchObject({ status: 503, checks: { canary: '61 s old, at most 60 s expected' } });
  });

  it('is not restarted for an outage of Temporal, nor right after one', async () => {
    await serve();
    canaryAgeMs = 300_000;
    vi.advanceTimersByTime(300_000);
    trouble = new Error('unavailable');
    expect(await probe('/livez')).toMatchObject({ status: 200, checks: { temporal: 'unavailable' } });
    trouble = undefined;
    vi.advanceTimersByTime(10_000);
    expect((await probe('/livez')).status).toBe(200);
    vi.advanceTimersByTime(61_000);
    expect((await probe('/livez')).status).toBe(503);
  });
});

it('is alive as long as it answers, where it has no canary', async () => {
  server = await serveHealth({
    host: '127.0.0.1',
    port: 0,
    checks: { dependencies: {}, takesWork: { submissions: () => polling } },
  });
  polling = false;
  expect(await probe('/livez')).toEqual({ status: 200, checks: {} });
  expect(await probe('/readyz')).toEqual({ status: 503, checks: { submissions: 'shut down' } });
});

it('serves no other path', async () => {
  await serve();
  expect((await probe('/metrics')).status).toBe(404);
});
