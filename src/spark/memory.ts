import type { SparkConf } from './conf.ts';
import { refuseInvalid } from './submission-refused.ts';
import type { SparkVersionRules } from './spark-version.ts';

const KIBI = 1024n;
const bytesByUnit: Readonly<Record<string, bigint>> = {
  b: 1n,
  k: KIBI,
  kb: KIBI,
  m: KIBI ** 2n,
  mb: KIBI ** 2n,
  g: KIBI ** 3n,
  gb: KIBI ** 3n,
  t: KIBI ** 4n,
  tb: KIBI ** 4n,
  p: KIBI ** 5n,
  pb: KIBI ** 5n,
};

/**
 * A size in Spark's grammar (`512m`, `2g`, `1048576b`; no unit means MiB), in MiB, cut to whole ones.
 *
 * @throws SubmissionRefused where Spark could not read it either
 */
export function mebibytes(key: string, size: string): number {
  const match = /^([0-9]+)([a-z]+)?$/.exec(size.trim().toLowerCase());
  const unit = bytesByUnit[match?.[2] ?? 'm'];
  if (match?.[1] === undefined || unit === undefined) {
    return refuseInvalid(
      key,
      `"${size}" is not a size Spark can read`,
      'Give a whole number with a unit of b, k, m, g, t or p, for example 1536m instead of 1.5g.',
    );
  }
  return Number((BigInt(match[1]) * unit) / KIBI ** 2n);
}

const MINIMUM_OVERHEAD_MIB = 384;

export interface DriverMemory {
  /** What the driver's container requests and is limited to, in MiB. */
  readonly totalMib: number;
  /** The factor executors inherit unless they have their own. */
  readonly defaultOverheadFactor: number;
}

/** Heap plus overhead, as Spark sums them up for a driver. */
export function driverMemory(conf: SparkConf, isJvm: boolean, rules: SparkVersionRules): DriverMemory {
  const sizeOf = (key: string) => (conf[key] === undefined ? undefined : mebibytes(key, conf[key]));
  const heapMib = sizeOf('spark.driver.memory') ?? 1024;
  const defaultOverheadFactor = factorOf(conf, 'spark.kubernetes.memoryOverheadFactor') ?? (isJvm ? 0.1 : 0.4);
  const factor = factorOf(conf, 'spark.driver.memoryOverheadFactor') ?? defaultOverheadFactor;
  const minimumMib =
    (rules.minMemoryOverhead ? sizeOf('spark.driver.minMemoryOverhead') : undefined) ?? MINIMUM_OVERHEAD_MIB;
  const overheadMib = sizeOf('spark.driver.memoryOverhead') ?? Math.max(Math.trunc(factor * heapMib), minimumMib);
  return { totalMib: heapMib + overheadMib, defaultOverheadFactor };
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
