import { log } from '@temporalio/workflow';
import { semaphoreWorkflowId, type ParentPause, type SemaphorePlace } from '../../protocol/index.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import { present } from '../../validation/present.ts';
import { isWorkflowId } from '../../validation/workflow-id.ts';

/** Characters of the note of a pause: it is in the status, and goes from run to run. */
export const NOTE_LIMIT = 1_000;

// Any client can send anything, and a signal stays in history: an exception would block the workflow for ever.

/** Undefined where it is not of its shape. */
export function readParentPause(given: unknown): ParentPause | undefined {
  const { paused, note } = asRecord(given);
  if (typeof paused === 'boolean' && (note === undefined || typeof note === 'string')) {
    return { paused, ...present({ note: note?.slice(0, NOTE_LIMIT) }) };
  }
  log.warn('Dropped a malformed signal: parentPaused');
  return undefined;
}

/** A place that a semaphore has granted. Semaphores of earlier versions do not give their name. */
export interface Grant {
  readonly place: SemaphorePlace;
  readonly semaphore: string | undefined;
}

/** Undefined where it is not of its shape. */
export function readGrant(given: unknown): Grant | undefined {
  const { semaphore, holder, ticket } = asRecord(given);
  // A place that is not wanted is released there.
  const isName =
    semaphore === undefined || (typeof semaphore === 'string' && isWorkflowId(semaphoreWorkflowId(semaphore)));
  const isTicket = ticket === undefined || typeof ticket === 'number';
  if (isName && isTicket && isWorkflowId(holder)) return { place: { holder, ...present({ ticket }) }, semaphore };
  log.warn('Dropped a malformed signal: semaphoreGranted');
  return undefined;
}
