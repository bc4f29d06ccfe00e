import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * What a run has to be able to hand to the one that continues it, in bytes of JSON: manifest, parameters, outputs and
 * the state of each stage. Temporal takes 2 MiB; the difference is for what is counted only roughly.
 */
export const CARRIED_LIMIT = 1_800_000;

/** Of it, a manifest may take this much at most, the state of its stages included. */
export const MANIFEST_LIMIT = 1_200_000;

/** Of it, the values of the parameters may take this much at most. */
export const PARAMETERS_LIMIT = 300_000;

/** The state of one stage, without its outputs and its message. */
export const STAGE_BYTES = 400;

/** The state of one item of a fan-out, without the item itself and its outputs. */
export const ITEM_BYTES = 60;

/** Length of a value as JSON, in bytes. */
export function jsonBytes(value: unknown): number {
  return utf8ToBytes(JSON.stringify(value) ?? '').length;
}

/** A number of bytes as a person reads it. */
export const bytesText = (bytes: number): string => `${bytes.toLocaleString('en-US')} bytes`;
