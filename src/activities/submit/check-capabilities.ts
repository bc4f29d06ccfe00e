import { RefusalReason, SubmissionRefused } from '../../spark/index.ts';
import {
  driverObjects,
  SubmitterCapability,
  type SparkApplicationSubmitter,
  type SubmissionRequest,
  type Submitters,
} from '../../submitters/index.ts';

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
export function checkCapabilities(
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
