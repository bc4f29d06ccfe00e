import { expect, test } from 'vitest';
import { buildDriverObjects, findRefusals } from '../../../src/spark/index.ts';
import { pathText } from '../../../src/validation/problems.ts';
import { application, identity, withConf } from './fixtures.ts';

const MIB = 1024 ** 2;

test.each([
  [{ sparkConf: { 'spark.a': 'x'.repeat(MIB) } }, 'spec.sparkConf', 'the configuration of the driver is 1,0'],
  [
    { executor: { env: [{ name: 'A', value: '\u20ac'.repeat(MIB / 3) }] } },
    'spec.executor',
    "the executors' pod template is 1,0",
  ],
  [
    { monitoring: { exposeDriverMetrics: true, exposeExecutorMetrics: false, metricsProperties: 'x'.repeat(MIB + 1) } },
    'spec.monitoring',
    'the configuration of monitoring is 1,0',
  ],
])('rejects what no ConfigMap can hold (%#)', (spec, path, message) => {
  const problems = findRefusals(application(spec));
  expect(problems.map((problem) => pathText(problem.path))).toEqual([path]);
  expect(problems[0]!.message).toContain(message);
});

test('a worker refuses it too', () => {
  expect(() => buildDriverObjects(withConf({ 'spark.a': 'x'.repeat(MIB) }), identity)).toThrow(
    'a ConfigMap holds 1,048,576',
  );
});
