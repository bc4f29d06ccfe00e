import { createHash } from 'node:crypto';
import * as z from 'zod';
import { formatted } from '../../validation/formats.ts';
import type { SparkApplication } from '../../manifest/index.ts';

/** Which applications an entry applies to. */
export const target = {
  namespaces: z
    .array(formatted('dns-1123-label'))
    .min(1)
    .exactOptional()
    .describe('Namespaces it is for. Default: all.'),
  labels: z
    .record(formatted('label-key'), formatted('label-value'))
    .exactOptional()
    .describe('Labels that the application has, all of them. Default: none.'),
};

/**
 * Whether an application is among this percentage: by its namespace and name, so that it always is, on every worker, and
 * stays so as the percentage grows.
 *
 * @param what of which it is a share: the shares of two things are not the same applications
 */
export function isAmong(percent: number, what: string, { namespace, name }: SparkApplication['metadata']): boolean {
  const hash = createHash('sha256')
    .update(JSON.stringify([what, namespace, name]))
    .digest();
  return hash.readUInt32BE(0) < (percent / 100) * 2 ** 32;
}
