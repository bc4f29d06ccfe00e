import type { SparkApplication } from '../../../src/manifest/index.ts';
import { application } from './fixtures.ts';

/** A remedy, an application that gets it, and the same with the remedy applied. */
export type Case = readonly [remedy: string, wrong: SparkApplication, right: SparkApplication];
export type Spec = Record<string, unknown>;

/** An application that is wrong and then right. */
export const tried = (remedy: string, wrong: Spec, right: Spec = {}): Case => [
  remedy,
  application(wrong),
  application(right),
];
/** The same of one entry of `sparkConf`, with what else it needs. */
export const conf = (remedy: string, key: string, wrong: string, right?: string, others: Spec = {}): Case =>
  tried(
    remedy,
    { sparkConf: { [key]: wrong, ...others } },
    { sparkConf: { ...(right !== undefined && { [key]: right }), ...others } },
  );
