export { compareObjects, unintendedDifferences, type Comparison } from './compare-objects.ts';
export { differences, type Difference } from './differences.ts';
export { intendedDifferences, type IntendedDifference } from './intended-differences.ts';
export { normaliseCreated } from './normalise-created.ts';
export { normalise, type NormalObjects } from './normalise.ts';
