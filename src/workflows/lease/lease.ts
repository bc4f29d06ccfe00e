import { allHandlersFinished, condition, log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { LeaseQueue, LeaseRequest } from './lease-queue.ts';

/** A signal to a holder or to a waiting request. */
export interface Notice<Request> {
  readonly request: Request;
  /** Counted from 1. @default it holds a place */
  readonly place?: number;
}

/** What differs between the workflows that grant places. */
export interface LeaseKind<Request extends LeaseRequest> {
  /** Milliseconds between two reviews of the holders: the first interval, which doubles up to the longest. */
  readonly reviewInterval: { readonly firstMs: number; readonly longestMs: number };
  /** Each change delays the review: only for histories from before the patch `semaphore-review`. @default false */
  readonly isReviewPostponed?: boolean;
  /** The page in Temporal's UI. */
  details(waiting: readonly Request[]): string;
  /** The notices that waiting requests are to get. @default no notices */
  notices?(waiting: readonly Request[]): Notice<Request>[];
  /** How many signals may be under way at once. */
  signalsAtOnce(count: number): number;
  /** @throws Error where the workflow of the request has ended */
  signal(notice: Notice<Request>): Promise<void>;
  /** Releases the places of holders that have ended. */
  review(lease: Lease<Request>): Promise<void>;
  /** Returns where the requests are more than Temporal takes: it is called again after the next change. */
  continueAsNew(): Promise<void>;
}

/**
 * Grants places: answers requests, takes back released places and those of holders that ended without a release. It
 * runs while any place is held or waited for.
 */
export class Lease<Request extends LeaseRequest> {
  private readonly queue: LeaseQueue<Request>;
  private readonly kind: LeaseKind<Request>;
  /** Holders that missed the answer. */
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

  /** Answers all holders again: one that does not want its place any more releases it. */
  answerAgain(): void {
    this.repeated.push(...this.queue.holders);
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

  /** In batches: a server refuses a workflow task with thousands of signals under way. */
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
      // Its workflow has ended and needs no answer.
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
    // No request waits for the places that a review would free.
    if (!isDue || queue.waitingCount === 0) return;
    this.interval = Math.min(this.interval * 2, kind.reviewInterval.longestMs);
    await kind.review(this);
    this.reviewAt = Date.now() + this.interval;
  }
}
