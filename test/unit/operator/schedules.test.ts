import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { ScheduledSparkApplication } from '../../../src/manifest/index.ts';
import { Schedules } from '../../../src/operator/schedules/schedules.ts';
import { SCHEDULED_RESOURCE_WORKFLOW } from '../../../src/protocol/index.ts';
import { parseManifest } from '../../../src/manifest/index.ts';
import { scheduledApplication } from '../../support/schedules.ts';

it('gives up a schedule that another changes back each time, with the remedy', async () => {
  let updates = 0;
  const action = { workflowType: SCHEDULED_RESOURCE_WORKFLOW, taskQueue: 'spark', args: [{}, { uid: 'uid' }] };
  const handle = {
    describe: async () => ({ action, state: { paused: false }, info: { nextActionTimes: [] } }),
    update: async () => {
      updates += 1;
      // Later than any bound.
      if (updates === 100) throw new Error('repeated without end');
    },
  };
  const schedules = new Schedules({ schedule: { getHandle: () => handle } } as unknown as Client, 'spark');
  const manifest = parseManifest(scheduledApplication('daily', 'default')) as ScheduledSparkApplication;
  await expect(schedules.apply(manifest, { uid: 'uid' })).rejects.toThrow(
    'was changed 5 times and still differs from its resource: others change it, too; run operators of one version',
  );
});
