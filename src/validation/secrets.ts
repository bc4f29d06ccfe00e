import { mayHoldSecretName, mayNameSecret, namesSecret } from './secret-names.ts';
import { isLiteral, isSecretOf, looksChosen, looksMade, looksRandom } from './secret-values.ts';

/** A part of a text: from `start` up to, not including, `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

// Each repetition is bounded, or excludes what follows it, so that the time grows with the length of the text alone.
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:-(?!----)|[^-])*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g;
const PASSWORD_IN_URI = /(?<=\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,500}(?=@)/gi;
// `jdbc:oracle:thin:user/password@host`.
const PASSWORD_OF_ORACLE = /(?<=\bjdbc:oracle:\w{1,10}:[^\s/@]{1,100}\/)[^\s/@]{1,500}(?=@)/gi;
// By what their issuers begin them with: GitHub, GitLab, Slack, Google, OpenAI and Anthropic, Stripe, Databricks,
// Hugging Face, npm, PyPI, SendGrid, Vault, DigitalOcean, Shopify; and tokens that are signed JSON.
const KNOWN_TOKEN = new RegExp(
  String.raw`(?<![\w-])(?:gh[pousr]_[0-9A-Za-z]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,255}|xox[abeprs]-[\w-]{10,255}|AIza[\w-]{35}|ya29\.[\w-]{20,500}|sk-[\w-]{20,255}|[rs]k_live_\w{16,255}|dapi[0-9a-f]{32}|hf_[0-9A-Za-z]{30,255}|npm_[0-9A-Za-z]{36}|pypi-[\w-]{40,500}|SG\.[\w-]{16,40}\.[\w-]{16,80}|hvs\.[\w-]{20,255}|dop_v1_[0-9a-f]{64}|shpat_[0-9a-fA-F]{32}|eyJ[\w-]{8,4000}\.eyJ[\w-]{8,4000}\.[\w-]{8,4000})`,
  'g',
);
// What follows is not a word of a language.
const AUTHORIZATION = /(?<=\b(?:bearer|basic)\s{1,4})(?=\S{0,80}[\d=])[\w.~+/-]{8,4000}={0,2}/gi;
// Signatures of shared access (Azure) and of presigned addresses (AWS, Google).
const SIGNATURE =
  /(?<=[?&](?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token)=)[\w%+/=-]{20,4000}/gi;
// `curl -u user:password`.
const USER_OPTION = /(?<=(?:^|\s)(?:-u|--user)[ =]{1,4}["']?[\w.@-]{1,100}:)(?!\/\/|\d{1,5}(?:\s|$))[^\s"':]{1,200}/g;
/** Each with a text without which it does not match: it takes a part of the time to look for that. */
const PATTERNS: readonly { readonly pattern: RegExp; readonly needs: string }[] = [
  { pattern: PRIVATE_KEY, needs: '-----BEGIN' },
  { pattern: PASSWORD_IN_URI, needs: '@' },
  { pattern: PASSWORD_OF_ORACLE, needs: '@' },
  { pattern: KNOWN_TOKEN, needs: '' },
  { pattern: AUTHORIZATION, needs: '' },
  { pattern: SIGNATURE, needs: '=' },
  { pattern: USER_OPTION, needs: '-u' },
];

const MASK = '*****';

/** Whether a text holds a secret, whatever its key. */
export const holdsSecret = (text: string): boolean => findSecrets(text).length > 0;

/** The text with each secret in it replaced: for logs and messages, before they are recorded. */
export function maskSecrets(text: string): string {
  let masked = '';
  let at = 0;
  for (const { start, end } of findSecrets(text)) {
    masked += text.slice(at, start) + MASK;
    at = end;
  }
  return masked + text.slice(at);
}

/** As most values of a manifest: a token of letters and digits alone is longer. */
const WITHOUT_SECRET = /^[0-9A-Za-z]{0,30}$/;

/** Where secrets are in a text, in order and without overlaps. */
export function findSecrets(text: string): readonly Span[] {
  if (WITHOUT_SECRET.test(text)) return [];
  // Most texts have no match; `matchAll` copies the pattern, and `search` does not.
  const found = PATTERNS.filter(({ pattern, needs }) => text.includes(needs) && text.search(pattern) !== -1)
    .flatMap(({ pattern }) => [...text.matchAll(pattern)])
    .map(({ 0: match, index }) => ({ start: index, end: index + match.length }))
    .filter(({ start, end }) => isToken(text.slice(start, end)))
    .concat(assignments(text));
  const spans: Span[] = [];
  for (const span of found.toSorted((a, b) => a.start - b.start)) {
    const last = spans.at(-1);
    if (last === undefined || span.start >= last.end) spans.push(span);
    else if (span.end > last.end) spans[spans.length - 1] = { start: last.start, end: span.end };
  }
  return spans;
}

const SQL_BEFORE = /\b(?:where|and|or|on|having|when|set)\s{1,4}$/i;
const WORD = /[A-Za-z][\w.-]*/g;
const MAX_VALUE = 4000;

/** The values of `password=x`, `--api-token x`, `AccountKey=x;`, `{"password": "x"}` and `<password>x</password>`. */
function assignments(text: string): Span[] {
  const found: Span[] = [];
  if (!mayHoldSecretName(text)) return found;
  // Each character is read once, as a part of a word or of a value: no text takes longer than its length.
  let from = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (index < from) continue;
    // `-Dssl.keyPassword=x`
    const name = text[index - 1] === '-' ? word.replace(/^D(?=[a-z])/, '') : word;
    if (!namesSecret(name) && !mayNameSecret(name)) continue;
    // Of an object or a record, unless it is an option or a parameter.
    if (/^key$/i.test(name) && !/[-?&]/.test(text.charAt(index - 1))) continue;
    const value = valueAfter(text, index, index + word.length);
    if (value === undefined) continue;
    from = value.end;
    if (isSecretOf(name, text.slice(value.start, value.end))) found.push(value);
  }
  return found;
}

function valueAfter(text: string, start: number, end: number): Span | undefined {
  if (text[start - 1] === '<' && text[end] === '>') return until(text, end + 1, '<');
  const closing = afterQuote(text, end);
  const blank = afterBlanks(text, closing);
  const separator = text[blank];
  if (separator === '=' || separator === ':') {
    if (text[blank + 1] === '=' || text.startsWith('//', blank + 1)) return undefined;
    // `arn:aws:secretsmanager:region:account:secret:name`
    if (separator === ':' && text[start - 1] === ':') return undefined;
    const begin = afterBlanks(text, text[blank + 1] === '>' ? blank + 2 : blank + 1);
    const opened = afterQuote(text, begin);
    const value = opened > begin ? until(text, opened, text[opened - 1]!) : untilWordEnds(text, begin);
    // `password=x`, and not "invalid token: expected a number", a schema, a map of columns or a comparison of SQL.
    const isAssigned =
      separator === '=' &&
      blank === end &&
      begin === end + 1 &&
      !SQL_BEFORE.test(text.slice(Math.max(0, start - 12), start));
    return isAssigned || looksMade(text.slice(value.start, value.end)) ? value : undefined;
  }
  const isOption = text[start - 1] === '-' && closing === end && blank > end;
  if (!isOption || text[blank] === '-') return undefined;
  const opened = afterQuote(text, blank);
  return opened > blank ? until(text, opened, text[opened - 1]!) : untilWordEnds(text, blank);
}

/** The position after a quote, which may be escaped. */
function afterQuote(text: string, at: number): number {
  const quote = text[at] === '\\' ? at + 1 : at;
  return text[quote] === '"' || text[quote] === "'" ? quote + 1 : at;
}

function afterBlanks(text: string, at: number): number {
  let end = at;
  while (end < at + 3 && (text[end] === ' ' || text[end] === '\t')) end++;
  return end;
}

/** Up to the ending quote, which is escaped where the opening one is. */
function until(text: string, start: number, ending: string): Span {
  const isEscaped = ending !== '<' && text[start - 2] === '\\';
  let end = start;
  while (end < text.length && end < start + MAX_VALUE && text[end] !== ending && text[end] !== '\n') {
    end += !isEscaped && text[end] === '\\' ? 2 : 1;
  }
  return { start, end: Math.max(start, Math.min(isEscaped ? end - 1 : end, text.length)) };
}

function untilWordEnds(text: string, start: number): Span {
  let end = start;
  while (end < text.length && end < start + MAX_VALUE && !WORD_END.includes(text[end]!)) end++;
  return { start, end };
}

/** Names with hyphens begin like the keys of OpenAI and Anthropic: `sk-recommendation-engine`. */
const isToken = (found: string): boolean =>
  isLiteral(found) &&
  (!found.startsWith('sk-') || found.split(/[-_]/).some((part) => part.length >= 20 && looksRandom(part)));

const WORD_END = ' \t\r\n&;,"\'<>|)}]';

// Of these `-p` is the password; elsewhere it is a path, a port, a partition or a profile.
const CLIENT =
  /(?:^|\/)(?:mysql(?:dump|admin|import|sh)?|mariadb(?:-dump|-admin)?|psql|sqlplus|beeline|mongo(?:sh|dump|restore)?|cqlsh|vsql|sshpass)$/;

/** Which words of a command line are secrets: `--password x`, `-p x`, `-u user:x`, `--token=x`. */
export function secretWords(words: readonly unknown[]): readonly number[] {
  const texts = words.map((word) => (typeof word === 'string' ? word : ''));
  const hasUser = texts.some((word) => /^(?:-u|-U|--user|--username)$/.test(word));
  const isClient = texts.some((word, index) => CLIENT.test(word) && texts[index - 1]?.startsWith('-') !== true);
  return [...words.keys()].filter((index) => {
    const [option, word] = [words[index - 1], words[index]];
    if (typeof word !== 'string') return false;
    if (holdsSecret(word)) return true;
    if (typeof option !== 'string' || !/^--?[A-Za-z]/.test(option) || /[=\s]/.test(option) || word.startsWith('-')) {
      return false;
    }
    const name = option.replace(/^--?/, '');
    if (name === 'p') {
      const mayBePassword = isClient || (hasUser && looksChosen(word));
      return mayBePassword && isLiteral(word) && !/[/=:]|^[\d.-]+$/.test(word);
    }
    if (name === 'u' || name === 'user') return isUserAndPassword(word);
    return isSecretOf(name, word);
  });
}

function isUserAndPassword(word: string): boolean {
  const [, password] = /^[\w.@-]{1,100}:([^/\s][^\s]{0,500})$/.exec(word) ?? [];
  return password !== undefined && isLiteral(password) && !/^\d{1,5}$/.test(password);
}
