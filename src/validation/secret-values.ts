import { mayNameSecret, namesEncryptionKey, namesSecret } from './secret-names.ts';

// Also how something is authenticated, and `-` or `1`.
const SWITCH_OR_EMPTY =
  /^(?:.?|true|false|yes|no|on|off|null|none|nil|undefined|auto|default|stdin|iam|enabled|disabled|vended|(?:instance|workload)-(?:profile|identity))$/i;
// `$(VAR)` of Kubernetes, `${env:VAR}` of Spark, `$VAR` of a shell, `%VAR%`, `:name` of SQL, `{{ x }}`, `<password>`, `[REDACTED]`,
// `!vault` of YAML, a command in backticks, `%s` of a format, and Spark's own `*********(redacted)`.
const PLACEHOLDER =
  /^(?:\$.*|[:?]\w*|%[^%]+%|@[\w.-]+@|\{\{.*\}\}|<[^<>]*>|\[[^[\]]*\]|`.*|!\D*|%[sd]|[*x•.]{3,}|\*{3,}\(redacted\)?)$/is;
// Code that reads a secret when it runs: `os.environ["X"]`, `getpass()`.
const CODE = /^[A-Za-z_][\w.]*[([]/;
const PLACEHOLDER_WORDS =
  /^(?:change[-_ ]?(?:me|it)|replace[-_ ]?(?:me|this)|to[-_ ]?do|tbd|placeholder|redacted|masked|hidden|secret[-_]here|(?:your|my)[-_ ][\w .-]{0,60})$/i;
// Of a column: `password:string`.
const SQL_TYPE =
  /^(?:string|(?:var)?char|n?varchar2?|text|binary|varbinary|blob|clob|json|boolean|(?:tiny|small|big)?int|integer|long|double|float|decimal|numeric|date|timestamp(?:_(?:ntz|ltz|tz))?)(?:\(|$)/i;

const VARIABLE_NAME = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
// Of an object that holds the secret: `--password-secret db-creds`.
const OBJECT_NAME = /^[a-z]+(?:[-/][a-z]+)+$/;
const NAMES_OBJECT = /secret$/i;

// Where a secret is mounted or kept, as in GOOGLE_APPLICATION_CREDENTIALS.
const FILE =
  /^(?:(?:file|local|classpath):\S*|~?\.{0,2}\/[\w.-]+(?:\/\S*)?|[\w./-]+\.(?:json|pem|jks|p12|pfx|key|crt|cer|txt|keytab|properties|ya?ml|conf|jceks))$/i;
// Names of secrets and keys in the systems that keep them.
const NAME_IN_STORE =
  /^(?:arn:|alias\/|mrk-[0-9a-f]{32}$|projects\/|(?:ref\+)?(?:vault|awssm|awsssm|aws-sm|ssm|gcpsm|gcp-sm|gcp-kms|aws-kms|azure-kms|azurekeyvault|keyvault|secretsmanager|secret|secrets|k8s|kubernetes|op|doppler|sops|env|jceks|localjceks)[:+]|https?:\/\/[\w.-]+\.vault\.azure\.net\/|(?:secret|kv|database|auth|transit|pki|cubbyhole)\/[\w./-]+$)/i;
// `org.example.Provider`
const CLASS_NAME = /^(?!eyJ)(?:[a-z_]\w*\.){2,12}[A-Z][\w$]*$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const AWS_KEY_ID = /^(?:AKIA|ASIA|AIDA|AROA)[0-9A-Z]{16}$/;
const URL_WITHOUT_USER = /^[a-z][a-z0-9+.-]{0,20}:\/\/[^\s@?]{0,2000}$/i;

// What Spark and others call the files that they write.
const NAME_OF_FILE = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|part-\d{5}/i;
const ISO_TIME = /^\d{4}-\d\d-\d\d/;

/** Whether a value under the key of a secret is the secret itself: no placeholder, reference, path or key ID. */
export function isLiteral(value: string, key = ''): boolean {
  const text = value.trim();
  if (SWITCH_OR_EMPTY.test(text) || PLACEHOLDER.test(text) || PLACEHOLDER_WORDS.test(text)) return false;
  if (CODE.test(text) || SQL_TYPE.test(text) || VARIABLE_NAME.test(text)) return false;
  if (NAMES_OBJECT.test(key) && OBJECT_NAME.test(text)) return false;
  if (text.length > MAX_REFERENCE) return true;
  if (FILE.test(text) || NAME_IN_STORE.test(text) || CLASS_NAME.test(text) || AWS_KEY_ID.test(text)) return false;
  if (URL_WITHOUT_USER.test(text)) return false;
  return !(UUID.test(text) && namesEncryptionKey(key));
}

/** No reference is longer. */
const MAX_REFERENCE = 2048;

/** Whether a value is a secret because of its key. */
export function isSecretOf(key: string, value: string): boolean {
  if (namesSecret(key)) return isLiteral(value, key);
  return mayNameSecret(key) && isLiteral(value, key) && looksRandom(value.trim());
}

/** Whether a text is what a generator of keys would make, and no name or number of people. */
export function looksRandom(text: string): boolean {
  if (text.length < 16 || text.length > 512 || /[^\w+=.~-]/.test(text) || ISO_TIME.test(text)) return false;
  if (NAME_OF_FILE.test(text)) return false;
  return text.split(/[-_.]/).some((part) => part.length >= 12 && classChanges(part) >= 3);
}

/** How often the kind of character changes along a text: letters, capitals, digits. */
function classChanges(text: string): number {
  let changes = 0;
  let last = '';
  for (const character of text) {
    const kind = /\d/.test(character) ? 'digit' : /[A-Z]/.test(character) ? 'capital' : 'letter';
    if (last !== '' && kind !== last) changes++;
    last = kind;
  }
  return changes;
}

/** Whether a text is more than a word of a language, or the name of a column. */
export const looksMade = (text: string): boolean => looksChosen(text) || looksRandom(text);

/** Whether a word that stands for a password is more than a word of a language. */
export const looksChosen = (text: string): boolean =>
  text.length >= 5 && /[A-Za-z]/.test(text) && /[\d!#$%^*+~]/.test(text);
