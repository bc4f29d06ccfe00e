import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

const MAX_LENGTH = 63;
const HASH_LENGTH = 8;

/**
 * `<application>-<suffix>`; where that is too long for a DNS label, a shortened one with a hash of the full name: the
 * operator's, for Services and Ingresses that users may reference by name.
 */
export const companionName = (application: string, suffix: string): string => shortened(application, suffix, md5);

/** The same for the volume of a ConfigMap, which the operator hashes in another way. */
export const volumeName = (configMap: string): string => shortened(configMap, 'vol', sha256);

function shortened(begin: string, suffix: string, hash: (data: Uint8Array) => Uint8Array): string {
  const name = `${begin}-${suffix}`;
  if (name.length <= MAX_LENGTH) return name;
  const kept = begin.slice(0, MAX_LENGTH - suffix.length - HASH_LENGTH - 2);
  return `${kept}-${bytesToHex(hash(utf8ToBytes(name))).slice(0, HASH_LENGTH)}-${suffix}`;
}

/** Keeps shortened names distinct. */
export const shortHash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, HASH_LENGTH);
