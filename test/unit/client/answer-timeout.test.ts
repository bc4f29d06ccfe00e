import { WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SparkClient, type SparkClientOptions } from '../../../src/index.ts';

/** A request that no worker takes: until when it waits, in milliseconds from now, and how it fails. */
async function unanswered(options?: SparkClientOptions): Promise<{ waitedMs: number; error: unknown }> {
  let waitedMs = 0;
  const withDeadline = async (deadline: number) => {
    waitedMs = deadline - Date.now();
    throw new WorkflowUpdateRPCTimeoutOrCancelledError('deadline exceeded');
  };
  const getHandle = (workflowId: string) => ({ workflowId, client: { withDeadline } });
  const spark = new SparkClient({ workflow: { getHandle } } as unknown as Client, options);
  const error: unknown = await spark.suspend({ name: 'pi' }).catch((reason: unknown) => reason);
  return { waitedMs, error };
}

describe('a request that no worker takes', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('fails after 15 s', async () => {
    const { waitedMs, error } = await unanswered();
    expect(waitedMs).toBe(15_000);
    expect(error).toMatchObject({ type: 'NoAnswer', message: expect.stringContaining('within 15 s') as string });
  });

  it('fails after the time that the client was given', async () => {
    const { waitedMs, error } = await unanswered({ answerTimeoutMs: 500 });
    expect(waitedMs).toBe(500);
    expect(error).toMatchObject({ type: 'NoAnswer', message: expect.stringContaining('within 0.5 s') as string });
  });

  it.each([0, -1, NaN, Infinity])('cannot wait %s ms', (answerTimeoutMs) => {
    expect(() => new SparkClient({} as Client, { answerTimeoutMs })).toThrow(
      `answerTimeoutMs must be a positive number of milliseconds, not ${answerTimeoutMs}`,
    );
  });
});
