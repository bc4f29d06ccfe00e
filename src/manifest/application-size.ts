import { bytesText, CARRIED_LIMIT, jsonBytes } from './pipeline/size.ts';

/**
 * Limit for the running manifest and the new one of an update, which one activity compares, in bytes of JSON. Temporal
 * terminates a workflow that schedules an activity with 2 MiB.
 */
export const UPDATE_LIMIT = 2_000_000;

/**
 * Why a manifest is too large to run, in words that follow its name: with the names of an attempt it is the input of an
 * activity, and with the counters that of the run that continues it. Undefined where it is not.
 */
export function applicationSizeFault(manifest: unknown): string | undefined {
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
