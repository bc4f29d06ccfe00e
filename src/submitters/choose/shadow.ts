import * as z from 'zod';
import { formatted } from '../../validation/formats.ts';
import type { SparkApplicationSubmitter } from '../contract.ts';
import { target } from './share.ts';

export const shadowSchema = z.strictObject({
  submitter: formatted('dns-1123-label').describe('Submitter that renders what it would create; it creates nothing.'),
  ...target,
  percent: z.number().min(0).max(100).exactOptional().describe('Of those applications. Default: 100.'),
  timeoutSeconds: z
    .number()
    .positive()
    .max(60)
    .exactOptional()
    .describe('How long a submission may wait for it. Default: 10.'),
});

/** Renders, in addition to the submitter, what it would have created. */
export interface Shadow {
  readonly submitter: SparkApplicationSubmitter & Required<Pick<SparkApplicationSubmitter, 'render'>>;
  readonly timeoutMs: number;
}
