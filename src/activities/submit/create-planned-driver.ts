import { buildCompanionObjects, ingressUrl, translating } from '../../spark/index.ts';
import type { SubmittedDriver } from '../../protocol/index.ts';
import { ensureOwned } from '../../submitters/index.ts';
import { uiExposure } from '../../spark/companions/ui-exposure.ts';
import { present } from '../../validation/present.ts';
import { countAdded } from '../metrics.ts';
import { withCanaryTrial } from './canary-trial.ts';
import type { PlannedAttempt, SubmissionContext } from './plan-attempt.ts';
import { askSubmitter } from './run-submitter.ts';
import { shadowed } from './shadow.ts';

/**
 * Has the submitter create the driver of a planned attempt, or adopt the one of a previous try, verifies it, and creates
 * what belongs to it. Safe to repeat after a crash at any point.
 *
 * @throws SubmitterError, KubernetesError
 */
export async function createPlannedDriver(
  { submitters, companions, timings }: SubmissionContext,
  { application, kubernetes, choice, request, placement }: PlannedAttempt,
  signal: AbortSignal,
): Promise<SubmittedDriver> {
  const { submission, identity } = request;
  const { submitter } = choice;
  // All other objects are known before the driver is created.
  const objects = buildCompanionObjects(application, submission, identity, companions);
  const sparkUi =
    companions.uiIngressUrl && translating(() => ingressUrl(companions.uiIngressUrl!, application, identity));
  using shadow = shadowed(submitters.shadowOf(application, submitter), kubernetes, request);
  const { created, pod } = await withCanaryTrial(choice, request, kubernetes, signal, (within) =>
    askSubmitter(shadow.kubernetes, submitter, request, within, timings),
  );
  if (!created.adopted) countAdded();
  if (objects.length > 0) {
    const rights = (await submitter.rightsFor?.(request, { kubernetes, signal })) ?? kubernetes;
    await Promise.all(objects.map((object) => ensureOwned(rights, pod, object, signal)));
  }
  const { driverPodName, driverPodUid, sparkApplicationId } = created;
  const compared = await shadow.report();
  const ui = identity.owner && uiExposure(application, objects);
  return {
    ...{ driverPodName, driverPodUid, sparkApplicationId },
    ...{ submitter: submitter.name, placement },
    ...present({ sparkUi, ui, shadow: compared }),
  };
}
