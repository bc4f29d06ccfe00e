import { allHandlersFinished, condition, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { LeaseQueue, LeaseRequest } from './lease-queue.ts';

/** Something to signal to one who holds a place or waits for one. */
export interface Notice<Request> {
  readonly request: Request;
  /** Counted from 1. @default it holds a place */
  readonly place?: number;
}

/** What differs between the workflows that hand out places. */
export interface LeaseKind<Request extends LeaseRequest> {
  /** Milliseconds between two reviews of the holders: the first interval, which doubles up to the longest. */
  readonly reviewInterval: { readonly firstMs: number; readonly longestMs: number };
  /** Each change puts the review off: only for histories of before the patch `semaphore-review`. @default false */
  readonly isReviewPostponed?: boolean;
  /** The page in Temporal's UI. */
  details(waiting: readonly Request[]): string;
  /** What those who wait are to know. @default nothing */
  notices?(waiting: readonly Request[]): Notice<Request>[];
  /** How many of so many signals may be under way at once. */
  signalsAtOnce(count: number): number;
  /** @throws Error where the workflow of the request has ended */
  signal(notice: Notice<Request>): Promise<void>;
  /** Releases the places of holders that have ended. */
  review(lease: Lease<Request>): Promise<void>;
  continueAsNew(): Promise<never>;
}

/**
 * Hands out places: answers who asks, takes back what is released, and what a holder that has ended did not release.
 * It runs while anyone holds a place or waits for one.
 */
export class Lease<Request extends LeaseRequest> {
  private readonly queue: LeaseQueue<Request>;
  private readonly kind: LeaseKind<Request>;
  /** Those who hold a place and missed the answer. */
  private readonly repeated: Request[] = [];
  private changed = true;
  private interval: number;
  private reviewAt: number;

  constructor(queue: LeaseQueue<Request>, kind: LeaseKind<Request>) {
    this.queue = queue;
    this.kind = kind;
    this.interval = kind.reviewInterval.firstMs;
    this.reviewAt = Date.now() + this.interval;
  }

  ask(request: Request): void {
    this.changed = true;
    if (this.queue.ask(request)) this.repeated.push(request);
  }

  release(place: LeaseRequest): void {
    this.changed = true;
    this.queue.release(place);
  }

  /** Any client can send anything; a signal stays in history, so an exception would block the workflow for ever. */
  drop(signal: string): void {
    // Histories hold signals that changed nothing and yet woke the workflow.
    this.changed = true;
    log.warn(`Dropped a malformed signal: ${signal}`);
  }

  /** Has the limits, which have changed, applied. */
  wake(): void {
    this.changed = true;
  }

  async run(): Promise<void> {
    const { queue, kind } = this;
    while (this.changed || !queue.isEmpty) {
      this.changed = false;
      const granted = [...queue.grant(), ...this.repeated.splice(0)];
      const waiting = queue.waiting();
      setCurrentDetails(kind.details(waiting));
      const notices = [...granted.map((request) => ({ request })), ...(kind.notices?.(waiting) ?? [])];
      await this.sendAll(notices);
      if (this.changed) {
        this.interval = kind.reviewInterval.firstMs;
        continue;
      }
      if (workflowInfo().continueAsNewSuggested) {
        await condition(allHandlersFinished);
        if (this.changed) continue;
        await kind.continueAsNew();
      }
      await this.untilSomethingIsDue();
    }
  }

  /** In batches: a server refuses the workflow task of one that has thousands of signals under way. */
  private async sendAll(notices: readonly Notice<Request>[]): Promise<void> {
    const size = this.kind.signalsAtOnce(notices.length);
    for (let index = 0; index < notices.length; index += size) {
      await Promise.all(notices.slice(index, index + size).map((notice) => this.send(notice)));
    }
  }

  async send(notice: Notice<Request>): Promise<void> {
    try {
      await this.kind.signal(notice);
    } catch {
      // Its workflow has ended, and wants nothing any more.
      this.release(notice.request);
    }
  }

  private async untilSomethingIsDue(): Promise<void> {
    const { queue, kind } = this;
    const isChanged = (): boolean => this.changed;
    let isTimeUp = false;
    if (queue.waitingCount === 0) await condition(() => this.changed || queue.isEmpty);
    else {
      const left = kind.isReviewPostponed === true ? this.interval : Math.max(1, this.reviewAt - Date.now());
      isTimeUp = !(await condition(isChanged, left, { summary: 'until the holders are reviewed' }));
    }
    const isDue = kind.isReviewPostponed === true ? isTimeUp : Date.now() >= this.reviewAt;
    // No one waits for the places that a review would free.
    if (!isDue || queue.waitingCount === 0) return;
    this.interval = Math.min(this.interval * 2, kind.reviewInterval.longestMs);
    await kind.review(this);
    this.reviewAt = Date.now() + this.interval;
  }
}
