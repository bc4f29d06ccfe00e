import { parse } from 'yaml';
import { API_VERSION, ApplicationAnnotation, type SparkApplicationManifest } from '../../manifest/index.ts';
import { MAX_NAME_LENGTH } from '../../manifest/metadata.ts';
import type { SparkConf } from '../spark-conf.ts';
import { resourceNamePrefix } from '../spark-names.ts';
import { RefusalReason, refuseInvalid, SubmissionRefused } from '../submission-refused.ts';
import { checkCommandLine, SUBMITTERS_OWN } from './check-command-line.ts';
import type { SparkSubmitCommandLine } from './flags.ts';
import { sparkVersionOfImage, supportedSparkVersions } from '../spark-version.ts';
import type { SparkSubmitFiles } from './effective-properties.ts';
import { present } from '../../validation/present.ts';

export interface FromCommandLineOptions {
  /** @default the version that the tag of the driver's image begins with */
  readonly sparkVersion?: string;
  /** Allow literal secrets in the manifest, and so in the workflow's history. @default false */
  readonly allowLiteralSecrets?: boolean;
}

export interface SubmittedApplication {
  /** Not checked yet; its translation is what spark-submit would create for the command line. */
  readonly manifest: SparkApplicationManifest;
  /** `spark.kubernetes.submission.waitAppCompletion`: whether spark-submit would wait for the end. */
  readonly waits: boolean;
  /** Notes for the user: what was derived, and what has no effect. */
  readonly notes: readonly string[];
}

type Spec = SparkApplicationManifest['spec'];
type RoleFields = Partial<Pick<Spec['driver'], 'image' | 'serviceAccount' | 'template'>>;

/**
 * The application that a command line of spark-submit submits, as a manifest. What `sparkConf` must not set (images,
 * service accounts, namespace, pod templates) becomes a field of the manifest.
 *
 * @throws SubmissionRefused where spark-submit would refuse it, or where it cannot run here (not retryable)
 */
export function toSparkApplication(
  commandLine: SparkSubmitCommandLine,
  files: SparkSubmitFiles,
  options: FromCommandLineOptions = {},
): SubmittedApplication {
  const { flags } = commandLine;
  const { conf, appName, resource, master, notes } = checkCommandLine(commandLine, files);
  const name = applicationName(appName);
  const image = conf['spark.kubernetes.driver.container.image'] ?? conf['spark.kubernetes.container.image'];
  const isJar = !/\.(?:py|[rR])$/.test(resource);
  if (image === undefined && options.sparkVersion === undefined) refuseWithoutImage(isJar && flags.class === undefined);
  const sparkVersion = options.sparkVersion ?? versionOf(image);
  return {
    manifest: {
      apiVersion: API_VERSION,
      kind: 'SparkApplication',
      metadata: {
        name,
        namespace: conf['spark.kubernetes.namespace'] ?? 'default',
        ...(options.allowLiteralSecrets === true && {
          annotations: { [ApplicationAnnotation.AllowLiteralSecrets]: 'true' },
        }),
      },
      spec: {
        type: isJar ? 'Scala' : resource.endsWith('.py') ? 'Python' : 'R',
        mode: 'cluster',
        sparkVersion,
        ...present({ image: conf['spark.kubernetes.container.image'] }),
        ...present({ mainClass: flags.class }),
        mainApplicationFile: resource,
        ...(commandLine.arguments.length > 0 && { arguments: [...commandLine.arguments] }),
        ...present({ proxyUser: flags['proxy-user'] }),
        driver: {
          ...roleFields(conf, 'driver', files),
          ...present({ kubernetesMaster: conf['spark.kubernetes.driver.master'] }),
        },
        executor: roleFields(conf, 'executor', files),
        sparkConf: { ...withoutFields(conf), 'spark.app.name': appName, ...executors(conf) },
      },
    },
    waits: conf[WAIT]?.trim().toLowerCase() !== 'false',
    notes: [
      ...notes,
      ...(name === appName ? [] : [`The application is named "${name}" here; spark.app.name stays "${appName}".`]),
      ...(options.sparkVersion === undefined ? [`Spark ${sparkVersion}, from the tag of ${image!}.`] : []),
      ...(master === undefined || IN_CLUSTER.test(master)
        ? []
        : [`It runs in the cluster of the workers; ${master} has no effect.`]),
      ...commandLine.ineffective.map((flag) => `--${flag} has no effect on Kubernetes.`),
      ...Object.keys(conf)
        .filter((key) => SUBMITTERS_OWN.test(key))
        .map((key) => `${key} has no effect: the workers reach the cluster with their own credentials.`),
    ],
  };
}

const WAIT = 'spark.kubernetes.submission.waitAppCompletion';
const IN_CLUSTER = /^https:\/\/kubernetes\.default(?:\.svc(?:\.cluster\.local)?)?(?::443)?\/?$/;
function applicationName(appName: string): string {
  const name = resourceNamePrefix(appName).slice(0, MAX_NAME_LENGTH).replace(/-$/, '');
  return name === ''
    ? refuseInvalid('--name', `"${appName}" has no character that a Kubernetes name allows`, 'Give another --name.')
    : name;
}

/** The version is derived from the image; the class, which is missing too, is reported with it. */
function refuseWithoutImage(isClassMissing: boolean): never {
  const reason = RefusalReason.InvalidConfiguration;
  const image = {
    ...{ reason, key: '--conf spark.kubernetes.container.image', problem: 'it is missing' },
    remedy: 'Give the image of Spark, for example --conf spark.kubernetes.container.image=spark:4.1.4.',
  };
  const mainClass = {
    ...{ reason, key: '--class', problem: 'a Java or Scala application needs it' },
    remedy: 'Name the class whose main method is to run.',
  };
  throw new SubmissionRefused(image, ...(isClassMissing ? [mainClass] : []));
}

function versionOf(image: string | undefined): string {
  return (
    sparkVersionOfImage(image) ??
    refuseInvalid(
      '--spark-version',
      `the tag of the image "${image ?? ''}" does not begin with a version of Spark ${supportedSparkVersions.join(', ')}`,
      'Give --spark-version X.Y.Z, the version of Spark in the image.',
    )
  );
}

function roleFields(conf: SparkConf, role: 'driver' | 'executor', files: SparkSubmitFiles): RoleFields {
  const templateFile = conf[`spark.kubernetes.${role}.podTemplateFile`];
  return {
    ...present({ image: conf[`spark.kubernetes.${role}.container.image`] }),
    ...present({ serviceAccount: conf[`spark.kubernetes.authenticate.${role}.serviceAccountName`] }),
    ...(templateFile !== undefined && { template: podTemplate(role, templateFile, files) }),
  };
}

function podTemplate(role: string, uri: string, files: SparkSubmitFiles): NonNullable<RoleFields['template']> {
  const key = `spark.kubernetes.${role}.podTemplateFile`;
  if (/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(uri)) {
    refuseInvalid(key, `"${uri}" is not a file of this machine`, 'Fetch it first, and name the local copy.');
  }
  let pod: unknown;
  try {
    pod = parse(files.read(uri));
  } catch (error) {
    if ((error as Error).name !== 'YAMLParseError') throw error;
    refuseInvalid(key, `"${uri}" is not YAML: ${(error as Error).message.split('\n')[0]!}`, 'Correct it.');
  }
  if (typeof pod !== 'object' || pod === null || (pod as { kind?: unknown }).kind !== 'Pod') {
    refuseInvalid(
      key,
      `"${uri}" is not a Pod`,
      'Give it kind: Pod, and what the pods should have in metadata and spec.',
    );
  }
  const { apiVersion: _, kind: __, status: ___, ...template } = pod as Record<string, unknown>;
  return template;
}

/** Keys that fields of the manifest replace, or that only spark-submit reads. */
const saidElsewhere: ReadonlySet<string> = new Set([
  'spark.master',
  'spark.submit.deployMode',
  'spark.kubernetes.namespace',
  'spark.kubernetes.container.image',
  'spark.kubernetes.driver.master',
  ...['driver', 'executor'].flatMap((role) => [
    `spark.kubernetes.${role}.container.image`,
    `spark.kubernetes.${role}.podTemplateFile`,
    `spark.kubernetes.authenticate.${role}.serviceAccountName`,
  ]),
]);

const withoutFields = (conf: SparkConf): Record<string, string> =>
  Object.fromEntries(Object.entries(conf).filter(([key]) => !saidElsewhere.has(key) && !SUBMITTERS_OWN.test(key)));

/** Spark's own default, written out because a manifest without it means one executor. */
function executors(conf: SparkConf): Record<string, string> {
  const isDynamic = conf['spark.dynamicAllocation.enabled']?.trim().toLowerCase() === 'true';
  return isDynamic || conf['spark.executor.instances'] !== undefined ? {} : { 'spark.executor.instances': '2' };
}
