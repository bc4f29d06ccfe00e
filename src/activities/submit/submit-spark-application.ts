import { Context } from '@temporalio/activity';
import type { SubmitAnswer, SubmitInput } from '../../protocol/index.ts';
import { identified } from '../namespace-id.ts';
import { clusterUnreachable } from './cluster-choice.ts';
import { createPlannedDriver } from './create-planned-driver.ts';
import { withLateness } from './lateness.ts';
import { planAttempt, type SubmissionContext } from './plan-attempt.ts';
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
