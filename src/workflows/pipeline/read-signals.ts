import { log } from '@temporalio/workflow';
import type { ParentPause, SemaphorePlace } from '../../protocol/index.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import { present } from '../../validation/present.ts';

// Any client can send anything, and a signal stays in history: an exception would block the workflow for ever.

/** Undefined where it is not of its shape. */
export function readParentPause(given: unknown): ParentPause | undefined {
  const { paused, note } = asRecord(given);
  if (typeof paused === 'boolean' && (note === undefined || typeof note === 'string')) {
    return { paused, ...present({ note }) };
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
  const isName = semaphore === undefined || typeof semaphore === 'string';
  const isTicket = ticket === undefined || typeof ticket === 'number';
  if (isName && isTicket && typeof holder === 'string') return { place: { holder, ...present({ ticket }) }, semaphore };
  log.warn('Dropped a malformed signal: semaphoreGranted');
  return undefined;
}
