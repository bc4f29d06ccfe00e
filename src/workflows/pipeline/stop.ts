/** Why no more stages start. */
export const Stop = {
  /** What runs is cancelled. */
  FailFast: 'FailFast',
  /** What runs finishes. */
  FinishRunning: 'FinishRunning',
  Cancelled: 'Cancelled',
  TimedOut: 'TimedOut',
} as const;
export type Stop = (typeof Stop)[keyof typeof Stop];
