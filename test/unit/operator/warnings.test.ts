import { expect, it } from 'vitest';
import { Resources, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import { Warnings } from '../../../src/operator/warnings.ts';

it('logs and records a warning once, until another follows or it is over', async () => {
  const created: unknown[] = [];
  const logged: string[] = [];
  const kubernetes = {
    create: async (_: unknown, event: unknown) => void created.push(event),
  } as unknown as KubernetesClient;
  const warnings = new Warnings(kubernetes, Resources.scheduledSparkApplications, (_, message) => logged.push(message));
  const record = (message: string) =>
    warnings.record({ namespace: 'default', name: 'daily', uid: 'uid' }, { reason: 'NameInUse', message });
  for (const message of ['a', 'a', 'b', 'a']) await record(message);
  warnings.over('default/daily');
  await record('a');
  expect(logged).toEqual(['a', 'b', 'a', 'a']);
  expect(created).toHaveLength(4);
  expect(created[0]).toMatchObject({
    involvedObject: { kind: 'ScheduledSparkApplication', namespace: 'default', name: 'daily', uid: 'uid' },
    ...{ type: 'Warning', reason: 'NameInUse', message: 'a' },
  });
});
