import { booleanOf, type SparkConf } from '../spark-conf.ts';
import { mebibytes } from '../memory.ts';
import { refuseInvalid } from '../submission-refused.ts';

const memoryKeys = ['spark.driver.memory', 'spark.executor.memory'] as const;
const countKeys = ['spark.driver.cores', 'spark.executor.cores'] as const;
const INSTANCES = 'spark.executor.instances';
const MAX_INT = 2 ** 31 - 1;

/**
 * Checks sizes as spark-submit does before it submits; otherwise they would fail later, in the driver.
 *
 * @throws SubmissionRefused where one is not positive
 */
export function refuseSizes(conf: SparkConf): void {
  for (const key of memoryKeys) {
    const size = conf[key];
    if (size === undefined) continue;
    mebibytes(key, size);
    if (parseInt(size, 10) === 0)
      refuseInvalid(key, `"${size}" is not a positive size`, 'Give a size, for example 1g.');
  }
  const isDynamic = booleanOf(conf, 'spark.dynamicAllocation.enabled', false);
  for (const key of [...countKeys, ...(isDynamic ? [] : [INSTANCES])]) {
    const count = conf[key];
    if (count !== undefined && !isPositiveInteger(count)) {
      refuseInvalid(key, `"${count}" is not a positive number`, 'Give a whole number of at least 1.');
    }
  }
}

const isPositiveInteger = (text: string): boolean =>
  /^\+?[0-9]+$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_INT;
