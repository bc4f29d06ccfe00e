import type { SparkConf } from '../spark-conf.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { settingKinds } from './setting-kinds.ts';

export const TASK_RESOURCE = 'spark.task.resource.';

/**
 * Checks what a task needs of a device against what executors have, as `ResourceUtils` does when a driver starts.
 *
 * @param key that begins with `spark.task.resource.`
 */
export function refuseTaskResource(conf: SparkConf, key: string): void {
  const name = /^(.+)\.amount$/.exec(key.slice(TASK_RESOURCE.length))?.[1];
  const text = conf[key]!;
  const ofExecutor = `spark.executor.resource.${name}.amount`;
  if (name === undefined || text.includes('${')) return;
  const amount = settingKinds.double.read(text.trim());
  if (amount === undefined) refuseInvalid(key, `"${text}" ends the driver: it is not a number`, 'Give 1, for example.');
  if (!(amount > 0)) return;
  if (conf[ofExecutor] === undefined) {
    refuseInvalid(
      key,
      `Spark ends the driver: "No executor resource configs were specified for the following task configs: ${name}"`,
      `Set ${ofExecutor}, or remove it.`,
    );
  }
  if (amount > 0.5 && !Number.isInteger(amount)) {
    refuseInvalid(
      key,
      `Spark ends the driver: "resource amount ${amount} must be either <= 0.5, or a whole number."`,
      'Give at most 0.5, or a whole number.',
    );
  }
  const available = settingKinds.int.read(conf[ofExecutor].trim());
  if (available === undefined || amount <= available) return;
  refuseInvalid(
    key,
    `Spark ends the driver: "The executor resource: ${name}, amount: ${available} needs to be >= the task resource ` +
      `request amount of ${Number.isInteger(amount) ? `${amount}.0` : amount}"`,
    `Give at most ${available}, or raise ${ofExecutor}.`,
    ofExecutor,
  );
}
