import { patched } from '@temporalio/workflow';
import { isAdmissionNeeded, type AttemptPlan } from '../../protocol/index.ts';
import { planned, type AttemptRecord } from './attempt-record.ts';

/**
 * The record with the plan that a submission answered.
 *
 * @throws Error for a plan that the submission was given: it would be repeated without end
 */
export function withPlan(record: AttemptRecord, plan: AttemptPlan, isAdmitted: boolean): AttemptRecord {
  const next = planned(record, plan);
  if (isAdmissionNeeded(plan)) {
    if (isAdmitted) throw new Error('An admitted attempt was asked to queue again.');
    return next;
  }
  const isNew = (['cluster', 'defaults'] as const).some(
    (part) => record[part] === undefined && next[part] !== undefined,
  );
  // Runs that began before this change repeated the submission.
  if (!isNew && patched('plan-progress')) {
    throw new Error('A worker answered a submission with a plan that this version does not know; upgrade all workers.');
  }
  return next;
}
