import type { SparkConf } from '../spark-conf.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { DYNAMIC_ALLOCATION, refuseDynamicAllocation } from './refuse-dynamic-allocation.ts';
import { refuseWord, words } from './refuse-words.ts';
import { settingKinds, switchOf } from './setting-kinds.ts';

/** Milliseconds of a time that is set; undefined where it is not known. */
const timeOf = (conf: SparkConf, key: string, unit: 'ms' | 's', otherwise: string): number | undefined => {
  const value = settingKinds.time.read(conf[key]?.trim() ?? otherwise, unit);
  return value === undefined ? undefined : value * (unit === 's' ? 1000 : 1);
};

const TIMEOUT = 'spark.network.timeout';
const HEARTBEAT = 'spark.executor.heartbeatInterval';
const INTERVAL = 'spark.network.timeoutInterval';

function refuseTimeouts(conf: SparkConf): void {
  const timeout = timeOf(conf, TIMEOUT, 's', '120s') ?? Infinity;
  const heartbeat = timeOf(conf, HEARTBEAT, 'ms', '10s') ?? 0;
  if (timeout <= heartbeat) {
    refuseInvalid(
      conf[HEARTBEAT] === undefined ? TIMEOUT : HEARTBEAT,
      `Spark ends the driver: "The value of ${TIMEOUT}=${timeout}ms must be greater than the value of ` +
        `${HEARTBEAT}=${heartbeat}ms."`,
      `Give ${HEARTBEAT} less than ${TIMEOUT}, for example a tenth of it.`,
      conf[HEARTBEAT] === undefined ? HEARTBEAT : TIMEOUT,
    );
  }
  const isOwnTimeout = conf['spark.storage.blockManagerHeartbeatTimeoutMs'] !== undefined;
  const isOwnInterval = conf['spark.storage.blockManagerTimeoutIntervalMs'] !== undefined;
  const interval = timeOf(conf, INTERVAL, 'ms', '60s') ?? 0;
  if (isOwnTimeout || isOwnInterval || interval <= timeout) return;
  refuseInvalid(
    conf[INTERVAL] === undefined ? TIMEOUT : INTERVAL,
    `Spark ends the driver: "${INTERVAL} should be less than or equal to" ${TIMEOUT}`,
    `Give ${INTERVAL}, by default 60s, at most the value of ${TIMEOUT}.`,
    conf[INTERVAL] === undefined ? INTERVAL : TIMEOUT,
  );
}

const fractions = ['spark.memory.fraction', 'spark.memory.storageFraction'];

function refuseFractions(conf: SparkConf): void {
  for (const key of fractions) {
    const value = settingKinds.double.read(conf[key]?.trim() ?? '0.5');
    if (value === undefined || !(value < 0 || value > 1)) continue;
    refuseInvalid(
      key,
      `Spark ends the driver: "${key} should be between 0 and 1 (was '${conf[key]!}')."`,
      'Give a number from 0 to 1, for example 0.6.',
    );
  }
}

function refuseTaskCpus(conf: SparkConf): void {
  const key = 'spark.task.cpus';
  const cpus = settingKinds.int.read(conf[key]?.trim() ?? '1') ?? 1;
  const cores = settingKinds.int.read(conf['spark.executor.cores']?.trim() ?? '1') ?? Infinity;
  if (cpus <= cores) return;
  refuseInvalid(
    key,
    `Spark ends the driver: a task would need ${cpus} cores, and an executor has ${cores}`,
    `Give at most ${cores}, or set spec.executor.cores to ${cpus}.`,
    'spark.executor.cores',
  );
}

const OFF_HEAP = 'spark.memory.offHeap';

function refuseOffHeap(conf: SparkConf, rules: SparkVersionRules): void {
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

const kryoBuffers = [
  ['spark.kryoserializer.buffer.max', 'm'],
  ['spark.kryoserializer.buffer', 'k'],
] as const;

function refuseKryoBuffers(conf: SparkConf, rules: SparkVersionRules): void {
  for (const [key, unit] of kryoBuffers) {
    const kib = (settingKinds.size.read(conf[key]?.trim() ?? '0', unit, rules) ?? 0) * (unit === 'm' ? 1024 : 1);
    if (kib < 2048 * 1024) continue;
    refuseInvalid(key, `"${conf[key]!}" ends the driver: it must be less than 2048 MiB`, 'Give at most 2047m.');
  }
}

const MESSAGES = 'spark.rpc.message.maxSize';

function refuseLargeMessages(conf: SparkConf): void {
  if ((settingKinds.int.read(conf[MESSAGES]!.trim()) ?? 0) <= 2047) return;
  refuseInvalid(
    MESSAGES,
    `Spark ends the driver: "${MESSAGES} should not be greater than 2047 MB"`,
    'Give at most 2047, in MiB.',
  );
}

const CRYPTO = 'spark.network.crypto.enabled';
const SASL = 'spark.authenticate.enableSaslEncryption';

function refuseUnauthenticated(conf: SparkConf): void {
  const encryption = [CRYPTO, SASL].find((each) => switchOf(conf, each) === true);
  const key = 'spark.authenticate';
  if (encryption === undefined || (key in conf && switchOf(conf, key) !== false)) return;
  refuseInvalid(
    key in conf ? key : encryption,
    'Spark ends the driver: "spark.authenticate must be enabled when enabling encryption."',
    'Set spark.authenticate to true.',
  );
}

type RefuseRelation = (conf: SparkConf, rules: SparkVersionRules) => void;

/**
 * By key: what checks it against the settings that it may contradict, as `SparkConf.validateSettings` and others do when
 * a driver starts. A value that cannot be read, or that Spark replaces (`${…}`), contradicts nothing.
 *
 * @throws SubmissionRefused
 */
export const relations: ReadonlyMap<string, RefuseRelation> = new Map<string, RefuseRelation>([
  [TIMEOUT, refuseTimeouts],
  [HEARTBEAT, refuseTimeouts],
  [INTERVAL, refuseTimeouts],
  ...fractions.map((key) => [key, refuseFractions] as const),
  ['spark.task.cpus', refuseTaskCpus],
  ...kryoBuffers.map(([key]) => [key, refuseKryoBuffers] as const),
  [`${OFF_HEAP}.enabled`, refuseOffHeap],
  [MESSAGES, refuseLargeMessages],
  ...Object.keys(words).map((key) => [key, (conf, rules) => refuseWord(key, conf, rules)] as [string, RefuseRelation]),
  [CRYPTO, refuseUnauthenticated],
  [SASL, refuseUnauthenticated],
  [DYNAMIC_ALLOCATION, refuseDynamicAllocation],
]);
