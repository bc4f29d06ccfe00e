import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * What a run must be able to pass to the run that continues it, in bytes of JSON: manifest, parameters, outputs and
 * the state of each stage. Temporal takes 2 MiB; the difference is for what is counted only roughly.
 */
export const CARRIED_LIMIT = 1_800_000;

/** Limit for a manifest, the state of its stages included. */
export const MANIFEST_LIMIT = 1_200_000;

/** Limit for the templates of all stages, each counted as often as stages use it: so much is checked in a second. */
export const TEMPLATES_LIMIT = 20_000_000;

/** Limit for the expressions of a pipeline, counted in the same way. */
export const EXPRESSIONS_LIMIT = 50_000;

/** Limit for the values of the parameters. */
export const PARAMETERS_LIMIT = 300_000;

/** The state of one stage, without its outputs and its message. */
export const STAGE_BYTES = 400;

/** The state of one item of a fan-out, without the item itself and its outputs. */
export const ITEM_BYTES = 60;

/** Length of a value as JSON, in bytes. */
export function jsonBytes(value: unknown): number {
  return utf8ToBytes(JSON.stringify(value) ?? '').length;
}

/** A number of bytes as text for users. */
export const bytesText = (bytes: number): string => `${bytes.toLocaleString('en-US')} bytes`;
