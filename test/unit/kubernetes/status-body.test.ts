import { describe, expect, it } from 'vitest';
import { failureOfResponse } from '../../../src/kubernetes/errors/failure.ts';
import { readStatus } from '../../../src/kubernetes/errors/status-body.ts';

const CALL = { verb: 'get', resource: 'pods/proxy', namespace: 'n', name: 'p', cluster: 'c' };
const refused = (status: number, fields: object) =>
  failureOfResponse(CALL, { status, headers: {}, body: JSON.stringify({ kind: 'Status', ...fields }) });

describe('the Status in the body of a response', () => {
  it.each(['', '<html>', 'null', '[]', '"Status"', '{"kind":"Pod"}'])('is absent in %s', (body) => {
    expect(readStatus(body)).toBeUndefined();
  });

  it('has no field that is of another type', () => {
    const details = { kind: [], name: 1, causes: { length: 1 }, retryAfterSeconds: '1' };
    const body = JSON.stringify({ kind: 'Status', message: {}, reason: [], details, metadata: 'm' });
    expect(readStatus(body)).toEqual({ causes: [] });
    expect(readStatus('{"kind":"Status","details":{"causes":[null,1,{"message":2,"field":"f"}]}}')).toEqual({
      causes: [{}, {}, { field: 'f' }],
    });
  });

  it('has at most 4,096 characters of a text, and 100 causes', () => {
    const causes = Array.from({ length: 1_000 }, () => ({ field: 'f'.repeat(10_000) }));
    const status = readStatus(JSON.stringify({ kind: 'Status', message: 'm'.repeat(1e6), details: { causes } }))!;
    expect(status.message).toHaveLength(4_096);
    expect(status.causes.map(({ field }) => field!.length)).toEqual(Array(100).fill(4_096));
  });
});

describe('a refusal', () => {
  it('is an error also where its message is not a text', () => {
    expect(refused(500, { message: { a: 1 } })).toMatchObject({ type: 'ServerError', status: 500 });
  });

  it('is of a missing service account where etcd does not have it either', () => {
    const message = 'pods "p" is forbidden: error looking up service account n/s: serviceaccount "s" not found';
    expect(refused(403, { message })).toMatchObject({ type: 'ServiceAccountNotFound' });
    expect(refused(403, { message: message.replace('not found', 'timed out') })).toMatchObject({
      type: 'ServerNotReady',
    });
  });
});
