import { CARRIED_LIMIT, jsonBytes } from '../../manifest/size.ts';
import type { AdmissionRequest, CarriedAdmission } from '../../protocol/index.ts';
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

  /**
   * The waiting requests that a queue carries to its next run: as many as Temporal takes. The last ones are left out;
   * their applications ask again, and keep their place, because it depends on the time since which they wait.
   */
  carried(
    waiting: readonly AdmissionRequest[],
    admitted: readonly AdmissionRequest[],
  ): Pick<CarriedAdmission, 'waiting' | 'told'> {
    let left = CARRIED_LIMIT - jsonBytes(admitted);
    const kept: AdmissionRequest[] = [];
    const told: number[] = [];
    for (const request of waiting) {
      const place = this.notified.get(request.holder) ?? 0;
      left -= jsonBytes(request) + String(place).length + 2;
      if (left < 0) break;
      kept.push(request);
      told.push(place);
    }
    return { waiting: kept, told };
  }
}
