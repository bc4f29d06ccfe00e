import type { ExpressionError } from '../manifest/pipeline/expression.ts';

/**
 * Why a stage of a pipeline, or a try of it, ended, where the reason is not that of its application or the type of its
 * failure. They are in histories and results: they never change.
 */
export const StageReason = {
  Cancelled: 'Cancelled',
  ConditionFalse: 'ConditionFalse',
  DependencyNotMet: 'DependencyNotMet',
  /** The workflow failed with an error that has no type. */
  Error: 'Error',
  ExpressionFailed: 'ExpressionFailed' satisfies ExpressionError['type'],
  InputTooLarge: 'InputTooLarge',
  ItemsTooLarge: 'ItemsTooLarge',
  MissingOutput: 'MissingOutput',
  OutputTooLarge: 'OutputTooLarge',
  PipelineStopped: 'PipelineStopped',
  /** The workflow was terminated. */
  Terminated: 'Terminated',
  TimedOut: 'TimedOut',
  UnreadableOutput: 'UnreadableOutput',
  /** Temporal has no record of the workflow any more. */
  WorkflowLost: 'WorkflowLost',
  WorkflowTimedOut: 'WorkflowTimedOut',
  WrongOutputType: 'WrongOutputType',
} as const;
export type StageReason = (typeof StageReason)[keyof typeof StageReason];

/** Reasons that are not of an application, in words. */
const WORDS: Readonly<Record<string, string>> = {
  [StageReason.Cancelled]: 'cancelled on request',
  [StageReason.ConditionFalse]: 'its condition is false',
  [StageReason.DependencyNotMet]: 'a stage that it depends on did not end as required',
  [StageReason.PipelineStopped]: 'the pipeline was stopped before',
  [StageReason.Terminated]: 'its workflow was terminated',
  [StageReason.TimedOut]: 'its time limit has passed',
};

/**
 * Why a stage is what it is, in one line: the first line of its message, which has the cause of a failure, and its reason
 * where that line does not name it. Empty where neither is known.
 */
export function describeStageReason({
  reason,
  message,
}: {
  readonly reason?: string;
  readonly message?: string;
}): string {
  const because = reason !== undefined && Object.hasOwn(WORDS, reason) ? WORDS[reason]! : (reason ?? '');
  const [cause = ''] = (message ?? '').split(/\r?\n/, 1);
  if (cause === '') return because;
  // Kubernetes' word for every exit code.
  const isNamed = because === StageReason.Error || cause.includes(because);
  return isNamed ? cause : `${cause} (${because})`;
}
