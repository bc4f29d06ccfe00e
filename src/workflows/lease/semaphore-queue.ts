import type { CarriedSemaphore, SemaphorePlace, SemaphoreRequest } from '../../protocol/index.ts';
import { LeaseQueue } from './lease-queue.ts';

/** First come, first served. The limit is that of the latest request. */
export class SemaphoreQueue extends LeaseQueue<SemaphoreRequest> {
  limit: number;

  constructor({ limit, holders, waiting }: CarriedSemaphore = { limit: 1, holders: [], waiting: [] }) {
    super(holders, waiting);
    this.limit = limit;
  }

  /** A pipeline that continued as new asks again with another ticket, and keeps its place. */
  ask(request: SemaphoreRequest): boolean {
    this.limit = request.limit;
    const isHeld = this.granted.has(request.holder);
    (isHeld ? this.granted : this.applicants).set(request.holder, request);
    return isHeld;
  }

  grant(): SemaphoreRequest[] {
    const free = Math.max(this.limit - this.granted.size, 0);
    const next = [...this.applicants.values()].slice(0, free);
    for (const request of next) {
      this.applicants.delete(request.holder);
      this.granted.set(request.holder, request);
    }
    return next;
  }

  waiting(): SemaphoreRequest[] {
    return [...this.applicants.values()];
  }

  /** Only of the same request: a later one of the same stage keeps its place. */
  override release(place: SemaphorePlace): void {
    for (const requests of [this.granted, this.applicants]) {
      const found = requests.get(place.holder);
      if (found !== undefined && (found.ticket ?? 0) === (place.ticket ?? 0)) requests.delete(place.holder);
    }
  }
}
