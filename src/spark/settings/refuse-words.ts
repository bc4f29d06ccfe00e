import { closest } from '../../validation/closest.ts';
import type { SparkConf } from '../spark-conf.ts';
import type { SparkVersionRules } from '../spark-version.ts';
import { refuseInvalid } from '../submission-refused.ts';
import { switchOf } from './setting-kinds.ts';

/** What some settings must be one of, in any case. */
export const words: Readonly<Record<string, readonly string[]>> = {
  'spark.scheduler.mode': ['FAIR', 'FIFO'],
  'spark.log.level': ['ALL', 'DEBUG', 'ERROR', 'FATAL', 'INFO', 'OFF', 'TRACE', 'WARN'],
  'spark.io.compression.codec': ['lz4', 'lzf', 'snappy', 'zstd'],
};

export function refuseWord(key: string, conf: SparkConf, { minorVersion }: SparkVersionRules): void {
  const allowed = words[key]!;
  const text = conf[key]!.trim();
  // What Spark replaces, and the name of a class.
  if (text.includes('${') || (key === 'spark.io.compression.codec' && text.includes('.'))) return;
  if (key === 'spark.log.level' && minorVersion === '3.4') return;
  if (key === 'spark.io.compression.codec' && switchOf(conf, 'spark.broadcast.compress') === false) return;
  if (allowed.some((word) => word.toLowerCase() === text.toLowerCase())) return;
  const meant = closest(text, allowed);
  refuseInvalid(
    key,
    `"${text}" ends the driver: Spark knows only ${allowed.join(', ')}`,
    meant === undefined ? `Give one of ${allowed.join(', ')}.` : `Write ${meant}.`,
  );
}
