import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { AdmissionRequest, AdmissionStatus, SemaphoreRequest, SemaphoreStatus } from '../../src/protocol/index.ts';
import { AdmissionQueue } from '../../src/workflows/lease/admission-queue.ts';
import { readCarriedAdmission, readCarriedSemaphore } from '../../src/workflows/lease/read-requests.ts';
import { completes, signals, SteppedWorkflow } from '../support/stepped-workflow.ts';

/** Temporal's limit for the input of a workflow. */
const INPUT_LIMIT = 2 * 1024 * 1024;

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const hash = (of: string): string => createHash('sha512').update(of).digest('hex');
const uuid = (of: string): string => hash(of).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
/** An ID as long as Temporal takes them, which does not become much shorter by compression. */
const longId = (of: string): string => [1, 2, 3, 4, 5, 6, 7].map((part) => hash(`${of} ${part}`)).join('');

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function request(index: number, fields: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const namespace = `team-${'abcdefgh'[index % 8]!}`;
  const name = `${['nightly-orders-aggregation', 'clickstream-sessions', 'feature-export'][index % 3]!}-${index}`;
  return {
    ...{ holder: uuid(`attempt ${index}`), workflowId: `spark/${namespace}/${name}`, runId: uuid(`run ${index}`) },
    ...{ namespace, priority: index % 4 === 0 ? 100 : 0, requests: { cpu: 1 + (index % 2), memory: 1_476_395_008 } },
    ...{ since: new Date(Date.UTC(2026, 0) + 1_711 * index).toISOString() },
    ...fields,
  };
}

const limits = { maxApplications: 1 };

/** A queue with these requests, each of which knows its place. */
async function startQueue(admitted: readonly AdmissionRequest[], waiting: readonly AdmissionRequest[]): Promise<void> {
  const told = waiting.map(() => 1);
  workflow = await SteppedWorkflow.start({
    ...{ type: 'sparkAdmission', args: ['pool', { limits, admitted, waiting, told }] },
  });
}

/** Has the workflow continue as new, and continues with the next run. @returns what it carried over */
async function continueAsNew(type: string): Promise<object> {
  workflow.isContinueAsNewSuggested = true;
  await workflow.task(signals('leave', { holder: 'unknown' }), signals('release', { holder: 'unknown' }));
  const { end } = workflow;
  if (end?.kind !== 'continued') throw new Error('The workflow did not continue as new');
  await workflow.dispose();
  workflow = await SteppedWorkflow.start({ type, args: end.args });
  return end.args[1] as object;
}

const queueStatus = () => workflow.query<AdmissionStatus>('status');
const semaphoreStatus = () => workflow.query<SemaphoreStatus>('status');

describe('the queue of a pool', () => {
  it('carries over 20,000 waiting requests, in order, below 2 MiB', async () => {
    const waiting = numbers(20_000).map((index) => request(index + 1));
    await startQueue([request(0)], waiting);
    const carried = await continueAsNew('sparkAdmission');
    expect(JSON.stringify(carried).length).toBeLessThan(INPUT_LIMIT);
    const order = new AdmissionQueue({ limits, admitted: [request(0)], waiting }).waiting();
    expect(readCarriedAdmission(carried)).toMatchObject({ limits, admitted: [request(0)], waiting: order });
    // None is signalled its place again.
    expect(workflow.sent).toEqual([]);
  });

  it('shows the first of 20,000 waiting requests, and how many follow: an answer has a limit, too', async () => {
    const waiting = numbers(20_000).map((index) => request(index + 1));
    await startQueue([request(0)], waiting);
    const order = new AdmissionQueue({ limits, admitted: [request(0)], waiting }).waiting();
    const status = await queueStatus();
    expect(JSON.stringify(status).length).toBeLessThan(INPUT_LIMIT);
    expect(status.waiting.length).toBeGreaterThan(3_000);
    expect(status).toEqual({
      ...{ queue: 'pool', limits, admitted: [request(0)], waiting: order.slice(0, status.waiting.length) },
      more: { admitted: 0, waiting: 20_000 - status.waiting.length },
    });
  });

  it('leaves out the last requests where Temporal does not take them; these ask again and get their place', async () => {
    const waiting = numbers(3_000).map((index) => request(index + 1, { workflowId: longId(`${index}`) }));
    await startQueue([request(0)], waiting);
    const order = new AdmissionQueue({ limits, admitted: [request(0)], waiting }).waiting();
    const carried = await continueAsNew('sparkAdmission');
    expect(JSON.stringify(carried).length).toBeLessThan(INPUT_LIMIT);
    const kept = readCarriedAdmission(carried).waiting;
    expect(kept.length).toBeGreaterThan(2_000);
    expect(kept).toEqual(order.slice(0, kept.length));
    await workflow.task(
      ...order.slice(kept.length).map((each) => signals('ask', each, limits)),
      ...order.slice(0, 2_200).map(({ holder }) => signals('leave', { holder })),
    );
    expect((await queueStatus()).waiting).toEqual(order.slice(2_200));
  });

  it('does not continue as new while Temporal does not take all admitted applications', async () => {
    const admitted = numbers(3_000).map((index) => request(index, { workflowId: longId(`${index}`) }));
    await startQueue(admitted, [request(3_000)]);
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(signals('leave', { holder: 'unknown' }));
    expect(workflow.end).toBeUndefined();
    await workflow.task(...admitted.slice(800).map(({ holder }) => signals('leave', { holder })));
    await continueAsNew('sparkAdmission');
    expect((await queueStatus()).admitted).toEqual(admitted.slice(0, 800));
  });

  it('starts with nothing where the packed requests that it is given are malformed', async () => {
    const args = ['pool', { limits, admitted: [request(0)], waiting: [], packed: ['AAAA', 5, '?', ''] }];
    workflow = await SteppedWorkflow.start({ type: 'sparkAdmission', args });
    expect(await queueStatus()).toMatchObject({ admitted: [request(0)], waiting: [] });
  });
});

describe('a semaphore', () => {
  const place = (pipeline: string, index: number): SemaphoreRequest => ({
    ...{ holder: `${pipeline}/load-orders/${index}`, requester: pipeline, limit: 1, ticket: index % 2 },
  });
  const startSemaphore = async (waiting: readonly SemaphoreRequest[]): Promise<void> => {
    const args = ['tables', { limit: 1, holders: [place('pipeline/team/first/run', 0)], waiting }];
    workflow = await SteppedWorkflow.start({ type: 'sparkSemaphore', args });
  };

  it('carries over 20,000 waiting requests, in order, below 2 MiB', async () => {
    const runs = numbers(20_000).map(
      (index) => `pipeline/team/orders/20260101T000000Z-${hash(`${index}`).slice(0, 8)}`,
    );
    const waiting = runs.map(place);
    await startSemaphore(waiting);
    const carried = await continueAsNew('sparkSemaphore');
    expect(JSON.stringify(carried).length).toBeLessThan(INPUT_LIMIT);
    expect(readCarriedSemaphore(carried)).toMatchObject({ limit: 1, waiting });
    const status = await semaphoreStatus();
    expect(status.holders).toEqual(['pipeline/team/first/run/load-orders/0']);
    expect(status.waiting).toEqual(waiting.slice(0, status.waiting.length).map(({ holder }) => holder));
    expect(status.waiting.length + status.more!.waiting).toBe(20_000);
  });

  it('does not continue as new while Temporal does not take all requests: stages would lose their turn', async () => {
    const all = numbers(3_000).map((index) => place(longId(`${index}`), index));
    await startSemaphore(all);
    workflow.isContinueAsNewSuggested = true;
    await workflow.task(signals('release', { holder: 'unknown' }));
    expect(workflow.end).toBeUndefined();
    // It continues its reviews.
    await workflow.passes(60_000);
    await workflow.task(completes('closedWorkflows', []));
    await workflow.task(...all.slice(1_000).map(({ holder, ticket }) => signals('release', { holder, ticket })));
    await continueAsNew('sparkSemaphore');
    expect((await semaphoreStatus()).waiting).toEqual(all.slice(0, 1_000).map(({ holder }) => holder));
  });
});
