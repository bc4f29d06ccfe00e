import { Context } from '@temporalio/activity';
import type { SubmitAnswer, SubmitInput } from '../../protocol/index.ts';
import { Annotation } from '../../spark/metadata.ts';
import { NativeSubmitter } from '../../submitters/index.ts';
import { identified } from '../namespace-id.ts';
import { clusterUnreachable } from './cluster-choice.ts';
import { createPlannedDriver } from './create-planned-driver.ts';
import { withLateness } from './lateness.ts';
import { planAttempt, type PlannedAttempt, type SubmissionContext } from './plan-attempt.ts';
import { removePreviousDriver, conflictOrRetry } from './previous-driver.ts';
import { underSignal } from './submission-lease.ts';

/**
 * Submits one attempt: plans it, and has its driver created. Safe to repeat after a crash at any point.
 *
 * What of the plan must be in history before anything is created (which of several clusters, the queue of a limited
 * pool) is returned instead; the workflow repeats the submission with it. All other attempts take one activity.
 */
export async function submitSparkApplication(context: SubmissionContext, given: SubmitInput): Promise<SubmitAnswer> {
  const submit = async (signal: AbortSignal): Promise<SubmitAnswer> => {
    const input = { ...given, identity: await identified(given.identity, Context.current().client) };
    const attempt = await planAttempt(context, input);
    if (attempt.unrecorded !== undefined) return attempt.unrecorded;
    const { kubernetes, request } = attempt;
    if (isNameFree(context, attempt)) {
      const created = await createUnlessTaken(context, attempt, signal);
      if (created !== undefined) return created;
    }
    try {
      const { namespace } = request.submission;
      await removePreviousDriver(kubernetes, namespace, request.identity, signal, context.timings);
    } catch (error) {
      return clusterUnreachable(context.clusters, attempt, input, error, signal);
    }
    try {
      return await createPlannedDriver(context, attempt, signal);
    } catch (error) {
      throw await conflictOrRetry(kubernetes, request, error, signal);
    }
  };
  return withLateness(context.timings, () => underSignal(submit));
}

/**
 * Whether there is hardly a previous driver, so that looking for one is not worth a call: the first try of a resource,
 * which is new but for edits after its end. Not where a submitter takes long to find that the name is taken, nor where an
 * unreachable cluster must be noticed before anything may have been created.
 */
function isNameFree({ clusters }: SubmissionContext, { request: { identity }, choice }: PlannedAttempt): boolean {
  const isFirst = identity.annotations[Annotation.Attempt] === '1' && Context.current().info.attempt === 1;
  const isQuick = choice.submitter instanceof NativeSubmitter && choice.trial === undefined;
  return identity.owner !== undefined && isFirst && isQuick && clusters === undefined;
}

/** Undefined where the pod of a previous attempt or run has the name: it must be removed first. */
async function createUnlessTaken(
  context: SubmissionContext,
  attempt: PlannedAttempt,
  signal: AbortSignal,
): Promise<SubmitAnswer | undefined> {
  try {
    return await createPlannedDriver(context, attempt, signal);
  } catch (error) {
    const found = await conflictOrRetry(attempt.kubernetes, attempt.request, error, signal);
    if (found === error) throw error;
    return undefined;
  }
}
