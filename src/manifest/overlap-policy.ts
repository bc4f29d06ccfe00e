/** What to do with a run that is due while an earlier one is under way. */
export const OverlapPolicy = {
  /** Leave the new one out. */
  Skip: 'Skip',
  /** Start one when the earlier one has ended. */
  BufferOne: 'BufferOne',
  /** Start each, one after the other. */
  BufferAll: 'BufferAll',
  /** Cancel the earlier one gracefully, then start. */
  CancelOther: 'CancelOther',
  /** Let both run. */
  AllowAll: 'AllowAll',
} as const;
export type OverlapPolicy = (typeof OverlapPolicy)[keyof typeof OverlapPolicy];
