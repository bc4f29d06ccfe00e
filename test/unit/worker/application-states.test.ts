import type { Client } from '@temporalio/client';
import { afterEach, expect, it, vi } from 'vitest';
import { countStates } from '../../../src/worker/application-states.ts';
import { recordedMeter } from '../../support/recorded-meter.ts';

let stop = () => {};
afterEach(() => stop());

function counting(count: (query: string) => Promise<{ readonly count: number }>) {
  const meter = recordedMeter();
  const problems: unknown[] = [];
  const client = { workflow: { count } } as unknown as Client;
  const onProblem = (error: unknown) => problems.push(error);
  stop = countStates({ client, meter, taskQueue: `it's`, everyMs: 1, onProblem });
  const of = (state: string) => meter.values.get(`temporal_spark_applications{state="${state}",task_queue="it's"}`);
  return { of, problems };
}

it('counts the open applications of the task queue by state', async () => {
  const queries: string[] = [];
  const { of } = counting(async (query) => {
    queries.push(query);
    return { count: queries.length };
  });
  await vi.waitFor(() => expect(of('SUSPENDED')).toBeDefined());
  expect(queries[0]).toBe(
    `WorkflowType = 'sparkApplication' AND ExecutionStatus = 'Running' AND TaskQueue = 'it\\'s' AND SparkState = 'NEW'`,
  );
  expect(of('QUEUED')).toBeGreaterThan(of('NEW')!);
});

it('shows NaN while they cannot be counted, and reports the first of successive failures', async () => {
  let asked = 0;
  let isRefused = true;
  const { of, problems } = counting(async () => {
    asked += 1;
    if (isRefused) throw new Error(`refused ${asked}`);
    return { count: 5 };
  });
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3));
  expect(of('NEW')).toBeNaN();
  isRefused = false;
  await vi.waitFor(() => expect(of('SUSPENDED')).toBe(5));
  expect(problems).toEqual([new Error('refused 1')]);
});
