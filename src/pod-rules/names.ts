/**
 * The grammars of Kubernetes' names, as functions that return what is wrong with a name, in the API server's words, or
 * undefined. Each reads its text once.
 *
 * @module
 */

const atMost = (length: number): string => `must be no more than ${length} characters`;

const LABEL_CHARACTERS = /^[-a-z0-9]+$/;

/** Whether a text without dots is a DNS label, except for its length. */
const isLabel = (text: string): boolean => LABEL_CHARACTERS.test(text) && !text.startsWith('-') && !text.endsWith('-');

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

/** Names of volumes, containers, namespaces and hosts. */
export function labelFault(name: string): string | undefined {
  if (name.length > 63) return atMost(63);
  if (isLabel(name)) return undefined;
  return name.split('.').every(isLabel) ? 'must not contain dots' : LABEL;
}

/** Names of most objects. */
export function subdomainFault(name: string): string | undefined {
  if (name.length > 253) return atMost(253);
  return name.split('.').every(isLabel) ? undefined : SUBDOMAIN;
}

/** Names of the ports of a container. */
export function portNameFault(name: string): string | undefined {
  if (name.length > 15) return atMost(15);
  if (!LABEL_CHARACTERS.test(name)) return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  if (!/[a-z]/.test(name)) return 'must contain at least one letter (a-z)';
  if (name.includes('--')) return 'must not contain consecutive hyphens';
  return isLabel(name) ? undefined : 'must not begin or end with a hyphen';
}

const QUALIFIED_CHARACTERS = /^[-A-Za-z0-9_.]+$/;
const ALPHANUMERIC = /^[A-Za-z0-9]$/;
const isQualified = (text: string): boolean =>
  QUALIFIED_CHARACTERS.test(text) && ALPHANUMERIC.test(text[0]!) && ALPHANUMERIC.test(text.at(-1)!);
const QUALIFIED =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** Keys of labels and annotations, names of resources: `name` or `example.com/name`. */
export function qualifiedNameFault(key: string): string | undefined {
  const parts = key.split('/');
  const name = parts.at(-1)!;
  if (parts.length > 2) return 'a qualified name is a name, or a DNS subdomain and a name with "/" between them';
  if (parts.length === 2) {
    if (parts[0] === '') return 'prefix part must be non-empty';
    const fault = subdomainFault(parts[0]!);
    if (fault !== undefined) return `prefix part ${fault}`;
  }
  if (name === '') return 'name part must be non-empty';
  if (name.length > 63) return `name part ${atMost(63)}`;
  return isQualified(name) ? undefined : `name part ${QUALIFIED}`;
}

export function labelValueFault(value: string): string | undefined {
  if (value === '') return undefined;
  if (value.length > 63) return atMost(63);
  return isQualified(value) ? undefined : `a valid label must be an empty string or ${QUALIFIED.slice('must '.length)}`;
}

// Since Kubernetes 1.34; earlier versions take fewer characters.
const VARIABLE = /^[ -<>-~]+$/;

/** Names of environment variables. */
export const variableFault = (name: string): string | undefined =>
  VARIABLE.test(name)
    ? undefined
    : "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** Keys of ConfigMaps and Secrets. */
export function keyFault(key: string): string | undefined {
  if (key.length > 253) return atMost(253);
  if (!/^[-._A-Za-z0-9]+$/.test(key)) {
    return "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  }
  if (key === '.' || key === '..') return `must not be '${key}'`;
  return key.startsWith('..') ? "must not start with '..'" : undefined;
}

/** A path below another: relative, and without steps back. */
export function descendingPathFault(path: string): string | undefined {
  if (path.startsWith('/')) return 'must be a relative path';
  return backstepFault(path);
}

export const backstepFault = (path: string): string | undefined =>
  path.split('/').includes('..') ? "must not contain '..'" : undefined;

/** A path of a file that a volume writes. */
export const filePathFault = (path: string): string | undefined =>
  descendingPathFault(path) ?? (path.startsWith('..') ? "must not start with '..'" : undefined);

export const ipFault = (address: string): string | undefined =>
  isIpv4(address) || isIpv6(address) ? undefined : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';

function isIpv4(address: string): boolean {
  const parts = address.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIpv6(address: string): boolean {
  const halves = address.split('::');
  if (halves.length > 2 || address.length > 45) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const embedded = last.includes('.') && isIpv4(last);
  const hexadecimal = embedded ? groups.slice(0, -1) : groups;
  const count = hexadecimal.length + (embedded ? 2 : 0);
  const isComplete = halves.length === 2 ? count < 8 : count === 8;
  return isComplete && hexadecimal.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
}
