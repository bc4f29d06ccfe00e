import {
  acquireSemaphoreSignal,
  admissionAnswerSignal,
  askAdmissionSignal,
  leaveAdmissionSignal,
  releaseSemaphoreSignal,
  semaphoreGrantedSignal,
  type RecordedSignal,
} from '../../protocol/index.ts';
import type { AdmissionQueue } from './admission-queue.ts';
import {
  readAdmissionLimits,
  readAdmissionRequest,
  readHolder,
  readSemaphorePlace,
  readSemaphoreRequest,
} from './read-requests.ts';
import type { SemaphoreQueue } from './semaphore-queue.ts';

// A run that was lost had the same signals in the same order. Places that it took back by a review are held again; the
// next review takes them back.

/** Gives a semaphore the places and the waiting requests that a lost run had in the end. */
export function restoreSemaphore(queue: SemaphoreQueue, signals: readonly RecordedSignal[]): void {
  apply(signals, {
    [acquireSemaphoreSignal.name]: (given) => {
      const request = readSemaphoreRequest(given);
      if (request !== undefined) queue.ask(request);
    },
    [releaseSemaphoreSignal.name]: (given) => {
      const place = readSemaphorePlace(given);
      if (place !== undefined) queue.release(place);
    },
    [semaphoreGrantedSignal.name]: (given) => {
      const place = readSemaphorePlace(given);
      if (place !== undefined) queue.hold(place);
    },
  });
}

/** The same of the queue of a pool. */
export function restoreAdmission(queue: AdmissionQueue, signals: readonly RecordedSignal[]): void {
  apply(signals, {
    [askAdmissionSignal.name]: (given, limits) => {
      const request = readAdmissionRequest(given);
      const read = readAdmissionLimits(limits);
      if (request === undefined || read === undefined) return;
      queue.limits = read;
      queue.ask(request);
    },
    [leaveAdmissionSignal.name]: (given) => {
      const place = readHolder(given);
      if (place !== undefined) queue.release(place);
    },
    [admissionAnswerSignal.name]: (given) => {
      const place = readHolder(given);
      if (place !== undefined) queue.hold(place);
    },
  });
}

function apply(
  signals: readonly RecordedSignal[],
  handlers: Readonly<Record<string, (...args: readonly unknown[]) => void>>,
): void {
  const byName = new Map(Object.entries(handlers));
  for (const { name, args } of signals) byName.get(name)?.(...args);
}
