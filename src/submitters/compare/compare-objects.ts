import type { SubmissionIdentity } from '../../spark/index.ts';
import { differences, type Difference } from './differences.ts';
import { intendedDifferences, isIntended, type IntendedDifference } from './intended-differences.ts';
import type { NormalObjects } from './normalise.ts';

/** Comparison of what two submitters created for the same attempt. */
export interface Comparison {
  /** Differences without a stated reason. */
  readonly unintended: readonly Difference[];
  readonly intended: readonly (Difference & { readonly reason: string })[];
}

/**
 * Where the two differ, object by object. An intended difference is one whichever of the two is ours; in what order
 * objects are created means nothing.
 */
export function compareObjects(
  from: NormalObjects,
  to: NormalObjects,
  identity: Pick<SubmissionIdentity, 'labels' | 'annotations' | 'finalizers'>,
  namespace: string,
): Comparison {
  const known = intendedDifferences(identity, namespace);
  const found = differences(unordered(from), unordered(to)).map((difference) => {
    const swapped = { ...difference, from: difference.to, to: difference.from };
    const intended = known.find((each) => isIntended(difference, each) || isIntended(swapped, each));
    return { difference, reason: intended?.reason };
  });
  return {
    unintended: found.flatMap(({ difference, reason }) => (reason === undefined ? [difference] : [])),
    intended: found.flatMap(({ difference, reason }) => (reason === undefined ? [] : [{ ...difference, reason }])),
  };
}

const unordered = ({ pod, dependents }: NormalObjects): object => ({ pod, dependents });

/** Where Spark's and ours differ otherwise than intended; what was intended is added to `used`. */
export function unintendedDifferences(
  spark: NormalObjects,
  ours: NormalObjects,
  intended: readonly IntendedDifference[],
  used = new Set<IntendedDifference>(),
): Difference[] {
  return differences(spark, ours).filter((difference) => {
    const found = intended.filter((candidate) => isIntended(difference, candidate));
    found.forEach((candidate) => used.add(candidate));
    return found.length === 0;
  });
}
