import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { ADMISSION_WORKFLOW, admissionWorkflowId, type CarriedRequest } from '../../src/protocol/index.ts';
import { present } from '../../src/validation/present.ts';
import { carryLine } from '../../src/workflows/lease/carried-line.ts';
import { inProcess } from '../support/in-process-cli.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('long-queue', { worker: {} });
/** More than Temporal takes as JSON. */
const WAITING = 8_000;

const uuid = (of: string): string =>
  createHash('sha512')
    .update(of)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

function request(index: number): CarriedRequest {
  const { namespace } = temporal.env;
  return {
    ...{ holder: uuid(`attempt ${index}`), workflowId: `spark/${namespace}/nightly-orders-aggregation-${index}` },
    ...{ runId: uuid(`run ${index}`), namespace, priority: 0, requests: { cpu: 1, memory: 1_476_395_008 } },
    ...{ since: new Date(Date.UTC(2026, 0) + 1_711 * index).toISOString(), notified: index },
  };
}

/** Signals that arrive during a task have a server repeat it. */
const REPEATED = /FORCE_CLOSE_COMMAND|UNHANDLED_COMMAND/;

/** Tasks that failed because of what the workflow did. A page has one event: a client does not take all at once. */
async function failedTasksOf(workflowId: string, runId: string): Promise<string[]> {
  const { workflowService, options } = temporal.env.client;
  const failed: string[] = [];
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await workflowService.getWorkflowExecutionHistory({
      ...{ namespace: options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 },
      ...present({ nextPageToken }),
    });
    for (const { workflowTaskFailedEventAttributes: failure } of page.history?.events ?? []) {
      if (failure) failed.push(JSON.stringify(failure));
    }
    ({ nextPageToken } = page);
  } while (nextPageToken?.length);
  return failed.filter((failure) => !REPEATED.test(failure));
}

it('a queue with 8,000 waiting applications continues as new, and admits the next', async () => {
  const { client, taskQueue, namespace, temporalAddress } = temporal.env;
  const name = `many-${namespace}`;
  const limits = { maxApplications: 1 };
  const waiting = Array.from({ length: WAITING }, (_, index) => request(index + 1));
  const { line, left } = carryLine({ holders: [request(0)], waiting });
  expect(left).toBe(0);
  const { holders: admitted, ...rest } = line;
  // No review: the applications that are in the queue do not exist.
  const timings = { admissionReviewMs: 24 * 3_600_000 };
  const first = await client.workflow.start(ADMISSION_WORKFLOW, {
    ...{ taskQueue, workflowId: admissionWorkflowId(name), args: [name, { limits, admitted, ...rest, timings }] },
  });
  // The next one does exist, and holds its place.
  const next = await client.workflow.start('step', {
    ...{ taskQueue, workflowId: waiting[0]!.workflowId, args: [{ hold: true }] },
  });
  try {
    // A server proposes to continue as new in a task that begins with more than 4 MiB of history.
    const malformed = 'x'.repeat(1_500_000);
    for (let count = 0; count < 3; count += 1) await first.signal('ask', malformed);
    const queue = client.workflow.getHandle(first.workflowId);
    await eventually('the queue to continue as new', async () => {
      const { runId, historyLength } = await queue.describe();
      // Until the first task of the next run has ended.
      if (runId !== first.firstExecutionRunId) return historyLength >= 4;
      await queue.signal('leave', { holder: 'unknown' });
      return false;
    });
    const shown = await inProcess(['queue', name, '--address', temporalAddress]);
    expect(shown.stdout).toContain(`Queue ${name}: 1 admitted, 8000 waiting; limits: 1 applications`);
    expect(shown.stdout).toMatch(/^ +2 {2}spark\/\S+-aggregation-2 /m);
    expect(shown.stdout).toMatch(/… {2}\d+ more$/m);
    await queue.signal('leave', { holder: request(0).holder });
    const status = await eventually('the next to be admitted', async () => {
      const found = await temporal.env.spark.queues.describe(name);
      return found?.admitted[0]?.holder === request(1).holder && found;
    });
    expect(status.waiting.length + (status.more?.waiting ?? 0)).toBe(WAITING - 1);
    expect(status.waiting.map(({ holder }) => holder)).toEqual(
      waiting.slice(1, status.waiting.length + 1).map(({ holder }) => holder),
    );
    for (const runId of [first.firstExecutionRunId, (await queue.describe()).runId]) {
      expect(await failedTasksOf(first.workflowId, runId)).toEqual([]);
    }
  } finally {
    await client.workflow.getHandle(first.workflowId).terminate();
    await next.terminate();
  }
});
