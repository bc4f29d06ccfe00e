import { describe, expect, it } from 'vitest';
import { scheduleOptions, type ScheduleManifest } from '../../../src/client/schedule-options.ts';
import { endOfDay, isDay, startOfDay } from '../../../src/client/day.ts';
import { parseManifest } from '../../../src/manifest/index.ts';
import { step } from '../../support/pipelines.ts';
import { scheduledApplication } from '../../support/schedules.ts';

function scheduled(spec: Record<string, unknown> = {}, namespace = 'etl'): ScheduleManifest {
  const manifest: unknown = {
    apiVersion: 'temporal-spark/v1alpha1',
    kind: 'ScheduledSparkPipeline',
    metadata: { name: 'daily', namespace },
    spec: { schedule: '0 3 * * *', template: { stages: [step('a')] }, ...spec },
  };
  return parseManifest(manifest) as ScheduleManifest;
}

const cron = (schedule: string) => scheduleOptions(scheduled({ schedule }), 'q').spec.cronExpressions;

describe('cron', () => {
  it.each([
    ['0 3 * * *', ['0 3 * * *']],
    ['0 3 1 * *', ['0 3 1 * *']],
    ['0 3 ? * MON-FRI', ['0 3 * * MON-FRI']],
    ['0 3 *,5 * MON', ['0 3 *,5 * MON']],
    ['0 3 13 JAN FRI', ['0 3 13 JAN *', '0 3 * JAN FRI']],
    // A step restricts: with robfig/cron too, every other day or a Monday.
    ['0 3 */2 * MON', ['0 3 */2 * *', '0 3 * * MON']],
    ['0 3 1 * */2', ['0 3 1 * *', '0 3 * * */2']],
    ['CRON_TZ=Europe/Zurich 0 3 1 * 1', ['0 3 1 * *', '0 3 * * 1']],
    ['@daily', ['@daily']],
  ])('%s is what robfig/cron makes of it', (schedule, expected) => {
    expect(cron(schedule)).toEqual(expected);
  });

  it('has its zone from before the expression, else from the field', () => {
    const zone = (spec: Record<string, unknown>) => scheduleOptions(scheduled(spec), 'q').spec.timezone;
    expect(zone({ schedule: 'TZ=Asia/Tokyo 0 3 * * *', timeZone: 'Europe/Zurich' })).toBe('Asia/Tokyo');
    expect(zone({ timeZone: 'Europe/Zurich' })).toBe('Europe/Zurich');
    expect(zone({ timeZone: 'Local' })).toBe('UTC');
    expect(zone({})).toBe('UTC');
  });
});

describe('a schedule', () => {
  const digest = (spec: Record<string, unknown>, queue = 'q') => scheduleOptions(scheduled(spec), queue).digest;

  it('is another when anything of it is, and not when its fields are in another order', () => {
    const parameters = { a: { type: 'int', default: 1 }, b: { type: 'int', default: 2 } };
    const { a, b } = parameters;
    const template = { parameters, stages: [step('x')] };
    const given = { template, parameters: { a: 1, b: 2 } };
    const reordered = { parameters: { b: 2, a: 1 }, template: { stages: [step('x')], parameters: { b, a } } };
    expect(digest(reordered)).toBe(digest(given));
    const digests = [
      digest(given),
      digest(given, 'other'),
      digest({ ...given, parameters: { a: 1, b: 3 } }),
      ...Object.entries({
        schedule: '0 4 * * *',
        timeZone: 'Europe/Zurich',
        suspend: true,
        overlap: 'BufferAll',
        catchUpSeconds: 60,
        jitterSeconds: 5,
        pauseOnFailure: true,
      }).map(([name, value]) => digest({ ...given, [name]: value })),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  it('of one name is another in another namespace, and so are its runs', () => {
    const [one, other] = ['etl', 'ml'].map((namespace) => scheduleOptions(scheduled({}, namespace), 'q'));
    expect([one!.scheduleId, other!.scheduleId]).toEqual(['pipeline/etl/daily', 'pipeline/ml/daily']);
    expect([one!.action.workflowId, other!.action.workflowId]).toEqual([
      'pipeline/etl/daily/scheduled',
      'pipeline/ml/daily/scheduled',
    ]);
  });
});

it('the runs of a resource are created by another workflow, and a resource of another UID makes another schedule', () => {
  const manifest = parseManifest(scheduledApplication('daily', 'etl')) as ScheduleManifest;
  const [one, other] = ['a', 'b'].map((uid) => scheduleOptions(manifest, 'q', { uid }));
  expect(one!.action).toMatchObject({
    ...{ workflowType: 'scheduledSparkResource', workflowId: 'scheduled-run/etl/daily' },
    args: [manifest, { uid: 'a' }],
  });
  expect(one!.scheduleId).toBe(scheduleOptions(manifest, 'q').scheduleId);
  expect(new Set([one!.digest, other!.digest, scheduleOptions(manifest, 'q').digest]).size).toBe(3);
});

it('the history limits of a schedule go to each of its runs', () => {
  const optionsOf = (spec: Record<string, unknown>) => {
    const { action } = scheduleOptions(scheduled(spec), 'q');
    return action.args![1] as Record<string, unknown>;
  };
  expect(optionsOf({ successfulRunHistoryLimit: 3, failedRunHistoryLimit: 0 })['history']).toEqual({
    schedule: 'etl/daily',
    successful: 3,
    failed: 0,
  });
  expect(optionsOf({})['history']).toBeUndefined();
});

describe('a day', () => {
  it.each([
    ['2026-11-20', 'UTC', '2026-11-20T00:00:00.000Z', '2026-11-20T23:59:59.999Z'],
    ['2026-11-20', 'Europe/Zurich', '2026-11-19T23:00:00.000Z', '2026-11-20T22:59:59.999Z'],
    ['2026-03-29', 'Europe/Zurich', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'], // 23 hours
    ['2026-10-25', 'Europe/Zurich', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'], // 25 hours
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-07T02:59:59.999Z'], // no midnight
    ['2026-11-20', 'Asia/Kolkata', '2026-11-19T18:30:00.000Z', '2026-11-20T18:29:59.999Z'],
    ['2026-11-20', 'Pacific/Kiritimati', '2026-11-19T10:00:00.000Z', '2026-11-20T09:59:59.999Z'],
  ])('%s in %s', (day, zone, start, end) => {
    expect([startOfDay(day, zone).toISOString(), endOfDay(day, zone).toISOString()]).toEqual([start, end]);
  });

  it('is one of the calendar', () => {
    expect(['2026-02-28', '2026-02-30', '2026-13-01', '2026-1-1', 'today'].map(isDay)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

it('each run has the memo of one that is started by hand', () => {
  const { action, digest } = scheduleOptions(scheduled({}), 'q');
  expect(action.memo).toEqual({ pipeline: 'daily', stages: 1, scheduleDigest: digest });
});
