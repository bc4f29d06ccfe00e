import { Context } from '@temporalio/activity';
import type { SparkApplication } from '../../manifest/index.ts';
import { RefusalReason, SubmissionRefused } from '../../spark/index.ts';
import {
  driverObjects,
  SubmitterCapability,
  type CanaryTrial,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
  type Submitters,
} from '../../submitters/index.ts';
import type { Allowance } from '../../tenancy/index.ts';

/** Who submits, and whether that is a trial. */
export interface Choice {
  readonly submitter: SparkApplicationSubmitter;
  readonly trial?: CanaryTrial;
}

/**
 * The submitter that was chosen, or the canary that gets this application instead. A canary without the required
 * capabilities, or that tenancy does not allow, does not get it.
 *
 * @param allowance of tenancy. @default everything is allowed
 * @throws SubmissionRefused where the chosen one lacks them, too
 */
export function chooseSubmitter(
  submitters: Submitters,
  application: SparkApplication,
  chosen: SparkApplicationSubmitter,
  request: SubmissionRequest,
  allowance?: Pick<Allowance, 'allowsSubmitter'>,
): Choice {
  // What failed on trial is tried again with the one that was chosen.
  const trial = Context.current().info.attempt === 1 ? submitters.trialOf(application, chosen) : undefined;
  if (
    trial !== undefined &&
    (allowance?.allowsSubmitter(trial.submitter.name) ?? true) &&
    isAble(trial.submitter, request, submitters)
  ) {
    return { submitter: trial.submitter, trial };
  }
  checkCapabilities(chosen, request, submitters);
  return { submitter: chosen };
}

function isAble(submitter: SparkApplicationSubmitter, request: SubmissionRequest, submitters: Submitters): boolean {
  try {
    checkCapabilities(submitter, request, submitters);
    return true;
  } catch {
    return false;
  }
}

/** What it takes to do what the translation refuses. */
const REQUIRED: Readonly<Partial<Record<RefusalReason, SubmitterCapability>>> = {
  [RefusalReason.RequiresJvm]: SubmitterCapability.SparkClient,
  [RefusalReason.RequiresLocalFile]: SubmitterCapability.LocalFiles,
};

/**
 * Checks the required capabilities of a submission before its submitter is asked: every submitter supports what can be
 * translated; the rest it must declare.
 *
 * @throws SubmissionRefused with the submitters that support it, if any (not retryable)
 */
function checkCapabilities(
  submitter: SparkApplicationSubmitter,
  request: SubmissionRequest,
  submitters: Submitters,
): void {
  try {
    driverObjects(request);
  } catch (error) {
    if (!(error instanceof SubmissionRefused)) throw error;
    const capability = REQUIRED[error.reason];
    if (capability === undefined) throw error;
    if (submitter.capabilities?.includes(capability)) return;
    const able = submitters.thatCan(capability);
    throw new SubmissionRefused({
      reason: error.reason,
      key: error.key,
      problem: `${error.problem}, which the submitter "${submitter.name}" cannot do`,
      remedy:
        able.length === 0
          ? `${error.remedy} (no submitter of this worker can)`
          : `Choose one that can, with the annotation temporal-spark/submitter: ${able.join(' or ')}.`,
    });
  }
}
