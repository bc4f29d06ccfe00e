import type { AdmissionRequest, CarriedAdmission, CarriedRequest } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import type { Notice } from './lease.ts';

/** The place that was last signalled to each waiting request of a pool's queue. */
export class PlaceNotices {
  /** Last place, by holder. */
  private readonly notified = new Map<string, number>();

  constructor({ waiting, told = [] }: Pick<CarriedAdmission, 'waiting' | 'told'>) {
    for (const [index, { holder }] of waiting.entries()) {
      const place = told[index];
      if (place !== undefined && place > 0) this.notified.set(holder, place);
    }
  }

  /** A notice whenever a place has halved: each request gets few signals, however long the queue is. */
  due(waiting: readonly AdmissionRequest[]): Notice<AdmissionRequest>[] {
    return waiting.flatMap((request, index) => {
      const place = index + 1;
      if (place > (this.notified.get(request.holder) ?? Infinity) / 2) return [];
      this.notified.set(request.holder, place);
      return [{ request, place }];
    });
  }

  /** The waiting requests as a queue carries them to its next run. */
  carried(waiting: readonly AdmissionRequest[]): CarriedRequest[] {
    return waiting.map((request) => ({ ...request, ...present({ notified: this.notified.get(request.holder) }) }));
  }
}
