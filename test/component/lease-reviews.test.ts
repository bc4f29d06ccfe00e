import { afterEach, describe, expect, it } from 'vitest';
import type { AdmissionRequest, SemaphoreRequest, SemaphoreStatus, AdmissionStatus } from '../../src/protocol/index.ts';
import { completes, SteppedWorkflow } from '../support/stepped-workflow.ts';

/** Temporal's limit for the input of an activity. */
const INPUT_LIMIT = 2 * 1024 * 1024;
const COUNT = 20_000;

let workflow: SteppedWorkflow;
afterEach(() => workflow.dispose());

const numbers = Array.from({ length: COUNT }, (_, index) => index);

/** Answers each page of a review: these of it have ended. @returns the pages */
async function review<T>(hasEnded: (each: T) => string | undefined): Promise<T[][]> {
  const pages: T[][] = [];
  while (workflow.isPending('closedWorkflows')) {
    const page = workflow.pending('closedWorkflows').input as unknown as T[];
    pages.push(page);
    await workflow.task(
      completes(
        'closedWorkflows',
        page.flatMap((each) => hasEnded(each) ?? []),
      ),
    );
  }
  return pages;
}

function expectPages(pages: readonly (readonly unknown[])[]): void {
  expect(pages.length).toBeGreaterThan(1);
  // Each page is one activity, of which the history has three events and one task.
  expect(pages.length).toBeLessThan(20);
  for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(INPUT_LIMIT / 4);
}

describe('a review of 20,000 holders', () => {
  it('asks in pages that Temporal takes which admitted applications have ended', async () => {
    const request = (index: number): AdmissionRequest => ({
      ...{ holder: `attempt-${index}`, workflowId: `spark/team-a/nightly-orders-aggregation-${index}` },
      ...{ runId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, namespace: 'team-a', priority: 0 },
      ...{ requests: { cpu: 1, memory: 1 }, since: '2026-01-01T00:00:00Z' },
    });
    const limits = { maxApplications: COUNT };
    const carried = {
      limits,
      admitted: numbers.map(request),
      waiting: [request(COUNT), request(COUNT + 1)],
      told: [1, 1],
    };
    workflow = await SteppedWorkflow.start({ type: 'sparkAdmission', args: ['pool', carried] });
    await workflow.passes(30_000);
    await workflow.task(completes('admissionLimits', limits));
    const last = request(COUNT - 1);
    const pages = await review<AdmissionRequest>(({ workflowId }) =>
      workflowId === last.workflowId ? workflowId : undefined,
    );
    expectPages(pages);
    const { workflowId, runId } = last;
    expect(pages.flat()).toHaveLength(COUNT);
    expect(pages.at(-1)!.at(-1)).toEqual({ workflowId, runId });
    // The place of the one that has ended is for the first that waits.
    expect(workflow.sent).toMatchObject([{ name: 'admission', args: [{ holder: `attempt-${COUNT}` }] }]);
    expect((await workflow.query<AdmissionStatus>('status')).more).toMatchObject({ waiting: 1 });
  });

  it('asks in pages that Temporal takes which stages have ended', async () => {
    const place = (index: number): SemaphoreRequest => ({
      ...{ holder: `pipeline/team-a/orders/run-${index}/load`, requester: `pipeline/team-a/orders/run-${index}` },
      ...{ limit: COUNT, ticket: 0 },
    });
    const carried = { limit: COUNT, holders: numbers.map(place), waiting: [place(COUNT), place(COUNT + 1)] };
    workflow = await SteppedWorkflow.start({ type: 'sparkSemaphore', args: ['tables', carried] });
    await workflow.passes(5_000);
    const last = place(COUNT - 1);
    const ended = new Set([last.holder, last.requester]);
    const pages = await review<string>((workflowId) => (ended.has(workflowId) ? workflowId : undefined));
    expectPages(pages);
    expect(pages.flat()).toEqual(carried.holders.flatMap(({ holder, requester }) => [holder, requester]));
    expect(workflow.sent.map(({ workflowId }) => workflowId)).toEqual([place(COUNT).requester]);
    const { waiting } = await workflow.query<SemaphoreStatus>('status');
    expect(waiting).toEqual([place(COUNT + 1).holder]);
  });
});
