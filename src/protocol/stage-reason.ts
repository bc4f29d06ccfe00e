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
