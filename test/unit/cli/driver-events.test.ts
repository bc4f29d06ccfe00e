import { describe, expect, it } from 'vitest';
import { driverEvents } from '../../../src/cli/commands/describe/driver-events.ts';
import { evidenceSections } from '../../../src/cli/commands/describe/evidence-text.ts';
import type { CoreEvent, KubernetesClient } from '../../../src/kubernetes/index.ts';

const event = (time: string, reason: string, fields: object = {}) =>
  ({ reason, type: 'Normal', message: `${reason} it`, lastTimestamp: time, ...fields }) as unknown as CoreEvent;

/** A cluster with these Events, and with the pod where it has a submission. */
function clusterWith(items: readonly CoreEvent[], submissionId?: string) {
  const asked: (string | undefined)[] = [];
  const labels = { 'temporal-spark/submission-id': submissionId };
  const kubernetes: Partial<KubernetesClient> = {
    get: async () => (submissionId === undefined ? undefined : ({ metadata: { uid: 'u', labels } } as never)),
    page: async (_resource, _namespace, _token, options) => {
      asked.push(options?.fieldSelector);
      return { items: [...items], resourceVersion: '1', continueToken: undefined } as never;
    },
  };
  return { kubernetes: kubernetes as KubernetesClient, asked };
}

const driver = { namespace: 'etl', podName: 'pi-driver', submissionId: 's', since: '2026-01-01T00:00:10.700Z' };
const { signal } = new AbortController();

describe('the Events of a driver', () => {
  it('are those of its pod, newest last, ten at most', async () => {
    const times = Array.from({ length: 12 }, (_, index) => `2026-01-01T00:00:${String(30 - index)}Z`);
    const { kubernetes, asked } = clusterWith(
      times.map((time) => event(time, 'Pulled')),
      's',
    );
    const found = await driverEvents(kubernetes, driver, signal);
    expect(asked).toEqual(['involvedObject.kind=Pod,involvedObject.name=pi-driver,involvedObject.uid=u']);
    expect(found.map(({ time }) => time)).toEqual(times.toReversed().slice(2));
  });

  it('are not those of an earlier attempt whose pod had the same name', async () => {
    const { kubernetes } = clusterWith([event('2026-01-01T00:00:09Z', 'Old'), event('2026-01-01T00:00:10Z', 'New')]);
    const found = await driverEvents(kubernetes, driver, signal);
    expect(found.map(({ reason }) => reason)).toEqual(['New']);
  });

  it('are lines with age, count and message; the log follows', () => {
    const events = [
      { time: '2026-01-01T00:00:00Z', type: 'Normal', reason: 'Scheduled', message: 'on node-1', count: 1 },
      { time: '2026-01-01T00:00:50Z', type: 'Warning', reason: 'BackOff', message: 'pull\nfailed', count: 5 },
    ];
    const log = { location: 'pod etl/pi-driver', lines: ['one', 'two'] };
    const sections = evidenceSections({ driver, events, log }, Date.parse('2026-01-01T00:01:00Z'));
    expect(sections).toEqual([
      [
        'Events of pod etl/pi-driver',
        '  1m ago            Normal   Scheduled  on node-1',
        '  10s ago, 5 times  Warning  BackOff    pull failed',
      ],
      ['End of its log (pod etl/pi-driver)', '  one', '  two'],
    ]);
  });

  it('name the reason where they cannot be read', () => {
    expect(evidenceSections({ driver, events: 'connection refused' }, 0)).toEqual([
      ['Events of pod etl/pi-driver: not read: connection refused'],
    ]);
  });
});
