import { expect, test } from 'vitest';
import { loadWorkerConfiguration, WorkerConfigurationError } from '../../src/index.ts';

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

test('Temporal is where the environment that it is given says, whatever that of the process is', () => {
  const { temporal, temporalNamespace } = loadWorkerConfiguration({
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    TEMPORAL_NAMESPACE: 'spark',
  });
  expect(temporal.address).toBe('temporal.example:7233');
  expect(temporalNamespace).toBe('spark');
});

test('every variable that cannot be used is named, with its value', () => {
  const environment = { TEMPORAL_SPARK_UI_SERVICE: 'never', TEMPORAL_SPARK_SHUTDOWN_GRACE_MS: '-1' };
  expect(() => loadWorkerConfiguration(environment)).toThrow(WorkerConfigurationError);
  expect(() => loadWorkerConfiguration(environment)).toThrow(/TEMPORAL_SPARK_UI_SERVICE="never"/);
  expect(() => loadWorkerConfiguration(environment)).toThrow(/TEMPORAL_SPARK_SHUTDOWN_GRACE_MS="-1"/);
});
