import { formats } from '../validation/formats.ts';
import { present } from '../validation/present.ts';
import { settingKinds } from './settings/setting-kinds.ts';
import { booleanOf, type SparkConf } from './spark-conf.ts';
import { refuseInvalid } from './submission-refused.ts';
import type { SparkVersionRules } from './spark-version.ts';

export interface SizeOptions {
  /** What a number alone is. @default MiB */
  readonly defaultUnit?: 'm' | 'b';
  /** Those of the version of Spark. @default sizes as all versions read them */
  readonly rules?: Pick<SparkVersionRules, 'binarySizes'>;
}

/**
 * A size in Spark's grammar (`512m`, `2g`, `1048576b`, `1tb`), in MiB, rounded down.
 *
 * @throws SubmissionRefused where Spark could not read it either
 */
export function mebibytes(key: string, size: string, { defaultUnit = 'm', rules }: SizeOptions = {}): number {
  const value = settingKinds.size.read(size.trim(), defaultUnit, rules);
  if (value === undefined || value < 0) {
    const suggestion = formats['spark-memory'].suggest(size);
    return refuseInvalid(
      key,
      `"${size}" is not a size Spark can read`,
      suggestion === undefined
        ? 'Give a whole number with a unit of b, k, m, g, t or p, for example 512m.'
        : `Write ${suggestion}.`,
    );
  }
  return defaultUnit === 'm' ? value : Math.floor(value / 1024 ** 2);
}

const MINIMUM_OVERHEAD_MIB = 384;

export interface ContainerMemory {
  /** What the container requests and is limited to, in MiB. */
  readonly totalMib: number;
  /** The part of it that is kept for what lies outside Spark's own memory, in MiB. */
  readonly overheadMib: number;
  /** The overhead factor of a role that has none of its own. */
  readonly defaultOverheadFactor: number;
}

/** The memory of a driver or executor, as Spark sums it up. */
export function containerMemory(
  conf: SparkConf,
  role: 'driver' | 'executor',
  language: 'java' | 'python' | 'r',
  rules: SparkVersionRules,
): ContainerMemory {
  const sizeOf = (key: string, defaultUnit?: 'b') =>
    conf[key] === undefined ? undefined : mebibytes(key, conf[key], { rules, ...present({ defaultUnit }) });
  const heapMib = sizeOf(`spark.${role}.memory`) ?? 1024;
  const defaultOverheadFactor =
    factorOf(conf, 'spark.kubernetes.memoryOverheadFactor') ?? (language === 'java' ? 0.1 : 0.4);
  const ownKey = `spark.${role}.memoryOverheadFactor`;
  const ownFactor = factorOf(conf, ownKey);
  if (ownFactor === 0) {
    refuseInvalid(
      ownKey,
      '"0" ends the driver: "Ensure that memory overhead is a double greater than 0"',
      'Give a number above 0, for example 0.1.',
    );
  }
  const factor = ownFactor ?? defaultOverheadFactor;
  const minimumMib =
    (rules.minMemoryOverhead ? sizeOf(`spark.${role}.minMemoryOverhead`) : undefined) ?? MINIMUM_OVERHEAD_MIB;
  const overheadMib = sizeOf(`spark.${role}.memoryOverhead`) ?? Math.max(Math.trunc(factor * heapMib), minimumMib);
  const besideHeapMib =
    role === 'driver'
      ? 0
      : (booleanOf(conf, 'spark.memory.offHeap.enabled', false) ? (sizeOf('spark.memory.offHeap.size', 'b') ?? 0) : 0) +
        (language === 'python' ? (sizeOf('spark.executor.pyspark.memory') ?? 0) : 0);
  return { totalMib: heapMib + besideHeapMib + overheadMib, overheadMib, defaultOverheadFactor };
}

function factorOf(conf: SparkConf, key: string): number | undefined {
  const text = conf[key];
  if (text === undefined) return undefined;
  const factor = Number(text);
  if (text.trim() === '' || !Number.isFinite(factor) || factor < 0) {
    refuseInvalid(key, `"${text}" is not a factor`, 'Give a number of at least 0, for example 0.4.');
  }
  return factor;
}

/** A number as Java's `Double.toString` writes it, for the magnitudes a factor has. */
export function javaDouble(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
