import { strFromU8, strToU8 } from 'fflate/browser';

// The workflow sandbox has neither Buffer nor btoa.

const ALPHABET = strToU8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const NONE = 64;
/** By character code. */
const VALUES = new Uint8Array(128)
  .fill(NONE)
  .map((none, code) => (ALPHABET.includes(code) ? ALPHABET.indexOf(code) : none));

/** Base64 without padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let length = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const three = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    for (let shift = 18; shift >= 0 && length < text.length; shift -= 6) {
      text[length] = ALPHABET[(three >> shift) & 63]!;
      length += 1;
    }
  }
  return strFromU8(text, true);
}

/** Undefined for what is not base64 without padding. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const value = VALUES[text.charCodeAt(index)] ?? NONE;
    if (value === NONE) return undefined;
    bits = (bits << 6) | value;
    // Each character has six more bits; the first of four completes no byte.
    if (index % 4 === 0) continue;
    bytes[length] = bits >> (6 - 2 * (index % 4));
    length += 1;
  }
  return bytes;
}
