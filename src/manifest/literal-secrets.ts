import type { ProblemPath, Violation } from '../validation/problem.ts';
import { isSecretOf } from '../validation/secret-values.ts';
import { holdsSecret, secretWords } from '../validation/secrets.ts';
import { isRecord, type UnknownRecord } from '../validation/unknown-data.ts';
import { ApplicationAnnotation } from './annotations.ts';

/** Fields of names and references: nothing in them is a secret. */
const REFERENCES: ReadonlySet<string> = new Set([
  ...['labels', 'serviceLabels', 'nodeSelector', 'matchLabels', 'affinity', 'tolerations', 'resources', 'secrets'],
  ...['configMaps', 'envFrom', 'envSecretKeyRefs', 'valueFrom', 'imagePullSecrets', 'secretRef', 'secretKeyRef'],
]);

/** Code of the problem that a value looks like a secret. */
export const LITERAL_SECRET = 'literal_secret';

/** The end of its remedy: what accepts secrets in a manifest. */
export const ACCEPT_LITERAL_SECRETS = `annotate metadata with ${ApplicationAnnotation.AllowLiteralSecrets}: "true"`;

/**
 * Literal values that look like secrets, anywhere in a part of a manifest. The workflow's history contains the
 * manifest, readable for every user.
 */
export const findLiteralSecrets = (part: unknown, at: ProblemPath = []): Violation[] =>
  findSecrets(part, at).map(({ path, remedy }) => ({
    path,
    code: LITERAL_SECRET,
    message: 'looks like a secret, and a manifest stays readable in the history of its workflow',
    remedy: `${remedy} (or ${ACCEPT_LITERAL_SECRETS})`,
  }));

interface FoundSecret {
  readonly path: ProblemPath;
  readonly remedy: string;
}

/** Where they are, also in what only becomes a part of a manifest. */
export function findSecrets(part: unknown, at: ProblemPath = []): FoundSecret[] {
  const found: FoundSecret[] = [];
  /** Of the value that is looked at; the same list all the time, because few values are secrets. */
  const path = [...at];
  const report = (name?: string): void => {
    found.push(secretAt([...path], name));
  };
  const lookAt = (value: unknown): void => {
    if (typeof value === 'string') {
      if (holdsSecret(value)) report();
    } else if (Array.isArray(value)) lookAtItems(value);
    else if (isRecord(value)) lookAtFields(value);
  };
  const lookAtItems = (items: readonly unknown[]): void => {
    const secrets = secretWords(items);
    for (const [index, item] of items.entries()) {
      path.push(index);
      if (typeof item !== 'string') lookAt(item);
      else if (secrets.includes(index)) report();
      path.pop();
    }
  };
  const lookAtFields = (record: UnknownRecord): void => {
    for (const [key, value] of Object.entries(record)) {
      if (REFERENCES.has(key) && typeof value !== 'string') continue;
      const name = key === 'value' && typeof record['name'] === 'string' ? record['name'] : key;
      path.push(key);
      if (typeof value !== 'string') lookAt(value);
      else if (isSecretOf(name, value) || holdsSecret(value)) report(name);
      path.pop();
    }
  };
  lookAt(part);
  return found;
}

/** Those of the metadata of a manifest, of which only annotations may hold any. */
export const findSecretAnnotations = (metadata: UnknownRecord): Violation[] =>
  findLiteralSecrets(metadata['annotations'], ['metadata', 'annotations']);

const secretAt = (path: ProblemPath, name = ''): FoundSecret => ({ path, remedy: remedyAt(path, name) });

function remedyAt(path: ProblemPath, name: string): string {
  const [field = '', second = ''] = path;
  const fields = new Set(path);
  if (fields.has('annotations')) return 'keep it in a Secret, and let the annotation name that';
  if (fields.has('sparkConf')) return remedyForSparkConf(name);
  if (fields.has('hadoopConf')) return REMEDY_FOR_HADOOP;
  if (field === 'deps' || field === 'mainApplicationFile') return REMEDY_FOR_URI;
  if (fields.has('volumeAttributes')) return 'keep it in a Secret, and name that in nodePublishSecretRef of the volume';
  if (fields.has('stages') || fields.has('parameters'))
    return 'keep it where the work reads it, and pass the name of that';
  if (second === 'envVars' || fields.has('env')) return remedyForEnv(name);
  return 'keep it in a Secret, set an environment variable from that (env with valueFrom.secretKeyRef) and read it in the application';
}

const REMEDY_FOR_URI =
  'remove it from the address, and give the driver cloud credentials through its service account, others through a mounted Secret';

const remedyForEnv = (name: string): string => `use env with valueFrom.secretKeyRef for ${name}`;

function remedyForSparkConf(key: string): string {
  const variable = /^spark\.(?:kubernetes\.driverEnv|executorEnv)\.(.+)$/.exec(key)?.[1];
  if (variable !== undefined) return remedyForEnv(variable);
  return key.startsWith('spark.hadoop.') ? REMEDY_FOR_HADOOP : remedyForConf('${env:NAME}');
}

// Spark and Hadoop spell a reference to an environment variable differently.
const remedyForConf = (reference: string): string =>
  `keep it in a Secret, set an environment variable from that (env with valueFrom.secretKeyRef) and write ${reference} here`;
const REMEDY_FOR_HADOOP = remedyForConf('${env.NAME}');
