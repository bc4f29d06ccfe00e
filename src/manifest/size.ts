import { utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * What a run must be able to pass to the run that continues it, in bytes of JSON: manifest, parameters, outputs and
 * the state of each stage. Temporal takes 2 MiB; the difference is for what is counted only roughly.
 */
export const CARRIED_LIMIT = 1_800_000;

/**
 * Limit for the running manifest and the new one of an update, which one activity compares, in bytes of JSON. Temporal
 * terminates a workflow that schedules an activity with 2 MiB.
 */
export const UPDATE_LIMIT = 2_000_000;

/** Limit for the manifest of a pipeline, the state of its stages included. */
export const MANIFEST_LIMIT = 1_200_000;

/** Limit for the templates of its stages, each counted as often as stages use it: so much is checked in a second. */
export const TEMPLATES_LIMIT = 20_000_000;

/** Limit for its expressions, counted in the same way. */
export const EXPRESSIONS_LIMIT = 50_000;

/** Limit for the values of its parameters. */
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

/**
 * Why a manifest is too large to run, in words that follow its name: with the names of an attempt it is the input of an
 * activity, and with the counters that of the run that continues it. Undefined where it is not.
 */
export function applicationSizeFault(manifest: unknown): string | undefined {
  // No character takes more than three bytes.
  if ((JSON.stringify(manifest) ?? '').length * 3 <= CARRIED_LIMIT) return undefined;
  const bytes = jsonBytes(manifest);
  if (bytes <= CARRIED_LIMIT) return undefined;
  return `takes ${bytesText(bytes)} as JSON; the limit is ${bytesText(CARRIED_LIMIT)}`;
}

/** Why one manifest cannot be compared with the other, as a sentence without a subject. Undefined where it can be. */
export function updateSizeFault(running: unknown, proposed: unknown): string | undefined {
  const [before, after] = [jsonBytes(running), jsonBytes(proposed)];
  if (before + after <= UPDATE_LIMIT) return undefined;
  return (
    `the running manifest takes ${bytesText(before)} as JSON and the new one ${bytesText(after)}; ` +
    `the limit for both together is ${bytesText(UPDATE_LIMIT)}`
  );
}
