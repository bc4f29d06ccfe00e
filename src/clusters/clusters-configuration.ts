import * as z from 'zod';
import { ConfigurationError } from '../validation/configuration-error.ts';
import { didYouMean } from '../validation/closest.ts';
import { present } from '../validation/present.ts';
import { formatted } from '../validation/formats.ts';
import type { FoundProblem, ManifestProblem } from '../validation/problem.ts';
import { ConfigurationFormat, findRepeatedNames } from '../validation/configuration-file.ts';

/** Which of several eligible clusters an attempt goes to. */
export const ClusterChoice = {
  /** In proportion to their weights, by a hash of the application's namespace and name. */
  Weight: 'weight',
  /** The one on which the fewest drivers of the application's namespace wait to be scheduled, for its weight. */
  LeastPending: 'least-pending',
} as const;
export type ClusterChoice = (typeof ClusterChoice)[keyof typeof ClusterChoice];

const name = formatted('dns-1123-label');

const cluster = z
  .strictObject({
    name: name.describe('Name of the cluster in manifests, rules and histories; it must never change.'),
    kubeconfig: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Kubeconfig file, for example of a mounted Secret; a relative path starts at this file.'),
    context: z.string().min(1).exactOptional().describe("Context of the kubeconfig. Default: that file's current one."),
    inCluster: z.literal(true).exactOptional().describe('The cluster that the worker runs in, as its service account.'),
    weight: z
      .number()
      .nonnegative()
      .exactOptional()
      .describe('Its share of the applications; 0 for only those that name it. Default: 1.'),
  })
  .refine(({ inCluster, kubeconfig, context }) => inCluster === undefined || (kubeconfig ?? context) === undefined, {
    error: 'cannot combine inCluster with kubeconfig or context',
  });

const rule = z.strictObject({
  namespaces: z.array(name).min(1).exactOptional().describe('Namespaces that it applies to. Default: all.'),
  labels: z
    .record(formatted('label-key'), formatted('label-value'))
    .exactOptional()
    .describe('Labels that the application has, all of them. Default: none.'),
  clusters: z.array(name).min(1).describe('Eligible clusters.'),
});

/** Schema of a configuration of clusters, as written. */
export const clustersSchema = z
  .strictObject({
    clusters: z
      .array(cluster)
      .min(1)
      .describe('Attempts that began before several clusters were configured are on the first.'),
    rules: z
      .array(rule)
      .exactOptional()
      .describe('The first that matches decides. Default: every cluster is eligible.'),
    choose: z
      .enum(ClusterChoice)
      .exactOptional()
      .describe('How to choose among the eligible clusters. Default: weight.'),
  })
  .describe('The clusters, and which of them an application goes to.');

export type ClustersConfiguration = z.output<typeof clustersSchema>;

/** A configuration of clusters that cannot be used, with everything that is wrong with it. Not retryable. */
export class ClustersConfigurationError extends ConfigurationError {
  override readonly name = 'ClustersConfigurationError';
  readonly type = 'InvalidClustersConfiguration';

  constructor(problems: readonly ManifestProblem[]) {
    super('The configuration of clusters', problems);
  }
}

const format = new ConfigurationFormat({
  name: 'configuration of clusters',
  schema: clustersSchema,
  findProblems: (configuration) => [...findRepeatedNames(configuration, 'clusters'), ...unknownClusters(configuration)],
  error: ClustersConfigurationError,
});

/**
 * Reads a configuration of clusters from YAML or JSON.
 *
 * @throws ClustersConfigurationError with every problem, its path, value, line and remedy
 */
export const readClusters = (text: string, fileName?: string): ClustersConfiguration => format.read(text, fileName);

/** @throws ClustersConfigurationError */
export const parseClusters = (written: unknown): ClustersConfiguration => format.parse(written);

function* unknownClusters({ clusters, rules = [] }: ClustersConfiguration): Generator<FoundProblem> {
  const names = clusters.map(({ name }) => name);
  for (const [index, { clusters }] of rules.entries()) {
    for (const [place, name] of clusters.entries()) {
      if (names.includes(name)) continue;
      yield {
        path: ['rules', index, 'clusters', place],
        code: 'unknown_cluster',
        value: name,
        message: 'is not a configured cluster',
        allowed: names.join(', '),
        ...present({ remedy: didYouMean(name, names) }),
      };
    }
  }
}
