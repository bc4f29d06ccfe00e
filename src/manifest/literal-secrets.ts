import type { ProblemPath, Violation } from '../validation/problem.ts';
import { namesSecret } from '../validation/secret-names.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../validation/unknown-data.ts';

/** Literal values that look like secrets. The workflow's history contains the manifest, readable for every user. */
export function findLiteralSecrets(spec: UnknownRecord): Violation[] {
  return [
    ...inMap(spec['sparkConf'], ['sparkConf'], remedyForSparkConf),
    ...inMap(spec['hadoopConf'], ['hadoopConf'], () => REMEDY_FOR_HADOOP),
    ...inTexts(spec['arguments'], ['arguments'], remedyForText),
    ...Object.entries(asRecord(spec['deps'])).flatMap(([field, uris]) => inTexts(uris, ['deps', field], remedyForUri)),
    ...['driver', 'executor'].flatMap((role) => inRole(asRecord(spec[role]), [role])),
  ];
}

function inRole(role: UnknownRecord, at: readonly string[]): Violation[] {
  const template = asRecord(asRecord(role['template'])['spec']);
  return [
    ...check('javaOptions', role['javaOptions'], [...at, 'javaOptions'], remedyForText),
    ...inMap(role['envVars'], [...at, 'envVars'], remedyForEnv),
    ...inEnv(role['env'], [...at, 'env']),
    ...inContainers(role['sidecars'], [...at, 'sidecars']),
    ...inContainers(role['initContainers'], [...at, 'initContainers']),
    ...inContainers(template['containers'], [...at, 'template', 'spec', 'containers']),
    ...inContainers(template['initContainers'], [...at, 'template', 'spec', 'initContainers']),
  ];
}

function inContainers(containers: unknown, at: ProblemPath): Violation[] {
  return asList(containers).flatMap((item, index) => {
    const container = asRecord(item);
    return [
      ...inEnv(container['env'], [...at, index, 'env']),
      ...['command', 'args'].flatMap((field) => inTexts(container[field], [...at, index, field], remedyForText)),
    ];
  });
}

function inTexts(texts: unknown, at: ProblemPath, remedy: () => string): Violation[] {
  return asList(texts).flatMap((text, index) => check('', text, [...at, index], remedy));
}

function inEnv(env: unknown, at: ProblemPath): Violation[] {
  return asList(env).flatMap((entry, index) => {
    const { name, value } = asRecord(entry);
    return check(asText(name) ?? '', value, [...at, index, 'value'], remedyForEnv);
  });
}

function inMap(map: unknown, at: readonly string[], remedy: (key: string) => string): Violation[] {
  return Object.entries(asRecord(map)).flatMap(([key, value]) => check(key, value, [...at, key], remedy));
}

function check(key: string, value: unknown, path: ProblemPath, remedy: (key: string) => string): Violation[] {
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

const SWITCH_OR_EMPTY = /^(?:|true|false)$/i;
// `$(VAR)` of Kubernetes and `${env:VAR}` of Spark.
const PLACEHOLDER = /^\$(?:\([^)]+\)|\{[^}]+\})$/;

// Where a secret is mounted, as in GOOGLE_APPLICATION_CREDENTIALS.
const MOUNTED_FILE = /^(?:(?:file|local):\/\/)?\/(?:etc|home|mnt|opt|run|secrets?|tmp|usr|var|vault)\//;

const isLiteral = (value: string): boolean =>
  !SWITCH_OR_EMPTY.test(value) && !PLACEHOLDER.test(value) && !MOUNTED_FILE.test(value);

// A text may be megabytes long. To take linear time, a pattern begins with characters that occur once in each match, and
// looks back from there.
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const PASSWORD_IN_URI = /:\/\/(?<=\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/:@]*:(?!\$)[^\s/@]+@/i;
// `jdbc:oracle:thin:user/password@host`.
const PASSWORD_OF_ORACLE = /\/(?<=\bjdbc:oracle:\w+:[^\s/@]+\/)(?!\$)[^\s/@]+@/i;
// By what their issuers begin them with: AWS, GitHub, GitLab, Slack, Google, OpenAI and Anthropic, Stripe, Databricks,
// Hugging Face.
const KNOWN_TOKEN =
  /\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[0-9A-Za-z]{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,}|AIza[\w-]{35}|sk-[\w-]{20,}|[rs]k_live_\w{16,}|dapi[0-9a-f]{32}|hf_[0-9A-Za-z]{30,})/;
const SIGNED_JSON = /\.eyJ(?<=\beyJ[\w-]{8,}\.eyJ)[\w-]{8,}\.[\w-]{8,}/;
// What follows is not a word of a language.
const AUTHORIZATION = /\b(?:bearer|basic)\s+(?=\S*[\d=])[\w.~+/-]{8,}=*/i;
// The signature of Azure's shared access.
const SIGNATURE = /[?&]sig=[\w%+/=-]{20,}/;
const SECRET_PATTERNS: readonly RegExp[] = [
  PRIVATE_KEY,
  PASSWORD_IN_URI,
  PASSWORD_OF_ORACLE,
  KNOWN_TOKEN,
  SIGNED_JSON,
  AUTHORIZATION,
  SIGNATURE,
];
// `user=reader&password=x`, `-Dssl.keyPassword=x`, `--api-token=x`, `AccountKey=x;`.
const ASSIGNMENT = /=(?<=(?:^|[?&;,\s"']|-D|--)([A-Za-z][\w.-]{0,100})=)["']?([^\s&;,"']*)/g;

/** Whether a value looks like a secret, regardless of its key. */
function holdsSecret(value: string): boolean {
  if (SECRET_PATTERNS.some((pattern) => pattern.test(value))) return true;
  return [...value.matchAll(ASSIGNMENT)].some(
    ([, key = '', assigned = '']) => namesSecret(key) && isLiteral(assigned) && !assigned.startsWith('$'),
  );
}

const remedyForText = (): string =>
  'keep it in a Secret, set an environment variable from that (env with valueFrom.secretKeyRef) and read it in the application';

const remedyForUri = (): string =>
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
