import { present } from '../../validation/present.ts';
import { asList, asRecord, isRecord } from '../../validation/unknown-data.ts';
import { isWorkflowId } from '../../validation/workflow-id.ts';
import type {
  AdmissionLimits,
  AdmissionRequest,
  AdmissionResources,
  CarriedAdmission,
  CarriedSemaphore,
  SemaphorePlace,
  SemaphoreRequest,
} from '../../protocol/index.ts';

/** Characters of a namespace or a time: a queue carries all requests to its next run. */
const TEXT_LIMIT = 253;

/** Any client can send anything: each of these returns undefined for what is not of its shape. */

export function readAdmissionRequest(given: unknown): AdmissionRequest | undefined {
  const { holder, workflowId, runId, namespace, priority, requests, since } = asRecord(given);
  const isRequest =
    isWorkflowId(holder) &&
    isWorkflowId(workflowId) &&
    // Requests of earlier versions have none.
    (runId === undefined || isWorkflowId(runId)) &&
    isShort(namespace) &&
    Number.isFinite(priority) &&
    isResources(requests) &&
    isShort(since);
  if (!isRequest) return undefined;
  const { cpu, memory } = requests;
  return {
    ...{ holder, workflowId, ...(present({ runId }) as { runId: string }) },
    ...{ namespace, priority: Number(priority), requests: { cpu, memory }, since },
  };
}

export function readAdmissionLimits(given: unknown): AdmissionLimits | undefined {
  if (!isRecord(given)) return undefined;
  const { maxApplications, maxApplicationsPerNamespace, drivers } = given;
  const areLimits =
    (maxApplications === undefined || isAmount(maxApplications)) &&
    (maxApplicationsPerNamespace === undefined || isAmount(maxApplicationsPerNamespace)) &&
    (drivers === undefined || isResources(drivers));
  if (!areLimits) return undefined;
  const resources = drivers === undefined ? undefined : { cpu: drivers.cpu, memory: drivers.memory };
  return present({ maxApplications, maxApplicationsPerNamespace, drivers: resources });
}

export function readSemaphoreRequest(given: unknown): SemaphoreRequest | undefined {
  const { limit, requester } = asRecord(given);
  const place = readSemaphorePlace(given);
  if (place === undefined || !isWorkflowId(requester) || !isCount(limit) || limit === 0) return undefined;
  return { ...place, limit, requester };
}

export function readSemaphorePlace(given: unknown): SemaphorePlace | undefined {
  const { holder, ticket } = asRecord(given);
  if (!isWorkflowId(holder) || (ticket !== undefined && !isCount(ticket))) return undefined;
  return { holder, ...present({ ticket }) };
}

export function readHolder(given: unknown): { readonly holder: string } | undefined {
  const { holder } = asRecord(given);
  return isWorkflowId(holder) ? { holder } : undefined;
}

/** What the workflow was started with, without what is not of its shape. */
export function readCarriedAdmission(given: unknown): CarriedAdmission {
  const { limits, admitted, waiting, told, timings } = asRecord(given);
  return {
    limits: readAdmissionLimits(limits) ?? {},
    admitted: readAll(admitted, readAdmissionRequest),
    waiting: readAll(waiting, readAdmissionRequest),
    told: asList(told).map((place) => (isCount(place) ? place : 0)),
    ...readTimings(timings),
  };
}

/** The same of a semaphore. */
export function readCarriedSemaphore(given: unknown): CarriedSemaphore {
  const { limit, holders, waiting, timings } = asRecord(given);
  return {
    limit: isCount(limit) && limit > 0 ? limit : 1,
    holders: readAll(holders, readSemaphoreRequest),
    waiting: readAll(waiting, readSemaphoreRequest),
    ...readTimings(timings),
  };
}

function readAll<T>(given: unknown, read: (each: unknown) => T | undefined): T[] {
  return asList(given).flatMap((each) => read(each) ?? []);
}

/** Numbers only. */
function readTimings(given: unknown): { readonly timings?: Readonly<Record<string, number>> } {
  if (!isRecord(given)) return {};
  const numbers = Object.entries(given).filter((entry): entry is [string, number] => isAmount(entry[1]));
  return { timings: Object.fromEntries(numbers) };
}

const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= TEXT_LIMIT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;
const isResources = (value: unknown): value is AdmissionResources =>
  isRecord(value) && isAmount(value['cpu']) && isAmount(value['memory']);
