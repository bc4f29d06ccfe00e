import { randomInt } from 'node:crypto';

/** Kubernetes' own alphabet for generated names: no vowels, nothing that looks like something else. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Completes `metadata.generateName`: five random characters, as the API server would add. */
export function nameSuffix(): string {
  return Array.from({ length: 5 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
