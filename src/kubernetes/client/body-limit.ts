const MIB = 2 ** 20;

/**
 * The longest bodies that are read, in bytes: the memory of a worker must not depend on what a pod or a server answers.
 * Beyond it the response is aborted, and the call fails as ResponseTooLarge.
 */
export const BodyLimit = {
  /** Refusals, answers of a pod, versions, tokens, reviews. */
  Answer: MIB,
  /** An object, an event of a watch, a page of a list. etcd takes objects of 1.5 MiB, of which JSON makes several. */
  Objects: 32 * MIB,
} as const;

/** Of a log with that `limitBytes`, which API servers may exceed somewhat. */
export function logLimit(limitBytes: number | undefined): number {
  return limitBytes === undefined ? BodyLimit.Objects : Math.max(BodyLimit.Answer, 2 * limitBytes);
}
