import { expect, test } from 'vitest';
import { loadWorkerConfiguration, WorkerConfigurationError } from '../src/index.ts';

test('the environment says what a worker makes beside drivers', () => {
  expect(loadWorkerConfiguration({}).companions).toEqual({ uiServiceAlways: false });
  const { companions } = loadWorkerConfiguration({
    TEMPORAL_SPARK_UI_INGRESS_URL: '{{$appName}}.example.org',
    TEMPORAL_SPARK_INGRESS_CLASS: 'nginx',
    TEMPORAL_SPARK_UI_SERVICE: 'always',
  });
  expect(companions).toEqual({
    uiIngressUrl: '{{$appName}}.example.org',
    ingressClassName: 'nginx',
    uiServiceAlways: true,
  });
});

test('every variable that cannot be used is named, with its value', () => {
  const environment = { TEMPORAL_SPARK_UI_SERVICE: 'never', TEMPORAL_SPARK_SHUTDOWN_GRACE_MS: '-1' };
  expect(() => loadWorkerConfiguration(environment)).toThrow(WorkerConfigurationError);
  expect(() => loadWorkerConfiguration(environment)).toThrow(/TEMPORAL_SPARK_UI_SERVICE="never"/);
  expect(() => loadWorkerConfiguration(environment)).toThrow(/TEMPORAL_SPARK_SHUTDOWN_GRACE_MS="-1"/);
});
