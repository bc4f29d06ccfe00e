import { patched, upsertMemo } from '@temporalio/workflow';
import { CAUSE_MEMO, RESULT_MEMO, type FailureCause, type SparkApplicationResult } from '../../protocol/index.ts';

/** Temporal keeps no details of a cancelled workflow: its result is put into the memo. */
export function rememberResult(result: SparkApplicationResult): void {
  upsertMemo({ [RESULT_MEMO]: result });
}

/** Lists of workflows have the memo, and not the failure. */
export function rememberCause(failure: FailureCause | undefined): void {
  // Runs that failed before this change have no cause in their memo.
  if (failure !== undefined && patched('cause-memo')) upsertMemo({ [CAUSE_MEMO]: failure.cause });
}
