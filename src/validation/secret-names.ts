import { Longest } from './lengths.ts';

// Without one of these no pattern matches: most keys are ordinary, and a text may hold a hundred thousand.
const MAY_NAME_SECRET = /pass|pwd|secret|token|jwt|credential|pat|key|sas/i;
const MAY_BE_VAGUE = /key|auth|sas|pat|cookie|hmac|bearer|salt|license/i;
const MAY_BE_EITHER = new RegExp(`${MAY_NAME_SECRET.source}|${MAY_BE_VAGUE.source}`, 'i');
const SECRET_WORD =
  /(?:pass\.?word|passwd|passphrase|passcode|\.pwd|(?:^|\.|db|pg)pass|secret|token|jwt|credentials?|git(?:hub|lab)?\.pat)$/;
const SECRET_KEY =
  /(?:access|secret|account|private|api|auth|storage|sas|shared|encrypt(?:ion)?|signing|master)\.key$|apikey$/;
// `API_KEY_PROD`, `DB_PASSWORD_2`, `CLIENT_SECRET_VALUE`.
const NOT_THE_NAME = /^(?:\d+|prod|production|staging|test|dev|old|new|value)$/;
// Azure's storage names put the account after the word.
const SECRET_PREFIX = /(?:^|\.)fs\.azure\.(?:account\.key|account\.oauth2\.client\.secret|sas)\./;
// Mount paths and references to Secrets, whose last segment is a name that the user chose.
const REFERENCE = /^spark\.kubernetes\.(?:driver|executor)\.(?:secrets|secretKeyRef|label|annotation|volumes)\./;
// Names of Secrets of Kubernetes, and of tokens whose count or kind it is.
const REFERENCE_WORD =
  /(?:pull|tls|k8\.?s|kubernetes|kube|image|existing)\.secret$|(?:max|min|num|stop|pad|eos|bos|unk|sep|mask)\.token$/;
// `OPENAI_KEY`, `SENTRY_AUTH`: a secret only if the value looks like one.
const VAGUE_WORD = /(?:^|\.)(?:key|auth|sas|pat|cookie|hmac|bearer|salt|license)$/;
// Keys of data.
const DATA_KEY =
  /(?:partition|sort|primary|foreign|cache|group|row|join|dedup|public|object|s3|map|routing|shard|hash|index|unique|lookup|merge|bucket|item|record|message|topic|idempotency|trace)\.key$/;

/** `spark.ssl.keyPassword` and `DB_PASSWORD` as words with dots between them, in lower case. */
const wordsOf = (key: string): string =>
  withoutSuffixes(
    // The names of environment variables have no limit of their own, and the end of a name decides.
    key
      .slice(-Longest.Path)
      .replace(/([a-z0-9])([A-Z])/g, '$1.$2')
      .toLowerCase()
      .replace(/[-_]/g, '.'),
  );

function withoutSuffixes(words: string): string {
  let end = words.length;
  for (;;) {
    const dot = end === 0 ? -1 : words.lastIndexOf('.', end - 1);
    if (dot < 0 || !NOT_THE_NAME.test(words.slice(dot + 1, end))) return words.slice(0, end);
    end = dot;
  }
}

/** Whether a key is that of a secret: `spark.ssl.keyPassword`, `fs.s3a.secret.key`, `DB_PASSWORD`; not `token.file`. */
export function namesSecret(key: string): boolean {
  if (!MAY_NAME_SECRET.test(key) || REFERENCE.test(key)) return false;
  const words = wordsOf(key);
  if (REFERENCE_WORD.test(words)) return false;
  return SECRET_WORD.test(words) || SECRET_KEY.test(words) || SECRET_PREFIX.test(words);
}

/** Whether a key may be that of a secret, which only its value shows: `OPENAI_KEY`. */
export function mayNameSecret(key: string): boolean {
  if (!MAY_BE_VAGUE.test(key)) return false;
  const words = wordsOf(key);
  return VAGUE_WORD.test(words) && !DATA_KEY.test(words);
}

/** False where no part of a text names a secret or may name one. */
export const mayHoldSecretName = (text: string): boolean => MAY_BE_EITHER.test(text);

/** Whether a key of encryption may name a key of a key management service instead of holding one. */
export const namesEncryptionKey = (key: string): boolean => /(?:encrypt(?:ion)?|kms)[\w.-]{0,40}key/i.test(key);
