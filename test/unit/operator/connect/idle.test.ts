import { describe, expect, it } from 'vitest';
import type { KubernetesClient, Pod } from '../../../../src/kubernetes/index.ts';
import { readActivity, type Activity } from '../../../../src/operator/connect/activity.ts';
import { decideIdle } from '../../../../src/operator/connect/idle.ts';

const pod = {
  metadata: { namespace: 'etl', name: 'adhoc-server', labels: { 'spark-app-selector': 'spark-1' } },
  spec: { containers: [{ name: 'spark', ports: [{ name: 'spark-ui', containerPort: 4040 }] }] },
} as unknown as Pod;

function answering(jobs: unknown, queries: unknown) {
  const asked: string[] = [];
  const getFromPod = async (...[, , port, path]: [string, string, number, string]) => {
    asked.push(`${port} ${path}`);
    return JSON.stringify(path.includes('/jobs') ? jobs : queries);
  };
  return { asked, activity: readActivity({ getFromPod } as unknown as KubernetesClient, pod) };
}

describe('the activity of a server', () => {
  it('does not exist before the first query', async () => {
    const { asked, activity } = answering([], []);
    expect(await activity).toEqual({ isBusy: false });
    expect(asked[0]).toBe('4040 /api/v1/applications/spark-1/jobs');
  });

  it('has the end of the last job or query, whichever is later', async () => {
    const job = { status: 'SUCCEEDED', completionTime: '2026-11-30T12:00:05.000GMT' };
    const query = { status: 'COMPLETED', submissionTime: '2026-11-30T12:00:04.000GMT', duration: 2_500 };
    expect(await answering([job], [query]).activity).toEqual({
      ...{ isBusy: false, endedAtMs: Date.parse('2026-11-30T12:00:06.500Z') },
    });
    expect(await answering([job], []).activity).toMatchObject({ endedAtMs: Date.parse('2026-11-30T12:00:05Z') });
  });

  it.each([
    ['job', [{ status: 'RUNNING' }], []],
    ['query', [], [{ status: 'RUNNING', submissionTime: '2026-11-30T12:00:04.000GMT' }]],
  ])('is busy while a %s runs', async (_, jobs, queries) => {
    expect(await answering(jobs, queries).activity).toEqual({ isBusy: true });
  });

  it('is not known from a malformed answer', async () => {
    await expect(answering([{ status: 'SUCCEEDED', completionTime: 'x' }], []).activity).rejects.toThrow('a time');
  });
});

describe('an idle server', () => {
  const minute = 60_000;
  const decide = (nowMs: number, activity?: Activity, idleMs = 10 * minute) =>
    decideIdle({ idleMs, nowMs, sinceMs: 0 }, () =>
      activity === undefined ? Promise.reject(new Error('asked')) : Promise.resolve(activity),
    );

  it('is not asked before its time', async () => {
    expect(await decide(4 * minute)).toEqual({ do: 'wait', ms: 6 * minute });
  });

  it('is stopped once no query has run for that time', async () => {
    expect(await decide(10 * minute, { isBusy: false })).toEqual({ do: 'stop' });
    expect(await decide(15 * minute, { isBusy: false, endedAtMs: 5 * minute })).toEqual({ do: 'stop' });
  });

  it('runs on until that time after its last query', async () => {
    expect(await decide(12 * minute, { isBusy: false, endedAtMs: 5 * minute })).toEqual({ do: 'wait', ms: 3 * minute });
  });

  it('is asked again, each minute at most, while it is busy', async () => {
    expect(await decide(12 * minute, { isBusy: true })).toEqual({ do: 'wait', ms: minute });
    expect(await decide(12 * minute, { isBusy: true }, 5_000)).toEqual({ do: 'wait', ms: 5_000 });
  });

  it('that does not answer is not stopped', async () => {
    await expect(decide(12 * minute)).rejects.toThrow('asked');
  });
});
