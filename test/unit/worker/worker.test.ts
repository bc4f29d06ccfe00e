import { expect, test } from 'vitest';
import { loadWorkerConfiguration, sparkWorkerOptions, WorkerConfigurationError } from '../../../src/worker.ts';

test('the environment defines what a worker creates with drivers', () => {
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

test('the given environment has the address of Temporal, not that of the process', () => {
  const { temporal, temporalNamespace } = loadWorkerConfiguration({
    TEMPORAL_ADDRESS: 'temporal.example:7233',
    TEMPORAL_NAMESPACE: 'spark',
  });
  expect(temporal.address).toBe('temporal.example:7233');
  expect(temporalNamespace).toBe('spark');
});

test('the environment defines how long users wait', () => {
  expect(loadWorkerConfiguration({})).not.toHaveProperty('timings');
  const TEMPORAL_SPARK_TIMINGS = '{"heartbeatTimeoutMs":10000,"heartbeatThrottleMs":2000}';
  const configuration = loadWorkerConfiguration({ TEMPORAL_SPARK_TIMINGS });
  expect(configuration.timings).toEqual({ heartbeatTimeoutMs: 10_000, heartbeatThrottleMs: 2_000 });
  expect(sparkWorkerOptions(configuration).maxHeartbeatThrottleInterval).toBe(2_000);
});

test.each([
  ['{"heartbeat":1}', /TEMPORAL_SPARK_TIMINGS="\{\\"heartbeat\\":1\}": invalid timings: heartbeat is unknown; known: /],
  ['{"retryMs":"1s"}', /retryMs must be a number of milliseconds from 1 to 2147483647, not "1s"/],
  ['[]', /must be a JSON object such as \{"heartbeatTimeoutMs":10000\}/],
  ['retryMs=1', /TEMPORAL_SPARK_TIMINGS="retryMs=1": .*JSON/],
])('timings that cannot be used are rejected: %s', (TEMPORAL_SPARK_TIMINGS, message) => {
  const load = () => loadWorkerConfiguration({ TEMPORAL_SPARK_TIMINGS });
  expect(load).toThrow(WorkerConfigurationError);
  expect(load).toThrow(message);
});

test('a workflow bundle must be a file that can be read', () => {
  const { workflowBundleFile } = loadWorkerConfiguration({ TEMPORAL_SPARK_WORKFLOW_BUNDLE: import.meta.filename });
  expect(workflowBundleFile).toBe(import.meta.filename);
  expect(() => loadWorkerConfiguration({ TEMPORAL_SPARK_WORKFLOW_BUNDLE: '/no/such/bundle.js' })).toThrow(
    /TEMPORAL_SPARK_WORKFLOW_BUNDLE="\/no\/such\/bundle.js": cannot be read/,
  );
});

test('every variable that cannot be used is named, with its value', () => {
  const environment = { TEMPORAL_SPARK_UI_SERVICE: 'never', TEMPORAL_SPARK_SHUTDOWN_GRACE_MS: '-1' };
  expect(() => loadWorkerConfiguration(environment)).toThrow(WorkerConfigurationError);
  expect(() => loadWorkerConfiguration(environment)).toThrow(/TEMPORAL_SPARK_UI_SERVICE="never"/);
  expect(() => loadWorkerConfiguration(environment)).toThrow(/TEMPORAL_SPARK_SHUTDOWN_GRACE_MS="-1"/);
});

test('the environment defines which SparkApplication resources a worker serves', () => {
  expect(loadWorkerConfiguration({ TEMPORAL_SPARK_OPERATOR_SELECTOR: 'a=b' })).not.toHaveProperty('operator');
  expect(loadWorkerConfiguration({ TEMPORAL_SPARK_OPERATOR: 'true' }).operator).toEqual({});
  const environment = {
    TEMPORAL_SPARK_OPERATOR: 'true',
    TEMPORAL_SPARK_OPERATOR_NAMESPACES: 'etl,ml',
    TEMPORAL_SPARK_OPERATOR_SELECTOR: 'served-by=temporal-spark',
  };
  const served = { namespaces: ['etl', 'ml'], selector: 'served-by=temporal-spark' };
  expect(loadWorkerConfiguration(environment).operator).toEqual(served);
  expect(() => loadWorkerConfiguration({ ...environment, TEMPORAL_SPARK_OPERATOR: 'yes' })).toThrow(
    'TEMPORAL_SPARK_OPERATOR="yes"',
  );
});

test('the environment names the labels of applications that metrics carry', () => {
  expect(loadWorkerConfiguration({})).not.toHaveProperty('metricsLabels');
  const { metricsLabels } = loadWorkerConfiguration({
    TEMPORAL_SPARK_METRICS_LABELS: 'app.kubernetes.io/team,namespace',
  });
  expect(metricsLabels).toEqual(['app.kubernetes.io/team', 'namespace']);
  expect(() => loadWorkerConfiguration({ TEMPORAL_SPARK_METRICS_LABELS: 'a.b,a-b' })).toThrow(
    'TEMPORAL_SPARK_METRICS_LABELS="a.b,a-b": "a.b" and "a-b" are both a_b',
  );
});
