import { buildDriverObjects, type DriverObjects } from '../spark/index.ts';
import { deepFreeze } from '../validation/deep-freeze.ts';
import type { SubmissionRequest } from './contract.ts';

const built = new WeakMap<SubmissionRequest, DriverObjects>();

/**
 * The objects of a request, deeply frozen: built once for the check of capabilities, the submitter, and a shadow. They
 * cannot go stale, because a request of the core is frozen, too; for another one they are built each time.
 *
 * @throws SubmissionRefused, TranslationFailed
 */
export function driverObjects(request: SubmissionRequest): DriverObjects {
  const before = built.get(request);
  if (before !== undefined) return before;
  const objects = deepFreeze(buildDriverObjects(request.submission, request.identity));
  if (Object.isFrozen(request)) built.set(request, objects);
  return objects;
}
