import * as z from 'zod';
import { checkSparkConf } from '../manifest/denied-spark-conf.ts';
import { findSecrets } from '../manifest/literal-secrets.ts';
import { configuration, labels, text } from '../manifest/spark-application-spec.ts';
import { ConfigurationError } from '../validation/configuration-error.ts';
import { ConfigurationFormat, findRepeatedNames } from '../validation/configuration-file.ts';
import { formatted } from '../validation/formats.ts';
import type { FoundProblem, ManifestProblem } from '../validation/problem.ts';
import { problemAt } from '../validation/problems.ts';
import { int32 } from '../validation/whole-number.ts';

const notEmpty = (value: object): boolean => Object.keys(value).length > 0;

const set = z
  .strictObject({
    image: text.exactOptional().describe('Container image of driver and executors: spec.image.'),
    serviceAccount: formatted('dns-1123-subdomain')
      .exactOptional()
      .describe('Service account of the driver, which executors without one get, too: spec.driver.serviceAccount.'),
    labels: labels.exactOptional().describe('Labels of the application, also of its pods: metadata.labels.'),
    sparkConf: configuration.exactOptional().describe('Spark configuration: spec.sparkConf.'),
    eventLog: z
      .strictObject({
        enabled: z.boolean().exactOptional().describe('spark.eventLog.enabled.'),
        dir: text.exactOptional().describe('spark.eventLog.dir, for example s3a://logs/events.'),
      })
      .exactOptional()
      .describe('Whether Spark writes event logs, and where.'),
    timeToLiveSeconds: int32({ minimum: 0 })
      .exactOptional()
      .describe('Seconds after the end until the driver is deleted: spec.timeToLiveSeconds.'),
    placementProfile: text
      .exactOptional()
      .describe('Placement profile, which has the node pools: annotation temporal-spark/placement-profile.'),
  })
  .refine(notEmpty, { error: 'must set at least one value' });

const rule = z.strictObject({
  name: formatted('dns-1123-label').describe('Name of the rule, in explanations and refusals.'),
  match: z
    .strictObject({
      namespaces: z
        .array(formatted('dns-1123-label'))
        .min(1)
        .exactOptional()
        .describe('Kubernetes namespaces of applications. Default: all.'),
      labels: labels
        .refine(notEmpty, { error: 'must have at least one label' })
        .exactOptional()
        .describe('Labels of applications (metadata.labels), all of them. Default: any.'),
    })
    .exactOptional()
    .describe('The applications that it applies to. Default: all.'),
  set: set.describe('What applications get that do not have it themselves.'),
});

/** Schema of a defaults configuration, as written. */
export const defaultsSchema = z
  .strictObject({
    rules: z
      .array(rule)
      .min(1)
      .describe(
        'All rules that match apply, from top to bottom: of two that set the same value, the lower one wins. The application itself wins over all.',
      ),
  })
  .describe('What applications get that their manifests leave out.');

export type DefaultsConfiguration = z.output<typeof defaultsSchema>;
export type DefaultsRule = DefaultsConfiguration['rules'][number];

/** A defaults configuration that cannot be used, with everything that is wrong with it. Not retryable. */
export class DefaultsConfigurationError extends ConfigurationError {
  override readonly name = 'DefaultsConfigurationError';
  readonly type = 'InvalidDefaultsConfiguration';

  constructor(problems: readonly ManifestProblem[]) {
    super('The defaults configuration', problems);
  }
}

const format = new ConfigurationFormat({
  name: 'defaults configuration',
  schema: defaultsSchema,
  findProblems: (configuration) => [
    ...findRepeatedNames(configuration, 'rules'),
    ...configuration.rules.flatMap(({ set }, index) =>
      findRefused(set).map(({ path, ...problem }) =>
        problemAt(configuration, ['rules', index, 'set', ...path], problem),
      ),
    ),
  ],
  error: DefaultsConfigurationError,
});

/**
 * Reads a defaults configuration from YAML or JSON.
 *
 * @throws DefaultsConfigurationError with every problem, its path, value, line and remedy
 */
export const readDefaults = (text: string, fileName?: string): DefaultsConfiguration => format.read(text, fileName);

/** @throws DefaultsConfigurationError */
export const parseDefaults = (written: unknown): DefaultsConfiguration => format.parse(written);

/** Keys that differ from application to application. */
const OF_ONE_APPLICATION: readonly string[] = [
  'spark.kubernetes.namespace',
  'spark.kubernetes.driver.pod.name',
  'spark.kubernetes.executor.podNamePrefix',
];

const OF_ROLES: Readonly<Record<string, string>> = {
  'spark.kubernetes.container.image': 'set image',
  'spark.kubernetes.authenticate.driver.serviceAccountName': 'set serviceAccount',
};

/** What a manifest may not contain either, and what would leave open which value counts. */
function findRefused({ sparkConf = {}, eventLog = {}, ...rest }: DefaultsRule['set']): FoundProblem[] {
  const keys = Object.keys(sparkConf);
  const at = (key: string, message: string, remedy: string): FoundProblem => ({
    ...{ path: ['sparkConf', key], code: 'spark_conf_denied', message, remedy },
  });
  const own = keys.filter((key) => OF_ONE_APPLICATION.includes(key));
  const twice = keys.filter((key) => Object.keys(eventLog).some((field) => key === `spark.eventLog.${field}`));
  return [
    ...checkSparkConf({ sparkConf }, '')
      .filter(({ path }) => !own.includes(String(path.at(-1))))
      .map(({ path, ...denied }) => ({ path, ...denied, remedy: OF_ROLES[String(path.at(-1))] ?? denied.remedy! })),
    ...own.map((key) => at(key, 'belongs to one application', 'set it in the manifest of that application')),
    ...keys
      .filter((key) => !key.startsWith('spark.'))
      .map((key) =>
        at(
          key,
          'Spark ignores properties that do not begin with "spark."',
          `write spark.${key}, or spark.hadoop.${key}`,
        ),
      ),
    ...twice.map((key) => at(key, 'is set by eventLog of the same rule, too', 'remove one of the two')),
    ...findSecrets({ sparkConf, eventLog, ...rest }).map(({ path, remedy }) => ({
      ...{ path, code: 'literal_secret', remedy },
      message: 'looks like a secret, and defaults are recorded in the history of each workflow that gets them',
    })),
  ];
}
