import { describe, expect, it } from 'vitest';
import { expiresInMs, readSparkApplication } from '../../../src/operator/resource.ts';

const ENDED = '2026-01-01T00:00:00Z';
const ended = (terminationTime: string) =>
  readSparkApplication({
    metadata: { namespace: 'default', name: 'pi', uid: 'uid' },
    spec: { timeToLiveSeconds: 60 },
    status: { applicationState: { state: 'COMPLETED' }, terminationTime },
  });

describe('the time to live of a resource', () => {
  it.each<[string, string, number, number | undefined]>([
    ['begins with its end', ENDED, 10, 50_000],
    ['is over after that', ENDED, 61, 0],
    // The API server takes this offset.
    ['does not begin with an end that cannot be read', '2026-01-01T00:00:00+99:99', 61, undefined],
  ])('%s', (_, terminationTime, seconds, dueInMs) => {
    expect(expiresInMs(ended(terminationTime), Date.parse(ENDED) + seconds * 1000)).toBe(dueInMs);
  });
});
