import type { Violation } from './rules.ts';
import { asList, asRecord, asText, type UnknownRecord } from './unknown-data.ts';

/** Literal values that look like secrets. What a manifest holds, the workflow's history holds, for anyone to read. */
export function findLiteralSecrets(spec: UnknownRecord): Violation[] {
  return [
    ...inMap(spec['sparkConf'], ['sparkConf'], remedyForSparkConf),
    ...inMap(spec['hadoopConf'], ['hadoopConf'], () => REMEDY_FOR_HADOOP),
    ...['driver', 'executor'].flatMap((role) => inRole(asRecord(spec[role]), [role])),
  ];
}

function inRole(role: UnknownRecord, at: readonly string[]): Violation[] {
  const template = asRecord(asRecord(role['template'])['spec']);
  return [
    ...check('javaOptions', role['javaOptions'], [...at, 'javaOptions'], remedyForJavaOptions),
    ...inMap(role['envVars'], [...at, 'envVars'], remedyForEnv),
    ...inEnv(role['env'], [...at, 'env']),
    ...inContainers(role['sidecars'], [...at, 'sidecars']),
    ...inContainers(role['initContainers'], [...at, 'initContainers']),
    ...inContainers(template['containers'], [...at, 'template', 'spec', 'containers']),
    ...inContainers(template['initContainers'], [...at, 'template', 'spec', 'initContainers']),
  ];
}

function inContainers(containers: unknown, at: readonly (string | number)[]): Violation[] {
  return asList(containers).flatMap((container, index) => inEnv(asRecord(container)['env'], [...at, index, 'env']));
}

function inEnv(env: unknown, at: readonly (string | number)[]): Violation[] {
  return asList(env).flatMap((entry, index) => {
    const { name, value } = asRecord(entry);
    return check(asText(name) ?? '', value, [...at, index, 'value'], remedyForEnv);
  });
}

function inMap(map: unknown, at: readonly string[], remedy: (key: string) => string): Violation[] {
  return Object.entries(asRecord(map)).flatMap(([key, value]) => check(key, value, [...at, key], remedy));
}

function check(
  key: string,
  value: unknown,
  path: readonly (string | number)[],
  remedy: (key: string) => string,
): Violation[] {
  if (typeof value !== 'string' || !(namesSecret(key) ? isLiteral(value) : holdsSecret(value))) return [];
  return [
    {
      path,
      code: 'literal_secret',
      message: 'looks like a secret, and a manifest stays readable in the history of its workflow',
      remedy: `${remedy(key)} (or annotate metadata with temporal-spark/allow-literal-secrets: "true")`,
    },
  ];
}

const SECRET_WORD = /(?:password|passwd|passphrase|\.pwd|secret|token|credentials?)$/;
const SECRET_KEY = /(?:access|secret|account|private|api|auth|storage|sas|shared)\.key$|apikey$/;
// Azure's storage names put the account after the word.
const SECRET_PREFIX = /(?:^|\.)fs\.azure\.(?:account\.key|account\.oauth2\.client\.secret|sas)\./;
// Mount paths and references to Secrets, whose last segment is a name that the user chose.
const REFERENCE = /^spark\.kubernetes\.(?:driver|executor)\.(?:secrets|secretKeyRef|label|annotation|volumes)\./;
const SWITCH_OR_EMPTY = /^(?:|true|false)$/i;
// `$(VAR)` of Kubernetes and `${env:VAR}` of Spark.
const PLACEHOLDER = /^\$(?:\([^)]+\)|\{[^}]+\})$/;

/** Whether a key is that of a secret: `spark.ssl.keyPassword`, `fs.s3a.secret.key`, `DB_PASSWORD`; not `token.file`. */
export function namesSecret(key: string): boolean {
  if (REFERENCE.test(key)) return false;
  const words = key
    .replace(/([a-z0-9])([A-Z])/g, '$1.$2')
    .toLowerCase()
    .replace(/[-_]/g, '.');
  return SECRET_WORD.test(words) || SECRET_KEY.test(words) || SECRET_PREFIX.test(words);
}

// Where a secret is mounted, as in GOOGLE_APPLICATION_CREDENTIALS.
const MOUNTED_FILE = /^(?:(?:file|local):\/\/)?\/(?:etc|home|mnt|opt|run|secrets?|tmp|usr|var|vault)\//;

const isLiteral = (value: string): boolean =>
  !SWITCH_OR_EMPTY.test(value) && !PLACEHOLDER.test(value) && !MOUNTED_FILE.test(value);

const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const PASSWORD_IN_URI = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]*:(?!\$)[^\s/@]+@/i;
const PASSWORD_ASSIGNED = /(?:^|[?&;,\s]|-D[\w.]*)(?:password|passwd|pwd|secret|token)=(?!\$|[\s&;,]|$)/i;

/** Whether a value is a secret by its own looks, whatever its key. */
const holdsSecret = (value: string): boolean =>
  PRIVATE_KEY.test(value) || PASSWORD_IN_URI.test(value) || PASSWORD_ASSIGNED.test(value);

const remedyForJavaOptions = (): string =>
  'keep it in a Secret, set an environment variable from that (env with valueFrom.secretKeyRef) and read it in the application';

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
