import { describe, expect, it } from 'vitest';
import type { FinalOutcome } from '../../../src/protocol/index.ts';
import { AttemptRecord } from '../../../src/workflows/application/attempt-record.ts';
import { identity } from '../spark/fixtures.ts';

const executors = { pending: 0, running: 0, succeeded: 0, failed: 0 };
const outcome = (reason: string): FinalOutcome => ({ succeeded: false, reason, deleted: true, executors });
const driver = { driverPodName: 'pi-driver', driverPodUid: '1', sparkApplicationId: 'spark-1' };

function attempt(cluster: string | undefined, isBound = false): AttemptRecord {
  const record = new AttemptRecord(1, identity);
  record.cluster = cluster;
  record.isBound = isBound;
  return record;
}

describe('the cluster that the next attempt is bound to', () => {
  it('is that of a driver whose end nobody saw', () => {
    const lost = attempt('west');
    lost.submitted(driver);
    lost.ended(outcome('NodeLost'));
    expect(lost.leftOn).toBe('west');
    const half = attempt('west');
    half.mayRemain = true;
    half.submissionFailed('SubmissionDeadlineExceeded', 'late');
    expect(half.leftOn).toBe('west');
  });

  it('is none after an end that was seen, and none where there is but one', () => {
    const ended = attempt('west');
    ended.submitted(driver);
    ended.ended(outcome('Error'));
    expect(ended.leftOn).toBeUndefined();
    const only = attempt(undefined);
    only.ended(outcome('NodeLost'));
    expect(only.leftOn).toBeUndefined();
  });

  it('stays so until a driver was made there, which takes the place of the one that may remain', () => {
    const bound = attempt('west', true);
    bound.submissionFailed('QuotaExceeded', 'full');
    expect(bound.leftOn).toBe('west');
    const replaced = attempt('west', true);
    replaced.submitted(driver);
    replaced.ended(outcome('Error'));
    expect(replaced.leftOn).toBeUndefined();
  });
});
