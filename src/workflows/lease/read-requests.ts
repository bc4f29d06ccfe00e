import { present } from '../../validation/present.ts';
import { asList, asRecord, asText, isRecord } from '../../validation/unknown-data.ts';
import { isWorkflowId } from '../../validation/workflow-id.ts';
import { readLine } from './carried-line.ts';
import type {
  AdmissionLimits,
  AdmissionRequest,
  AdmissionResources,
  CarriedAdmission,
  CarriedSemaphore,
  RecordedSignal,
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
    isNumber(priority) &&
    isResources(requests) &&
    isShort(since);
  if (!isRequest) return undefined;
  const { cpu, memory } = requests;
  // A queue reads thousands of them in one task: bundles of workflows have no fast way to spread objects.
  if (runId !== undefined) return { holder, workflowId, runId, namespace, priority, requests: { cpu, memory }, since };
  return { holder, workflowId, namespace, priority, requests: { cpu, memory }, since } as AdmissionRequest;
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
  const { limits, admitted, waiting, told, packed, timings, signals } = asRecord(given);
  const line = readLine(admitted, waiting, packed);
  return {
    limits: readAdmissionLimits(limits) ?? {},
    admitted: readAll(line.holders, readAdmissionRequest),
    ...readWaiting(line.waiting, asList(told)),
    ...readTimings(timings),
    ...readSignals(signals),
  };
}

/** @param told the places that earlier versions kept apart from the requests */
function readWaiting(
  given: readonly unknown[],
  told: readonly unknown[],
): Required<Pick<CarriedAdmission, 'waiting' | 'told'>> {
  const waiting: AdmissionRequest[] = [];
  const places: number[] = [];
  for (const [index, each] of given.entries()) {
    const request = readAdmissionRequest(each);
    if (request === undefined) continue;
    const place = asRecord(each)['notified'] ?? told[index];
    waiting.push(request);
    places.push(isCount(place) ? place : 0);
  }
  return { waiting, told: places };
}

/** The same of a semaphore. */
export function readCarriedSemaphore(given: unknown): CarriedSemaphore {
  const { limit, holders, waiting, packed, timings, signals } = asRecord(given);
  const line = readLine(holders, waiting, packed);
  return {
    limit: isCount(limit) && limit > 0 ? limit : 1,
    holders: readAll(line.holders, readSemaphoreRequest),
    waiting: readAll(line.waiting, readSemaphoreRequest),
    ...readTimings(timings),
    ...readSignals(signals),
  };
}

function readAll<T>(given: readonly unknown[], read: (each: unknown) => T | undefined): T[] {
  return given.flatMap((each) => read(each) ?? []);
}

/** Names and arguments; who applies one reads its arguments. */
function readSignals(given: unknown): { readonly signals?: readonly RecordedSignal[] } {
  if (!Array.isArray(given)) return {};
  const signals = given.map(asRecord).map(({ name, args }) => ({ name: asText(name) ?? '', args: asList(args) }));
  return { signals };
}

/** Numbers only. */
function readTimings(given: unknown): { readonly timings?: Readonly<Record<string, number>> } {
  if (!isRecord(given)) return {};
  const numbers = Object.entries(given).filter((entry): entry is [string, number] => isAmount(entry[1]));
  return { timings: Object.fromEntries(numbers) };
}

const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= TEXT_LIMIT;
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): value is number => Number.isFinite(value) && Number(value) >= 0;
const isResources = (value: unknown): value is AdmissionResources =>
  isRecord(value) && isAmount(value['cpu']) && isAmount(value['memory']);
