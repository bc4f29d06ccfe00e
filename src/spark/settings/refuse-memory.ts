import { formats } from '../../validation/formats.ts';
import type { SparkConf } from '../spark-conf.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { settingKinds, switchOf } from './setting-kinds.ts';

/** One and a half times the 300 MiB that Spark keeps for itself, in bytes. */
const LEAST_HEAP = 450 * 1024 ** 2;
/** With settings such as `spark.testing.reservedMemory` it keeps another amount. */
const TESTING = 'spark.testing';

const heaps = { 'spark.driver.memory': 'System', 'spark.executor.memory': 'Executor' } as const;

/** The heaps that Spark's memory manager does not start with; to it a number alone is bytes. */
export function refuseSmallHeaps(conf: SparkConf, rules: SparkVersionRules): void {
  for (const [key, whose] of Object.entries(heaps)) {
    const text = conf[key]?.trim() ?? '';
    const bytes = settingKinds.size.read(text, 'b', rules);
    if (bytes === undefined || bytes >= LEAST_HEAP || Object.keys(conf).some((each) => each.startsWith(TESTING))) {
      continue;
    }
    const meant = formats['jvm-memory'].suggest(text);
    const isMeant = meant !== undefined && settingKinds.size.read(meant, 'b')! >= LEAST_HEAP;
    refuseInvalid(
      key,
      `"${text}" ends the driver: "${whose} memory ${bytes} must be at least ${LEAST_HEAP}."`,
      isMeant && meant !== text ? `Write ${meant}: a number alone is bytes.` : 'Give at least 450m.',
    );
  }
}

const OFF_HEAP = 'spark.memory.offHeap';

export function refuseOffHeap(conf: SparkConf, rules: SparkVersionRules): void {
  const key = `${OFF_HEAP}.enabled`;
  const size = settingKinds.size.read(conf[`${OFF_HEAP}.size`]?.trim() ?? '0', 'b', rules);
  if (switchOf(conf, key) !== true || size !== 0) return;
  refuseInvalid(
    key,
    `Spark ends the driver: ${OFF_HEAP}.size must be above 0 where this is true`,
    `Set ${OFF_HEAP}.size, for example 1g.`,
    `${OFF_HEAP}.size`,
  );
}
