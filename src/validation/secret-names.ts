import { Longest } from './lengths.ts';

// Without one of these no pattern matches: most keys are ordinary, and a text may hold a hundred thousand.
const MAY_NAME_SECRET = /pass|pwd|secret|token|credential|pat|key|sas/i;
const SECRET_WORD =
  /(?:password|passwd|passphrase|\.pwd|(?:^|\.|db|pg)pass|secret|token|credentials?|git(?:hub|lab)?\.pat)$/;
const SECRET_KEY =
  /(?:access|secret|account|private|api|auth|storage|sas|shared|encrypt(?:ion)?|signing)\.key$|apikey$/;
// `API_KEY_PROD`, `DB_PASSWORD_2`, `CLIENT_SECRET_VALUE`.
const NOT_THE_NAME = /^(?:\d+|prod|production|staging|test|dev|old|new|value)$/;
// Azure's storage names put the account after the word.
const SECRET_PREFIX = /(?:^|\.)fs\.azure\.(?:account\.key|account\.oauth2\.client\.secret|sas)\./;
// Mount paths and references to Secrets, whose last segment is a name that the user chose.
const REFERENCE = /^spark\.kubernetes\.(?:driver|executor)\.(?:secrets|secretKeyRef|label|annotation|volumes)\./;

/** Whether a key is that of a secret: `spark.ssl.keyPassword`, `fs.s3a.secret.key`, `DB_PASSWORD`; not `token.file`. */
export function namesSecret(key: string): boolean {
  if (!MAY_NAME_SECRET.test(key) || REFERENCE.test(key)) return false;
  const words = withoutSuffixes(
    // The names of environment variables have no limit of their own, and the end of a name decides.
    key
      .slice(-Longest.Path)
      .replace(/([a-z0-9])([A-Z])/g, '$1.$2')
      .toLowerCase()
      .replace(/[-_]/g, '.'),
  );
  return SECRET_WORD.test(words) || SECRET_KEY.test(words) || SECRET_PREFIX.test(words);
}

function withoutSuffixes(words: string): string {
  let end = words.length;
  for (;;) {
    const dot = end === 0 ? -1 : words.lastIndexOf('.', end - 1);
    if (dot < 0 || !NOT_THE_NAME.test(words.slice(dot + 1, end))) return words.slice(0, end);
    end = dot;
  }
}
