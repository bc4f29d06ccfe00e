import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
} from '@temporalio/client';
import { present } from '../validation/present.ts';
import type { RegisteredAttributes } from './registered-attributes.ts';
import { attributesOf, DIGEST_MEMO, PauseNote, type MadeSchedule, type ScheduleManifest } from './schedule-options.ts';

/** What became of a schedule that was applied. */
export type ApplyOutcome = 'created' | 'updated' | 'unchanged';

export interface ApplyParts {
  readonly client: Client;
  readonly attributes: RegisteredAttributes;
}

/**
 * Creates a schedule, or makes it what is wanted. The same again changes nothing; a schedule that was paused by hand stays
 * paused.
 *
 * @param existing as it is now; undefined where it does not exist
 * @returns undefined where another client has created it meanwhile: describe it, and apply again
 */
export async function applySchedule(
  { client, attributes }: ApplyParts,
  manifest: ScheduleManifest,
  { digest, ...options }: MadeSchedule,
  existing: ScheduleDescription | undefined,
): Promise<ApplyOutcome | undefined> {
  if (existing === undefined) {
    try {
      await attributes.start(attributesOf(manifest), (registered) =>
        client.schedule.create({ ...options, action: { ...options.action, ...registered } }),
      );
      return 'created';
    } catch (error) {
      if (error instanceof ScheduleAlreadyRunning) return undefined;
      throw error;
    }
  }
  const { paused, note } = existing.state;
  const isInvalid = paused && note === PauseNote.Invalid;
  if (existing.action.memo?.[DIGEST_MEMO] === digest && !isInvalid) return 'unchanged';
  await attributes.start(attributesOf(manifest), (registered) =>
    client.schedule.getHandle(options.scheduleId).update(({ state }) => {
      const ownNotes: readonly (string | undefined)[] = [...Object.values(PauseNote), options.state?.note];
      const byHand = state.paused && !ownNotes.includes(state.note);
      const { action, spec, policies } = options;
      return {
        action: { ...action, ...registered },
        spec,
        ...present({ policies }),
        state: byHand ? { ...state } : { ...options.state },
      };
    }),
  );
  return 'updated';
}

/** A schedule; undefined where it does not exist. */
export async function describeSchedule(client: Client, scheduleId: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
