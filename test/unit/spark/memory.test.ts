import { expect, test } from 'vitest';
import { containerMemory, mebibytes } from '../../../src/spark/memory.ts';
import { sparkVersionRules } from '../../../src/spark/spark-version.ts';
import { SubmissionRefused } from '../../../src/spark/index.ts';

test.each([
  ['512', 512],
  ['512m', 512],
  ['512MB', 512],
  ['2g', 2048],
  [' 1t ', 1_048_576],
  ['1048576b', 1],
  ['1048575b', 0],
  ['1023k', 0],
  ['1p', 1_073_741_824],
])('%s is %i MiB', (size, expected) => {
  expect(mebibytes('key', size)).toBe(expected);
});

test.each(['1.5g', '', '-1g', '1Gi', 'g', '1 g', '1e3', '1bb', '1constructor'])('%j is not a size', (size) => {
  expect(() => mebibytes('spark.driver.memory', size)).toThrow(SubmissionRefused);
});

test.each(['1Gi', '1GiB', '1048576ki'])('%j is a size from Spark 4.2 on', (size) => {
  expect(mebibytes('key', size, { rules: sparkVersionRules('4.2.1') })).toBe(1024);
  expect(() => mebibytes('key', size, { rules: sparkVersionRules('4.1.4') })).toThrow(SubmissionRefused);
});

test.each([
  ['driver', 'java', {}, 1408],
  ['driver', 'python', {}, 1433],
  ['driver', 'r', {}, 1433],
  ['driver', 'python', { 'spark.driver.memory': '4g' }, 5734],
  ['driver', 'java', { 'spark.driver.memory': '10g', 'spark.driver.memoryOverheadFactor': '0.15' }, 11_776],
  ['executor', 'java', { 'spark.executor.memory': '8g', 'spark.driver.memory': '1g' }, 9011],
  ['executor', 'java', { 'spark.memory.offHeap.enabled': 'true', 'spark.memory.offHeap.size': '1073741824' }, 2432],
  ['executor', 'java', { 'spark.memory.offHeap.size': '1g' }, 1408],
  ['executor', 'python', { 'spark.executor.pyspark.memory': '500m' }, 1933],
  ['executor', 'java', { 'spark.executor.pyspark.memory': '500m' }, 1408],
] as const)('a %s in %s with %j takes %i MiB', (role, language, conf, expected) => {
  expect(containerMemory(conf, role, language, sparkVersionRules('4.1.4')).totalMib).toBe(expected);
});

test.each([
  ['3.5.9', 2432],
  ['4.0.5', 3072],
])('Spark %s with a minimum overhead of 1g takes %i MiB', (version, expected) => {
  const conf = { 'spark.driver.memory': '2g', 'spark.driver.minMemoryOverhead': '1g' };
  expect(containerMemory(conf, 'driver', 'java', sparkVersionRules(version)).totalMib).toBe(expected);
});

test.each(['', 'a lot', '-0.1', 'Infinity'])('%j is not an overhead factor', (factor) => {
  const conf = { 'spark.kubernetes.memoryOverheadFactor': factor };
  expect(() => containerMemory(conf, 'driver', 'java', sparkVersionRules('4.1.4'))).toThrow(SubmissionRefused);
});
