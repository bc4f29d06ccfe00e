import { describe, expect, it } from 'vitest';
import type { FinalOutcome } from '../../../src/protocol/index.ts';
import {
  clusterForNext,
  ended,
  newAttempt,
  submissionFailed,
  submitted,
  type AttemptRecord,
} from '../../../src/workflows/application/attempt-record.ts';
import { identity } from '../spark/fixtures.ts';
import { sparkPi } from '../../support/manifests.ts';

const manifest = sparkPi({ name: 'pi', namespace: 'default' });
const executors = { pending: 0, running: 0, succeeded: 0, failed: 0 };
const outcome = (reason: string): FinalOutcome => ({ succeeded: false, reason, deleted: true, executors });
const driver = { driverPodName: 'pi-driver', driverPodUid: '1', sparkApplicationId: 'spark-1' };
const refused = { reason: 'QuotaExceeded', message: 'full', mayLeaveDriver: false };

const chosen = (cluster: string): AttemptRecord => ({
  ...newAttempt({ number: 1, identity, manifest }),
  cluster: { name: cluster, isPinned: false },
});

describe('the cluster that the next attempt is pinned to', () => {
  it('is that of a driver whose end was not seen', () => {
    expect(clusterForNext(ended(submitted(chosen('west'), driver), outcome('NodeLost')))).toBe('west');
    expect(clusterForNext(submissionFailed(chosen('west'), { ...refused, mayLeaveDriver: true }))).toBe('west');
  });

  it('is undefined after an end that was seen, and where there is only one cluster', () => {
    expect(clusterForNext(ended(submitted(chosen('west'), driver), outcome('Error')))).toBeUndefined();
    expect(clusterForNext(ended(newAttempt({ number: 1, identity, manifest }), outcome('NodeLost')))).toBeUndefined();
  });

  it('stays the same until a driver was created there, which replaces the one that may be left', () => {
    expect(clusterForNext(submissionFailed(newAttempt({ number: 1, identity, manifest }, 'west'), refused))).toBe(
      'west',
    );
    const replaced = ended(submitted(newAttempt({ number: 1, identity, manifest }, 'west'), driver), outcome('Error'));
    expect(clusterForNext(replaced)).toBeUndefined();
  });
});

describe('why a driver did not start', () => {
  const problem = { reason: 'ImagePullBackOff', message: 'Back-off pulling image' };
  const waiting: AttemptRecord = {
    ...submitted(newAttempt({ number: 1, identity, manifest }), driver),
    problem,
  };

  it('is kept after the end of a driver that never started', () => {
    expect(ended(waiting, outcome('Deleted')).problem).toEqual(problem);
  });

  it('is dropped once a driver has started', () => {
    const startedAt = '2026-01-01T00:00:00Z';
    expect(ended(waiting, { ...outcome('Error'), startedAt }).problem).toBeUndefined();
  });
});
