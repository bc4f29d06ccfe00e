import * as z from 'zod';
import { ConfigurationError } from '../validation/configuration-error.ts';
import { ConfigurationFormat, findRepeatedNames } from '../validation/configuration-file.ts';
import { formatted } from '../validation/formats.ts';
import type { ManifestProblem } from '../validation/problem.ts';

const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).exactOptional();
const text = z.string().min(1);
const label = formatted('dns-1123-label');

const rule = z.strictObject({
  name: label.describe('Name of the rule, in refusals.'),
  from: z
    .strictObject({
      temporalNamespaces: listOf(text).describe('Namespaces of Temporal. Default: all.'),
      taskQueues: listOf(text).describe('Task queues. Default: all.'),
    })
    .exactOptional()
    .describe('The workflows that it applies to. Default: all.'),
  namespaces: listOf(label).describe('Kubernetes namespaces that it allows, by name.'),
  namespaceLabels: z
    .record(formatted('label-key'), formatted('label-value'))
    .refine((labels) => Object.keys(labels).length > 0, { error: 'must have at least one label' })
    .exactOptional()
    .describe('Labels of Kubernetes namespaces that it allows, all of them; needs the right to get namespaces.'),
  serviceAccounts: listOf(formatted('dns-1123-subdomain')).describe(
    'Service accounts of drivers and executors. Default: all.',
  ),
  clusters: listOf(label).describe('Clusters of the configuration of clusters. Default: all.'),
  submitters: listOf(label).describe('Submitters. Default: all.'),
  pools: listOf(text).describe('Node pools of drivers and executors. Default: all.'),
});

/** Schema of a tenancy configuration, as written. */
export const tenancySchema = z
  .strictObject({
    rules: z
      .array(rule)
      .min(1)
      .describe(
        'The first rule of the Temporal namespace, the task queue and the Kubernetes namespace decides; without one, an application is rejected. A rule without namespaces and namespaceLabels allows all namespaces.',
      ),
  })
  .describe('Which workflows may use which parts of the clusters.');

export type TenancyConfiguration = z.output<typeof tenancySchema>;
export type TenancyRule = TenancyConfiguration['rules'][number];

/** A tenancy configuration that cannot be used, with everything that is wrong with it. Not retryable. */
export class TenancyConfigurationError extends ConfigurationError {
  override readonly name = 'TenancyConfigurationError';
  readonly type = 'InvalidTenancyConfiguration';

  constructor(problems: readonly ManifestProblem[]) {
    super('The tenancy configuration', problems);
  }
}

const format = new ConfigurationFormat({
  name: 'tenancy configuration',
  schema: tenancySchema,
  findProblems: (configuration) => findRepeatedNames(configuration, 'rules'),
  error: TenancyConfigurationError,
});

/**
 * Reads a tenancy configuration from YAML or JSON.
 *
 * @throws TenancyConfigurationError with every problem, its path, value, line and remedy
 */
export const readTenancy = (text: string, fileName?: string): TenancyConfiguration => format.read(text, fileName);

/** @throws TenancyConfigurationError */
export const parseTenancy = (written: unknown): TenancyConfiguration => format.parse(written);
