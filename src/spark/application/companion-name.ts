import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const MAX_LENGTH = 63;
const HASH_LENGTH = 8;

/** `<application>-<suffix>`; where that is too long for a DNS label, a shortened one with a hash of the whole. */
export function companionName(application: string, suffix: string): string {
  const name = `${application}-${suffix}`;
  if (name.length <= MAX_LENGTH) return name;
  const kept = application.slice(0, MAX_LENGTH - suffix.length - HASH_LENGTH - 2);
  return `${kept}-${shortHash(name)}-${suffix}`;
}

/** Tells names apart that were cut. */
export const shortHash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, HASH_LENGTH);
