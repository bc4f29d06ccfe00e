import { utf8ToBytes } from '@noble/hashes/utils.js';

/** Temporal's limit, in bytes. */
const LIMIT = 1_000;

/**
 * Whether Temporal takes the text as the id of a workflow. It fails the task of a workflow that addresses any other,
 * again and again.
 */
export function isWorkflowId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > LIMIT || !value.isWellFormed()) return false;
  // No character takes more than three bytes.
  return value.length * 3 <= LIMIT || utf8ToBytes(value).length <= LIMIT;
}
