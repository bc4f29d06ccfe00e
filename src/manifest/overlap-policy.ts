/** What to do with a run that is due while the previous one is under way. */
export const OverlapPolicy = {
  /** Skip the new one. */
  Skip: 'Skip',
  /** Start one when the previous one has ended. */
  BufferOne: 'BufferOne',
  /** Start each, one after the other. */
  BufferAll: 'BufferAll',
  /** Cancel the previous one gracefully, then start. */
  CancelOther: 'CancelOther',
  /** Run both. */
  AllowAll: 'AllowAll',
} as const;
export type OverlapPolicy = (typeof OverlapPolicy)[keyof typeof OverlapPolicy];
