import { describe, expect, it } from 'vitest';
import { scheduleStatus, type Run, type ScheduleFacts } from '../../../src/operator/schedules/schedule-status.ts';

const run = (minute: number, state?: string): Run => ({
  name: `daily-${minute}`,
  uid: `uid-${minute}`,
  createdAt: `2026-11-30T03:0${minute}:00Z`,
  ...(state !== undefined && { state }),
});
const limits = { successful: 1, failed: 1 };
const of = (facts: Partial<ScheduleFacts>) => scheduleStatus({ before: undefined, runs: [], limits, ...facts });

describe('the status of a schedule', () => {
  it.each<[string, Partial<ScheduleFacts>, object]>([
    ['has no last run before the first one', {}, { lastRun: null, nextRun: null, scheduleState: 'Scheduled' }],
    [
      'has the next run to the second, as the API server writes times',
      { nextRun: new Date('2026-12-01T03:00:00.000Z') },
      { lastRun: null, nextRun: '2026-12-01T03:00:00Z', scheduleState: 'Scheduled' },
    ],
    [
      'has the newest run as the last one, whatever state it has',
      { runs: [run(1, 'COMPLETED'), run(3), run(2, 'RUNNING')] },
      { lastRun: '2026-11-30T03:03:00Z', lastRunName: 'daily-3', pastSuccessfulRunNames: ['daily-1'] },
    ],
    [
      'keeps the last run when that is deleted',
      { before: { lastRun: '2026-11-30T03:05:00Z', lastRunName: 'daily-5' }, runs: [run(1, 'FAILED')] },
      { lastRun: '2026-11-30T03:05:00Z', lastRunName: 'daily-5', pastFailedRunNames: ['daily-1'] },
    ],
    [
      'names as many past runs as the limits allow, the newest first',
      {
        runs: [run(1, 'COMPLETED'), run(2, 'FAILED'), run(3, 'COMPLETED'), run(4, 'COMPLETED')],
        limits: { successful: 2, failed: 0 },
      },
      { pastSuccessfulRunNames: ['daily-4', 'daily-3'] },
    ],
    [
      'has the reason where the schedule is invalid, and no next run',
      { fault: 'spec.schedule has 4 fields' },
      { scheduleState: 'FailedValidation', reason: 'spec.schedule has 4 fields', nextRun: null },
    ],
  ])('%s', (_, facts, expected) => {
    expect(of(facts).status).toMatchObject(expected);
  });

  it('leaves out what is empty, as the operator does', () => {
    const expected = { lastRun: '2026-11-30T03:01:00Z', lastRunName: 'daily-1', nextRun: null };
    expect(of({ runs: [run(1)] }).status).toEqual({ ...expected, scheduleState: 'Scheduled' });
  });
});

describe('the history of a schedule', () => {
  const runs = [run(1, 'FAILED'), run(2, 'COMPLETED'), run(3), run(4, 'COMPLETED'), run(5, 'FAILED')];

  it.each<[string, ScheduleFacts['limits'], readonly string[]]>([
    ['loses the oldest of each kind', limits, ['daily-2', 'daily-1']],
    [
      'loses all that have ended, and none that runs',
      { successful: 0, failed: 0 },
      ['4', '2', '5', '1'].map((n) => `daily-${n}`),
    ],
    ['loses nothing within the limits', { successful: 2, failed: 2 }, []],
    ['loses nothing where the schedule cannot be read', undefined, []],
  ])('%s', (_, given, expected) => {
    const { expired } = scheduleStatus({ before: {}, runs, ...(given && { limits: given }) });
    expect(expired.map(({ name }) => name)).toEqual(expected);
  });
});
