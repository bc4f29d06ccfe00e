import { expect, it } from 'vitest';
import { uiConfiguration } from '../../../src/cli/commands/ui/ui-configuration.ts';
import { sparkPi } from '../../support/manifests.ts';

it.each([
  [{}, { enabled: true, port: 4040 }],
  [{ 'spark.ui.port': '4055' }, { enabled: true, port: 4055 }],
  [{ 'spark.ui.enabled': 'False' }, { enabled: false, port: 4040 }],
  [{ 'spark.eventLog.dir': 's3a://logs/events' }, { enabled: true, port: 4040 }],
  [{ 'spark.eventLog.enabled': 'false' }, { enabled: true, port: 4040 }],
  [{ 'spark.eventLog.enabled': 'true' }, { enabled: true, port: 4040, eventLogDir: 'file:///tmp/spark-events' }],
  [
    { 'spark.eventLog.enabled': ' TRUE ', 'spark.eventLog.dir': ' s3a://logs/events' },
    { enabled: true, port: 4040, eventLogDir: 's3a://logs/events' },
  ],
])('reads %j as Spark does', (sparkConf, expected) => {
  const manifest = sparkPi();
  expect(uiConfiguration({ ...manifest, spec: { ...manifest.spec, sparkConf } })).toEqual(expected);
});

it('has the defaults of Spark where there is no sparkConf', () => {
  expect(uiConfiguration(sparkPi())).toEqual({ enabled: true, port: 4040 });
});
