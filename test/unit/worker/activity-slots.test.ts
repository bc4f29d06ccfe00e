import { describe, expect, it } from 'vitest';
import { ActivitySlots, withActivitySlots } from '../../../src/worker/activity-slots.ts';

const context = {
  slotType: 'activity',
  taskQueue: 'spark',
  workerIdentity: 'test',
  workerBuildId: '',
  isSticky: false,
} as const;
const never = new AbortController().signal;

type Permit = NonNullable<ReturnType<ActivitySlots['tryReserveSlot']>>;

function begin(slots: ActivitySlots, activityType: string, permit: Permit | null = slots.tryReserveSlot()): Permit {
  expect(permit).not.toBeNull();
  slots.markSlotUsed({ slotInfo: { type: 'activity', activityType }, permit: permit! });
  return permit!;
}

describe('the slots of activities', () => {
  it('are taken by as many short activities as there are slots', () => {
    const slots = new ActivitySlots(2);
    const first = begin(slots, 'submitSparkApplication');
    begin(slots, 'finalizeSparkApplication');
    expect(slots.tryReserveSlot()).toBeNull();
    slots.releaseSlot({ permit: first });
    expect(slots.tryReserveSlot()).not.toBeNull();
  });

  it.each(['waitForSparkDriver', 'waitForScheduledRun', 'waitForWorkflow', 'stopSparkDriver'])(
    'are not taken by %s',
    (type) => {
      const slots = new ActivitySlots(1);
      const waits = Array.from({ length: 100 }, () => begin(slots, type));
      for (const permit of waits) slots.releaseSlot({ permit });
      begin(slots, 'submitSparkApplication');
      expect(slots.tryReserveSlot()).toBeNull();
    },
  );

  it('are given in the order in which they were asked for', async () => {
    const slots = new ActivitySlots(1);
    const first = begin(slots, 'submitSparkApplication');
    const given: number[] = [];
    const asked = [1, 2].map(async (name) => {
      const permit = await slots.reserveSlot(context, never);
      given.push(name);
      return permit;
    });
    slots.releaseSlot({ permit: first });
    const second = await asked[0]!;
    expect(given).toEqual([1]);
    slots.releaseSlot({ permit: second });
    await asked[1];
    expect(given).toEqual([1, 2]);
  });

  it('are not lost by a request that is aborted', async () => {
    const slots = new ActivitySlots(1);
    const first = begin(slots, 'submitSparkApplication');
    const abort = new AbortController();
    const asked = slots.reserveSlot(context, abort.signal);
    abort.abort();
    await expect(asked).rejects.toThrow();
    slots.releaseSlot({ permit: first });
    expect(slots.tryReserveSlot()).not.toBeNull();
  });

  it.each(['at once', 'later'])('are not lost by a request that is aborted after it was answered %s', async (when) => {
    const slots = new ActivitySlots(1);
    const first = when === 'later' ? begin(slots, 'submitSparkApplication') : undefined;
    const abort = new AbortController();
    const asked = slots.reserveSlot(context, abort.signal);
    if (first !== undefined) slots.releaseSlot({ permit: first });
    await asked;
    expect(slots.tryReserveSlot()).toBeNull();
    abort.abort();
    expect(slots.tryReserveSlot()).not.toBeNull();
    expect(slots.tryReserveSlot()).toBeNull();
  });

  it('are released once, also where a request is aborted whose activity has run', async () => {
    const slots = new ActivitySlots(1);
    const abort = new AbortController();
    const permit = await slots.reserveSlot(context, abort.signal);
    slots.releaseSlot({ permit });
    abort.abort();
    expect(slots.tryReserveSlot()).not.toBeNull();
    expect(slots.tryReserveSlot()).toBeNull();
  });

  it('are released where a slot was reserved and not used', () => {
    const slots = new ActivitySlots(1);
    slots.releaseSlot({ permit: slots.tryReserveSlot()! });
    expect(slots.tryReserveSlot()).not.toBeNull();
  });
});

describe('the options of a worker', () => {
  it('keep their numbers', () => {
    const options = withActivitySlots({ taskQueue: 'spark', maxConcurrentWorkflowTaskExecutions: 7 });
    expect(options).not.toHaveProperty('maxConcurrentWorkflowTaskExecutions');
    expect(options.tuner).toMatchObject({ workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 7 } });
  });

  it('keep a tuner of their own', () => {
    const tuner = { tunerOptions: { targetCpuUsage: 0.5, targetMemoryUsage: 0.5 } };
    expect(withActivitySlots({ taskQueue: 'spark', tuner })).toEqual({ taskQueue: 'spark', tuner });
  });
});
