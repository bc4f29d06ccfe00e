import { formats } from '../../validation/formats.ts';
import { mebibytes } from '../memory.ts';
import { booleanOf, listOf, type SparkConf } from '../spark-conf.ts';
import { refuseSettings } from '../settings/refuse-settings.ts';
import { settingKinds } from '../settings/setting-kinds.ts';
import { refuseInvalid } from '../submission-refused.ts';
import type { SparkVersionRules } from '../spark-version.ts';

const memoryKeys = ['spark.driver.memory', 'spark.executor.memory'] as const;
const countKeys = ['spark.driver.cores', 'spark.executor.cores'] as const;
const INSTANCES = 'spark.executor.instances';
const MAX_INT = 2 ** 31 - 1;

/**
 * Checks sizes as spark-submit does before it submits; otherwise they would fail later, in the driver.
 *
 * @throws SubmissionRefused where one is not positive
 */
export function refuseSizes(conf: SparkConf, rules: SparkVersionRules): void {
  for (const key of memoryKeys) {
    const size = conf[key];
    if (size === undefined) continue;
    mebibytes(key, size, { rules });
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

/**
 * Checks what Spark itself refuses in the driver, when it starts or asks for its first executor: each attempt would end
 * there.
 *
 * @throws SubmissionRefused
 */
export function refuseConf(conf: SparkConf, rules: SparkVersionRules): void {
  refuseDriverMemory(conf);
  refuseJavaOptions(conf);
  refuseInitialHeap(conf, rules);
  refusePackages(conf);
  refuseSettings(conf, rules);
}

/** The driver's heap is an argument of its JVM, to which a number alone is bytes. */
function refuseDriverMemory(conf: SparkConf): void {
  const key = 'spark.driver.memory';
  const size = conf[key];
  if (size === undefined || formats['jvm-memory'].pattern.test(size)) return;
  const suggestion = formats['jvm-memory'].suggest(size);
  refuseInvalid(
    key,
    `"${size}" becomes -Xmx${size}, with which the driver's JVM does not start`,
    suggestion === undefined ? 'Give a whole number with k, m, g or t, for example 512m.' : `Write ${suggestion}.`,
  );
}

const driverOptions = ['spark.driver.defaultJavaOptions', 'spark.driver.extraJavaOptions'];
const executorOptions = ['spark.executor.defaultJavaOptions', 'spark.executor.extraJavaOptions'];

function refuseJavaOptions(conf: SparkConf): void {
  for (const key of driverOptions) {
    if (!closesItsQuotes(conf[key] ?? '')) {
      refuseInvalid(
        key,
        'a quote or a backslash at the end is open, and Spark ends the driver: "Invalid option string"',
        "Close the quote, or write \\' for the character itself.",
      );
    }
    // Spark 3.4 and 3.5 look for Xmx anywhere; a text with it elsewhere than in the option is not worth a refusal.
    if (!/(?:^|[\s"'])-Xmx/.test(conf[key] ?? '')) continue;
    refuseInvalid(
      key,
      'Spark ends the driver: "Not allowed to specify max heap(Xmx) memory settings through java options"',
      'Remove -Xmx and set spec.driver.memory.',
    );
  }
  for (const key of executorOptions) {
    const options = conf[key] ?? '';
    if (options.includes('-Xmx')) {
      refuseInvalid(
        key,
        `Spark ends the driver: "${key} is not allowed to specify max heap memory settings"`,
        'Remove -Xmx and set spec.executor.memory.',
      );
    }
    if (options.includes('-Dspark')) {
      refuseInvalid(
        key,
        `Spark ends the driver: "${key} is not allowed to set Spark options"`,
        'Remove -Dspark… and set the property in spec.sparkConf.',
      );
    }
  }
}

/** As Spark's launcher reads those of a driver (`CommandBuilderUtils.parseOptionString`); those of executors may be open. */
function closesItsQuotes(options: string): boolean {
  let quote: string | undefined;
  let isEscaped = false;
  for (const character of options) {
    if (isEscaped) isEscaped = false;
    else if (character === '\\' && quote !== "'") isEscaped = true;
    else if (character === quote) quote = undefined;
    else if (character === '"' || character === "'") quote ??= character;
  }
  return quote === undefined && !isEscaped;
}

/** No JVM starts with more than its heap may become. */
function refuseInitialHeap(conf: SparkConf, rules: SparkVersionRules): void {
  for (const role of ['driver', 'executor']) {
    const key = `spark.${role}.extraJavaOptions`;
    const initial = /(?:^|\s)-Xms(\d{1,15}[kmgt]?)(?=\s|$)/i.exec(conf[key] ?? '')?.[1];
    const heap = settingKinds.size.read(conf[`spark.${role}.memory`]?.trim() ?? '1g', 'b', rules);
    if (initial === undefined || heap === undefined || settingKinds.size.read(initial, 'b')! <= heap) continue;
    refuseInvalid(
      key,
      `-Xms${initial} ends the JVM: "Initial heap size set to a larger value than the maximum heap size"`,
      `Remove -Xms, or raise spec.${role}.memory.`,
      `spark.${role}.memory`,
    );
  }
}

function refusePackages(conf: SparkConf): void {
  const packages = listOf(conf, 'spark.jars.packages');
  const wrong = packages.find((coordinate) => !hasParts(coordinate.replaceAll('/', ':'), 3));
  if (wrong !== undefined) {
    refuseInvalid(
      'spark.jars.packages',
      `"${wrong}" ends the driver: "Provided Maven Coordinates must be in the form 'groupId:artifactId:version'"`,
      'Give Maven coordinates, for example io.delta:delta-spark_2.12:3.2.0; Python packages belong in the image.',
    );
  }
  const exclusion =
    packages.length === 0 ? undefined : listOf(conf, 'spark.jars.excludes').find((each) => !hasParts(each, 2));
  if (exclusion !== undefined) {
    refuseInvalid(
      'spark.jars.excludes',
      `"${exclusion}" ends the driver: it is not of the form groupId:artifactId`,
      'Give groupId:artifactId, without a version.',
    );
  }
}

function hasParts(coordinate: string, count: number): boolean {
  const parts = coordinate.split(':');
  return parts.length === count && parts.every((part) => part.trim() !== '');
}
