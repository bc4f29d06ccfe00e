import type { Client } from '@temporalio/client';
import { Context } from '@temporalio/activity';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { holdLease } from '../../../src/activities/submit/submission-lease.ts';
import { ActivityEnvironment } from '../../support/activity-environment.ts';

const LEASE_MS = 30_000;

type Answer = () => Promise<{ pendingActivities?: { activityId: string; attempt: number }[] }>;

/** What Temporal is asked, and how often, until the lease is lost or the time is over. */
async function heldFor(ms: number, answer: Answer): Promise<{ readonly lostAt?: number; readonly asked: number }> {
  let asked = 0;
  const client = {
    options: { namespace: 'default' },
    withDeadline: (_: number, ask: () => Promise<unknown>) => ask(),
    workflowService: {
      describeWorkflowExecution: async () => {
        asked += 1;
        return answer();
      },
    },
  } as unknown as Client;
  const environment = new ActivityEnvironment({ activityId: '7', attempt: 2 });
  return environment.run(async () => {
    vi.spyOn(Context.current(), 'client', 'get').mockReturnValue(client);
    const begun = performance.now();
    let lostAt: number | undefined;
    const end = holdLease(LEASE_MS, () => (lostAt = performance.now() - begun));
    await vi.advanceTimersByTimeAsync(ms);
    end();
    return { asked, ...(lostAt === undefined ? {} : { lostAt }) };
  });
}

const current: Answer = async () => ({ pendingActivities: [{ activityId: '7', attempt: 2 }] });

describe('the lease of a submission', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('asks Temporal nothing during a quick submission', async () => {
    expect(await heldFor(LEASE_MS / 3 - 100, current)).toEqual({ asked: 0 });
  });

  it('lasts as long as Temporal confirms it', async () => {
    const { lostAt, asked } = await heldFor(20 * LEASE_MS, current);
    expect(lostAt).toBeUndefined();
    expect(asked).toBeGreaterThan(20);
  });

  it.each<[what: string, answer: Answer]>([
    ['another try has begun', async () => ({ pendingActivities: [{ activityId: '7', attempt: 3 }] })],
    ['the workflow gave the submission up', async () => ({ pendingActivities: [{ activityId: '8', attempt: 1 }] })],
    ['the workflow has ended', async () => ({})],
  ])('is lost at once where %s', async (_, answer) => {
    const { lostAt } = await heldFor(LEASE_MS, answer);
    expect(lostAt).toBeLessThan(LEASE_MS / 2);
  });

  it('is lost before the server gives the try to another worker, where Temporal is unreachable', async () => {
    const { lostAt } = await heldFor(2 * LEASE_MS, () => Promise.reject(new Error('unreachable')));
    expect(lostAt).toBeLessThan(LEASE_MS);
  });

  it('is lost in time where Temporal does not answer at all', async () => {
    const { lostAt } = await heldFor(2 * LEASE_MS, () => new Promise(() => {}));
    expect(lostAt).toBeLessThan(LEASE_MS);
  });
});
