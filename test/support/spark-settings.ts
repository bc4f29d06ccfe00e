/** The texts that each parser of Spark is asked to read, and the configurations that it is asked to start with. */

/** A setting of each kind, without bounds, and the unit of a number alone. */
export const settingsAsked = {
  boolean: { key: 'spark.eventLog.enabled', unit: '' },
  int: { key: 'spark.task.maxFailures', unit: '' },
  long: { key: 'spark.storage.unrollMemoryThreshold', unit: '' },
  double: { key: 'spark.speculation.multiplier', unit: '' },
  time: { key: 'spark.executor.heartbeatInterval', unit: 'ms' },
  size: { key: 'spark.driver.maxResultSize', unit: 'b' },
} as const;

export const texts: readonly string[] = [
  ...['true', 'TRUE', 'True', ' true ', 'false', 'False', 'yes', 'no', 'on', 'off', 'y', 'n', 't', 'enabled', '"true"'],
  ...['0', '1', '-1', '+1', '10', ' 10 ', '007', '1.0', '0.5', '.5', '1.', '1_000', '1,000', '1e3', '1E-3', '0x10'],
  ...['2147483647', '2147483648', '-2147483648', '9223372036854775807', '9223372036854775808', '99999999999', 'four'],
  ...['NaN', 'Infinity', '-Infinity', 'inf', '1f', '2D', '50%', '', '--1', '+-1', '1 000', '½'],
  ...['5min', '5 min', '5m', '5M', '5mins', '5minutes', '10s', '10 s', '10sec', '10 seconds', '1h', '1.5h', '1h30m'],
  ...['2d', '2days', '100ms', '250us', '1ns', '-5s', '-1s', '1w', '1y', '1H', 'PT5M', 's', '9223372036854775807d'],
  ...['512m', '512M', '512mb', '512MB', '512Mi', '512MiB', '2g', '2G', '2gb', '2Gi', '2GiB', '2 g', '1.5g', '1.5Gi'],
  ...[
    '64k',
    '64K',
    '64kb',
    '64KiB',
    '64Ki',
    '1t',
    '1tb',
    '1p',
    '1pb',
    '1e',
    '1Ti',
    '10b',
    '10B',
    '-1m',
    '-1.5g',
    '8191p',
  ],
  ...['8192p', '9223372036854775807k', 'm', '1kk', '1 MB', '500MB', '1GB', '0g', '0.0g', '-0'],
];

const DYNAMIC = 'spark.dynamicAllocation';
const isDynamic = { [`${DYNAMIC}.enabled`]: 'true' };
const untracked = { ...isDynamic, [`${DYNAMIC}.shuffleTracking.enabled`]: 'false' };
const HEARTBEAT = 'spark.executor.heartbeatInterval';

const gpu = { 'spark.executor.resource.gpu.amount': '2', 'spark.executor.resource.gpu.vendor': 'nvidia.com' };

/** What a driver is started with, in addition to what each needs. */
export const started: readonly Readonly<Record<string, string>>[] = [
  {},
  { [HEARTBEAT]: '300s', 'spark.network.timeout': '120s' },
  { [HEARTBEAT]: '120s' },
  { [HEARTBEAT]: '119s' },
  { [HEARTBEAT]: '20' },
  { 'spark.network.timeout': '10s' },
  { 'spark.network.timeout': '11' },
  { 'spark.network.timeout': '30s', 'spark.network.timeoutInterval': '30s' },
  { [HEARTBEAT]: '300s', 'spark.network.timeout': '600' },
  isDynamic,
  untracked,
  { ...untracked, 'spark.shuffle.service.enabled': 'true' },
  { ...untracked, 'spark.decommission.enabled': 'true' },
  {
    ...untracked,
    'spark.decommission.enabled': 'true',
    'spark.storage.decommission.shuffleBlocks.enabled': 'false',
  },
  { [`${DYNAMIC}.shuffleTracking.enabled`]: 'false' },
  { ...isDynamic, [`${DYNAMIC}.maxExecutors`]: '0' },
  { ...isDynamic, [`${DYNAMIC}.minExecutors`]: '10', [`${DYNAMIC}.maxExecutors`]: '2' },
  { ...isDynamic, [`${DYNAMIC}.initialExecutors`]: '3', [`${DYNAMIC}.maxExecutors`]: '2' },
  { ...isDynamic, 'spark.executor.instances': '3', [`${DYNAMIC}.maxExecutors`]: '2' },
  { ...isDynamic, [`${DYNAMIC}.maxExecutors`]: '3' },
  { ...isDynamic, [`${DYNAMIC}.minExecutors`]: '-1' },
  { ...isDynamic, [`${DYNAMIC}.schedulerBacklogTimeout`]: '0' },
  { ...isDynamic, [`${DYNAMIC}.executorAllocationRatio`]: '1.5' },
  { 'spark.eventLog.enabled': 'yes' },
  { 'spark.speculation': '${spark.shuffle.compress}', 'spark.shuffle.compress': 'true' },
  { 'spark.speculation': 'on' },
  { 'spark.speculation': ' FALSE ' },
  { 'spark.network.timeout': '5 min' },
  { [HEARTBEAT]: '10 seconds' },
  { 'spark.kryoserializer.buffer.max': '1Gi' },
  { 'spark.kryoserializer.buffer.max': '2g' },
  { 'spark.task.cpus': '0.5' },
  { 'spark.task.cpus': '2' },
  { 'spark.task.cpus': '2', 'spark.executor.cores': '1' },
  { 'spark.task.maxFailures': 'four' },
  { 'spark.task.maxFailures': '0' },
  { 'spark.kubernetes.allocation.batch.size': '0' },
  { 'spark.kubernetes.allocation.batch.size': 'ten' },
  { 'spark.memory.fraction': '1.5' },
  { 'spark.memory.storageFraction': '-0.1' },
  { 'spark.network.crypto.enabled': 'true' },
  { 'spark.authenticate.enableSaslEncryption': 'true' },
  { 'spark.kryoserializer.buffer': '2048m' },
  { 'spark.shuffle.file.buffer': '64KiB' },
  { 'spark.executor.memory': '256m' },
  { 'spark.executor.memory': '450m' },
  { 'spark.executor.memory': '2048' },
  { 'spark.executor.memory': '1', 'spark.testing.reservedMemory': '0' },
  { 'spark.memory.offHeap.enabled': 'true' },
  { 'spark.memory.offHeap.enabled': 'true', 'spark.memory.offHeap.size': '0' },
  { 'spark.memory.offHeap.enabled': 'true', 'spark.memory.offHeap.size': '1g' },
  { 'spark.scheduler.mode': 'FAIRE' },
  { 'spark.scheduler.mode': 'fair' },
  { 'spark.log.level': 'warning' },
  { 'spark.log.level': 'warn' },
  { 'spark.rpc.message.maxSize': '2048' },
  { 'spark.rpc.message.maxSize': '2047' },
  { 'spark.task.resource.gpu.amount': '1' },
  { 'spark.task.resource.gpu.amount': '0' },
  { ...gpu, 'spark.task.resource.gpu.amount': '0.7' },
  { ...gpu, 'spark.task.resource.gpu.amount': '0.5' },
  { ...gpu, 'spark.task.resource.gpu.amount': '4' },
  { ...gpu, 'spark.task.resource.gpu.amount': 'x' },
];

export const askedToStart = (conf: Readonly<Record<string, string>>): string =>
  ['start', ...Object.entries(conf).map(([key, value]) => `${key}=${value}`)].join('\t');

export const askedToRead = (kind: keyof typeof settingsAsked, text: string): string =>
  `read\t${settingsAsked[kind].key}\t${text}`;

const kinds = Object.keys(settingsAsked) as (keyof typeof settingsAsked)[];

/** All of it, as `scripts/spark-settings/Settings.java` takes it. */
export const questions: readonly string[] = [
  ...kinds.flatMap((kind) => texts.map((text) => askedToRead(kind, text))),
  ...started.map(askedToStart),
];

/** By minor version: the answer to each question. */
export type Answers = Readonly<Record<string, Readonly<Record<string, string>>>>;

export const answersFile = new URL('../unit/spark/settings/answers.json', import.meta.url);
