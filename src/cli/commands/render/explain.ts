import type { ConfigMap } from '../../../kubernetes/objects.ts';
import { ApplicationAnnotation, type SparkApplication } from '../../../manifest/index.ts';
import type { TeamDefault } from '../../../protocol/index.ts';
import { applicationConf } from '../../../spark/application/application-conf.ts';
import { confPath } from '../../../spark/conf-path.ts';
import { inspectDriver } from '../../../spark/index.ts';
import { readJavaProperties } from '../../../spark/spark-submit-cli/java-properties.ts';
import { maySecretBeAt, pathText, valueAt } from '../../../validation/problems.ts';
import { madeUpAttempt } from '../../output/rendered-objects.ts';
import { table } from '../../output/table.ts';

export interface Explained {
  /** As its manifest has it. */
  readonly own: SparkApplication;
  /** With defaults. */
  readonly whole: SparkApplication;
  readonly decided: readonly TeamDefault[];
  /** The number of a rule in its file. */
  readonly numberOf: (rule: string) => number;
}

/** Fields that are no Spark configuration and can have a default. */
const FIELDS = [
  ['spec', 'timeToLiveSeconds'],
  ['metadata', 'annotations', ApplicationAnnotation.PlacementProfile],
] as const;

/**
 * Every value that the driver would get, with its source: the manifest, a rule of defaults, temporal-spark (with the
 * defaults of the kind SparkApplication), or Spark's own client.
 *
 * @throws SubmissionRefused where the application cannot be submitted
 */
export function explanation(explained: Explained): string {
  const { own, whole } = explained;
  const { identity, submission } = madeUpAttempt(whole);
  const { objects } = inspectDriver(submission, identity);
  const properties = propertiesOf(objects.dependents);
  const conf = applicationConf(own);
  const sourceOfKey = (key: string): string => {
    const rule = ruleOf(explained, (path) => keysOf(path).includes(key));
    if (Object.hasOwn(conf, key)) {
      const path = confPath(own, key);
      if (valueAt(own, path) !== undefined) return `manifest: ${pathText(path)}`;
      const image = imagePath(own, key);
      return image === undefined ? 'temporal-spark' : `manifest: ${image}`;
    }
    return rule ?? (Object.hasOwn(submission.conf, key) ? 'temporal-spark' : 'Spark');
  };
  const rows = [
    ...FIELDS.flatMap((path) => {
      const value = valueAt(whole, path);
      if (typeof value !== 'string' && typeof value !== 'number') return [];
      const rule = ruleOf(explained, (other) => pathText(other) === pathText(path));
      return [[pathText(path), String(value), rule ?? `manifest: ${pathText(path)}`]];
    }),
    ...[...properties]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, value]) => [key, maySecretBeAt({}, [key]) ? '***' : value, sourceOfKey(key)]),
  ];
  const { namespace, name } = whole.metadata;
  return [`# SparkApplication ${namespace}/${name}`, ...table(['PROPERTY', 'VALUE', 'SOURCE'], rows)].join('\n');
}

function propertiesOf(objects: readonly { readonly kind?: string }[]): ReadonlyMap<string, string> {
  for (const { kind, data } of objects as readonly Partial<ConfigMap>[]) {
    const text = kind === 'ConfigMap' ? data?.['spark.properties'] : undefined;
    if (text !== undefined) return readJavaProperties(text);
  }
  return new Map();
}

function ruleOf({ decided, numberOf }: Explained, isThis: (path: readonly string[]) => boolean): string | undefined {
  const found = decided.find(({ path }) => isThis(path));
  return found && `defaults: rule ${numberOf(found.rule)} "${found.rule}"`;
}

/** The configuration that a default becomes. */
function keysOf(path: readonly string[]): readonly string[] {
  const [root, field = '', key = ''] = path;
  const label = (role: string, name: string) => `spark.kubernetes.${role}.label.${name}`;
  if (root === 'metadata') return field === 'labels' ? [label('driver', key), label('executor', key)] : [];
  switch (field) {
    case 'image':
      return ['', 'driver.', 'executor.'].map((role) => `spark.kubernetes.${role}container.image`);
    case 'sparkConf':
      return [key];
    default:
      return key === 'serviceAccount'
        ? ['spark.kubernetes.authenticate.driver.serviceAccountName']
        : [label(field, path.at(-1)!)];
  }
}

const IMAGE = /^spark\.kubernetes\.(driver|executor)\.container\.image$/;

/** Where the image of a role comes from. */
function imagePath({ spec }: SparkApplication, key: string): string | undefined {
  const role = IMAGE.exec(key)?.[1] as 'driver' | 'executor' | undefined;
  if (role === undefined) return undefined;
  return spec[role].image === undefined ? 'spec.image' : `spec.${role}.image`;
}
