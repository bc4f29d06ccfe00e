import type { SparkConf } from '../spark-conf.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { settingKinds, switchOf } from './setting-kinds.ts';

const DYNAMIC = 'spark.dynamicAllocation';
export const DYNAMIC_ALLOCATION = `${DYNAMIC}.enabled`;

/**
 * Checks the settings of dynamic allocation, where it is on, as `ExecutorAllocationManager` and Spark's scheduler on
 * Kubernetes do when a driver starts.
 *
 * @throws SubmissionRefused
 */
export function refuseDynamicAllocation(conf: SparkConf): void {
  if (switchOf(conf, DYNAMIC_ALLOCATION) !== true) return;
  refuseExecutorCounts(conf);
  refuseTimes(conf);
  refuseLostShuffles(conf);
}

function refuseExecutorCounts(conf: SparkConf): void {
  const [minimum, maximum] = [`${DYNAMIC}.minExecutors`, `${DYNAMIC}.maxExecutors`];
  const least = Number(conf[minimum] ?? 0);
  const most = Number(conf[maximum] ?? Infinity);
  if (least < 0 || most < 0) {
    refuseInvalid(
      least < 0 ? minimum : maximum,
      `Spark ends the driver: "${minimum} and ${maximum} must be positive!"`,
      `Give at least ${least < 0 ? 0 : 1}.`,
    );
  }
  if (most === 0) refuseInvalid(maximum, `Spark ends the driver: "${maximum} cannot be 0!"`, 'Give at least 1.');
  const counts = [minimum, `${DYNAMIC}.initialExecutors`, 'spark.executor.instances'].map(
    (key) => [key, Number(conf[key] ?? 0)] as const,
  );
  const initial = Math.max(...counts.map(([, count]) => count));
  if (initial > most) {
    const [other] = counts.find(([, count]) => count === initial)!;
    refuseInvalid(
      maximum,
      `Spark ends the driver: "initial executor number ${initial} must between min executor number ${least} and max ` +
        `executor number ${most}"`,
      `Give at least ${initial}, or lower ${other}.`,
      other,
    );
  }
}

function refuseTimes(conf: SparkConf): void {
  for (const name of ['schedulerBacklogTimeout', 'sustainedSchedulerBacklogTimeout']) {
    const key = `${DYNAMIC}.${name}`;
    const seconds = settingKinds.time.read(conf[key]?.trim() ?? '1s', 's');
    if (seconds !== undefined && seconds <= 0) {
      refuseInvalid(key, `Spark ends the driver: "${key} must be > 0!"`, 'Give at least 1s.');
    }
  }
  const ratio = `${DYNAMIC}.executorAllocationRatio`;
  const value = settingKinds.double.read(conf[ratio]?.trim() ?? '1');
  if (value !== undefined && (value <= 0 || value > 1)) {
    refuseInvalid(
      ratio,
      `Spark ends the driver: "${ratio} must be > 0 and <= 1.0"`,
      'Give a number above 0 and at most 1.',
    );
  }
}

/** Executors come and go only where shuffle files outlive them, or the driver knows which executors have some. */
function refuseLostShuffles(conf: SparkConf): void {
  const tracking = `${DYNAMIC}.shuffleTracking.enabled`;
  const mayBeOn = (key: string, isDefault: boolean): boolean =>
    key in conf ? switchOf(conf, key) !== false : isDefault;
  const keepsShuffles =
    mayBeOn(tracking, true) ||
    mayBeOn('spark.shuffle.service.enabled', false) ||
    (mayBeOn('spark.decommission.enabled', false) &&
      mayBeOn('spark.storage.decommission.shuffleBlocks.enabled', true)) ||
    conf['spark.shuffle.sort.io.plugin.class'] !== undefined ||
    // A remote shuffle service, with whose Spark it may be possible.
    conf['spark.shuffle.manager'] !== undefined;
  if (keepsShuffles) return;
  refuseInvalid(
    tracking,
    'Spark ends the driver: dynamic allocation requires shuffle tracking, an external shuffle service, or ' +
      'decommissioning of shuffle blocks',
    'Remove it: shuffle tracking is on by default.',
  );
}
