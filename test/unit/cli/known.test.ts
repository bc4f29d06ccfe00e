import { expect, it } from 'vitest';
import { knownOf } from '../../../src/cli/commands/ui/known.ts';
import type { Temporal } from '../../../src/cli/temporal.ts';
import type { TeamDefault } from '../../../src/protocol/index.ts';
import { sparkPi } from '../../support/manifests.ts';

/** An application whose last attempt got these defaults. */
function withDefaults(defaults: readonly TeamDefault[] | undefined, sparkConf: Record<string, string> = {}): Temporal {
  const manifest = sparkPi();
  const { spec } = manifest;
  const status = { state: 'COMPLETED', attemptHistory: [], submissionId: 'a', driverPodName: 'd', defaults };
  const spark = {
    describe: async () => ({ workflowId: 'w', status, closeTime: new Date() }),
    manifest: async () => ({ manifest: { ...manifest, spec: { ...spec, sparkConf } } }),
  };
  return { spark } as unknown as Temporal;
}

const eventLog = (field: string, value: string): TeamDefault => ({
  rule: 'everyone',
  path: ['spec', 'sparkConf', `spark.eventLog.${field}`],
  value,
});

it('knows an event log that the defaults of the worker switched on', async () => {
  const defaults = [eventLog('enabled', 'true'), eventLog('dir', 's3a://team/events')];
  const { configuration, manifest } = await knownOf(withDefaults(defaults), 'w');
  expect(configuration.eventLogDir).toBe('s3a://team/events');
  expect(manifest.spec.sparkConf).toEqual({
    'spark.eventLog.enabled': 'true',
    'spark.eventLog.dir': 's3a://team/events',
  });
  const own = await knownOf(withDefaults(defaults, { 'spark.eventLog.dir': 's3a://own' }), 'w');
  expect(own.configuration.eventLogDir).toBe('s3a://own');
  expect((await knownOf(withDefaults(undefined), 'w')).configuration).not.toHaveProperty('eventLogDir');
});
