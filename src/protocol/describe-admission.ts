import type { AdmissionLimits } from './admission.ts';
import type { QueueStatus } from './application.ts';

const GIBI = 2 ** 30;

/** Such as `compute, place 7 of 31, since …`. */
export function describeQueue({ name, place, waiting, since }: QueueStatus): string {
  return [name, ...(place === undefined ? [] : [`place ${place} of ${waiting}`]), `since ${since}`].join(', ');
}

/** In words. */
export function describeLimits({ maxApplications, maxApplicationsPerNamespace, drivers }: AdmissionLimits): string {
  const limits = [
    maxApplications === undefined ? [] : `${maxApplications} applications`,
    maxApplicationsPerNamespace === undefined ? [] : `${maxApplicationsPerNamespace} a namespace`,
    drivers === undefined
      ? []
      : `drivers of ${round(drivers.cpu)} CPUs and ${round(drivers.memory / GIBI)} GiB together`,
  ].flat();
  return limits.length === 0 ? 'none' : limits.join(', ');
}

const round = (amount: number): number => Math.round(amount * 10) / 10;
