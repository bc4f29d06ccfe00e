import { buildDriver, type BuiltDriver, type DriverObjects } from '../spark/index.ts';
import type { CheckedPod } from '../spark/pods/check-objects.ts';
import { deepFreeze } from '../validation/deep-freeze.ts';
import type { SubmissionRequest } from './contract.ts';

const built = new WeakMap<SubmissionRequest, BuiltDriver>();

/**
 * The objects of a request, deeply frozen: built once for the check of capabilities, the dry run, the submitter, and a
 * shadow. They cannot go stale, because a request of the core is frozen, too; for another one they are built each time.
 *
 * @throws SubmissionRefused, TranslationFailed
 */
export function driverObjects(request: SubmissionRequest): DriverObjects {
  return driverOf(request).objects;
}

/**
 * The pods of a request, in the same way: the driver and the first executor.
 *
 * @throws SubmissionRefused, TranslationFailed
 */
export function podsOf(request: SubmissionRequest): readonly CheckedPod[] {
  return driverOf(request).pods;
}

function driverOf(request: SubmissionRequest): BuiltDriver {
  const before = built.get(request);
  if (before !== undefined) return before;
  const driver = buildDriver(request.submission, request.identity);
  deepFreeze(driver.objects);
  if (Object.isFrozen(request)) built.set(request, driver);
  return driver;
}
