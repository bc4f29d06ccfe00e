import type {
  ActivitySlotInfo,
  CustomSlotSupplier,
  SlotMarkUsedContext,
  SlotReleaseContext,
  SlotReserveContext,
  WorkerOptions,
} from '@temporalio/worker';
import type { PipelineActivities, SparkActivities } from '../protocol/index.ts';

/** They only wait, as long as what they wait for takes. */
const WAITS: ReadonlySet<string> = new Set<keyof (SparkActivities & PipelineActivities)>([
  'waitForSparkDriver',
  'waitForScheduledRun',
  'waitForWorkflow',
  'stopSparkDriver',
]);

/** Those of Temporal's SDK. */
const DEFAULTS = { activities: 100, workflowTasks: 40, localActivities: 100, nexusTasks: 100 } as const;

interface Permit {
  readonly id: number;
}

/**
 * The slots of a worker's activities. A wait takes none once it has begun: however many drivers run, a kill, a
 * submission or the record of an end is never behind them. Slots are given in the order in which they are asked for.
 */
export class ActivitySlots implements CustomSlotSupplier<ActivitySlotInfo> {
  readonly type = 'custom';
  private readonly max: number;
  private lastId = 0;
  /** Permits that hold a slot. That of a wait holds none once the wait has begun. */
  private readonly holding = new Set<number>();
  private readonly asking: ((permit: Permit) => void)[] = [];

  /** @param max activities at once that are not waits; at least 1 */
  constructor(max: number) {
    this.max = max;
  }

  async reserveSlot(_: SlotReserveContext, abortSignal: AbortSignal): Promise<Permit> {
    abortSignal.throwIfAborted();
    const permit = this.tryReserveSlot() ?? (await this.turn(abortSignal));
    // The SDK aborts a reservation only where it has not taken the permit, which is never released then.
    abortSignal.addEventListener('abort', () => this.releaseSlot({ permit }), { once: true });
    return permit;
  }

  tryReserveSlot(): Permit | null {
    return this.holding.size < this.max ? this.take() : null;
  }

  markSlotUsed({ slotInfo, permit }: SlotMarkUsedContext<ActivitySlotInfo>): void {
    if (WAITS.has(slotInfo.activityType)) this.release(permit as Permit);
  }

  releaseSlot({ permit }: SlotReleaseContext<ActivitySlotInfo>): void {
    this.release(permit as Permit);
  }

  private take(): Permit {
    this.lastId += 1;
    this.holding.add(this.lastId);
    return { id: this.lastId };
  }

  /** Once for each permit, however often it is reported. */
  private release({ id }: Permit): void {
    if (!this.holding.delete(id)) return;
    const next = this.asking.shift();
    if (next !== undefined) next(this.take());
  }

  /** @throws what the signal is aborted with */
  private turn(signal: AbortSignal): Promise<Permit> {
    return new Promise((resolve, reject) => {
      const granted = (permit: Permit) => {
        signal.removeEventListener('abort', aborted);
        resolve(permit);
      };
      const aborted = () => {
        const index = this.asking.indexOf(granted);
        if (index !== -1) this.asking.splice(index, 1);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return aborted();
      this.asking.push(granted);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}

/** Options of a worker with such slots, in the number that they set. A tuner of its own is kept. */
export function withActivitySlots(options: WorkerOptions): WorkerOptions {
  if (options.tuner !== undefined) return options;
  const {
    maxConcurrentActivityTaskExecutions = DEFAULTS.activities,
    maxConcurrentWorkflowTaskExecutions = DEFAULTS.workflowTasks,
    maxConcurrentLocalActivityExecutions = DEFAULTS.localActivities,
    maxConcurrentNexusTaskExecutions = DEFAULTS.nexusTasks,
    ...rest
  } = options;
  const fixed = (numSlots: number) => ({ type: 'fixed-size', numSlots }) as const;
  return {
    ...rest,
    tuner: {
      activityTaskSlotSupplier: new ActivitySlots(maxConcurrentActivityTaskExecutions),
      workflowTaskSlotSupplier: fixed(maxConcurrentWorkflowTaskExecutions),
      localActivityTaskSlotSupplier: fixed(maxConcurrentLocalActivityExecutions),
      nexusTaskSlotSupplier: fixed(maxConcurrentNexusTaskExecutions),
    },
  };
}
