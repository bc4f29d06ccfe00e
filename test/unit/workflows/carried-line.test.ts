import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AdmissionRequest, CarriedRequest, SemaphoreRequest } from '../../../src/protocol/index.ts';
import { carryLine, type CarryOutcome } from '../../../src/workflows/lease/carried-line.ts';
import { readCarriedAdmission, readCarriedSemaphore } from '../../../src/workflows/lease/read-requests.ts';

const hash = (of: unknown): string => createHash('sha512').update(String(of)).digest('hex');
const uuid = (of: unknown): string => hash(of).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
/** It does not become much shorter by compression. */
const long = (of: unknown): string => [1, 2, 3, 4, 5, 6, 7].map((part) => hash(`${String(of)} ${part}`)).join('');

function request(index: number): CarriedRequest {
  const namespace = `team-${index % 7}`;
  return {
    ...{ holder: uuid(`holder ${index}`), workflowId: `spark/${namespace}/orders-${index}`, runId: uuid(index) },
    ...{ namespace, priority: index % 3, requests: { cpu: 1, memory: 2 ** 30 } },
    ...{ since: new Date(1_700_000_000_000 + 1_357 * index).toISOString(), notified: index + 1 },
  };
}

const requests = (count: number): CarriedRequest[] => Array.from({ length: count }, (_, index) => request(index));
const withoutPlace = ({ notified: _, ...rest }: CarriedRequest): AdmissionRequest => rest;

/** What the next run reads of what is in its input. */
function read({ line }: CarryOutcome<AdmissionRequest, CarriedRequest>) {
  const { holders, waiting, packed } = JSON.parse(JSON.stringify(line)) as Record<string, unknown>;
  const { told, ...next } = readCarriedAdmission({ limits: {}, admitted: holders, waiting, packed });
  return { ...next, waiting: next.waiting.map((each, index) => ({ ...each, notified: told?.[index] })) };
}

describe('a carried line', () => {
  it('has all requests as earlier versions read them where Temporal takes these', () => {
    const line = { holders: requests(500).map(withoutPlace), waiting: requests(5_000).slice(500) };
    expect(carryLine(line)).toEqual({ line, left: 0 });
  });

  it('has the first requests as earlier versions read them where Temporal would not take all of them', () => {
    const all = requests(10_000);
    const { line, left } = carryLine({ holders: all.slice(0, 2).map(withoutPlace), waiting: all.slice(2) });
    expect(left).toBe(0);
    expect(line.holders).toEqual(all.slice(0, 2).map(withoutPlace));
    expect(line.waiting).toEqual(all.slice(2, line.waiting.length + 2));
    expect(line.waiting.length).toBeGreaterThan(500);
    expect(JSON.stringify(line.waiting).length).toBeLessThan(250_000);
  });

  it('is read as it was written, holders and waiting requests in order', () => {
    const all = requests(10_000);
    const line = { holders: all.slice(0, 1_500).map(withoutPlace), waiting: all.slice(1_500) };
    const carried = carryLine(line);
    expect(carried.left).toBe(0);
    expect(read(carried)).toEqual({ limits: {}, admitted: line.holders, waiting: line.waiting });
  });

  it('leaves out the last requests where it is larger than Temporal takes', () => {
    const waiting = requests(3_000).map((each, index) => ({ ...each, workflowId: long(index) }));
    const carried = carryLine<AdmissionRequest, CarriedRequest>({ holders: [], waiting });
    expect(JSON.stringify(carried.line).length).toBeLessThan(1_810_000);
    expect(carried.left).toBeGreaterThan(0);
    expect(carried.left).toBeLessThan(1_000);
    expect(read(carried).waiting).toEqual(waiting.slice(0, -carried.left));
  });

  it('is read as it was written by a semaphore', () => {
    const all = Array.from({ length: 20_000 }, (_, index): SemaphoreRequest => {
      const requester = `pipeline/team/orders/${hash(index).slice(0, 24)}`;
      const place = { holder: `${requester}/load/${index % 9}`, limit: 3, requester };
      return index % 2 === 0 ? place : { ...place, ticket: index };
    });
    const { line, left } = carryLine({ holders: all.slice(0, 3), waiting: all.slice(3) });
    expect(left).toBe(0);
    expect(JSON.stringify(line).length).toBeLessThan(1_000_000);
    expect(readCarriedSemaphore({ limit: 3, ...line })).toEqual({
      ...{ limit: 3, holders: all.slice(0, 3), waiting: all.slice(3) },
    });
  });
});
