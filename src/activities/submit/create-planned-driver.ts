import type { KubernetesClient } from '../../kubernetes/index.ts';
import { buildCompanionObjects, ingressUrl, translating } from '../../spark/index.ts';
import type { SubmittedDriver } from '../../protocol/index.ts';
import { isBuiltIn } from '../../submitters/built-in.ts';
import { ensureOwned } from '../../submitters/index.ts';
import { uiExposure } from '../../spark/companions/ui-exposure.ts';
import { present } from '../../validation/present.ts';
import { countAdded } from '../metrics.ts';
import { withCanaryTrial } from './canary-trial.ts';
import type { PlannedAttempt, SubmissionContext } from './plan-attempt.ts';
import { askSubmitter, type AskedDriver } from './run-submitter.ts';
import { shadowed } from './shadow.ts';

/**
 * Asks the API server by a dry run whether it would take the pods of a planned attempt, has the submitter create the
 * driver, or adopt the one of a previous try, verifies it, and creates what belongs to it. Safe to repeat after a crash
 * at any point.
 *
 * @throws SubmitterError, KubernetesError; PodsRefused before anything is created
 */
export async function createPlannedDriver(
  { submitters, dryRuns, companions, timings }: SubmissionContext,
  { application, cluster = '', kubernetes, choice, request, placement }: PlannedAttempt,
  signal: AbortSignal,
): Promise<SubmittedDriver> {
  const { submission, identity } = request;
  const { submitter, trial } = choice;
  // All other objects are known before the driver is created.
  const objects = buildCompanionObjects(application, submission, identity, companions);
  const sparkUi =
    companions.uiIngressUrl && translating(() => ingressUrl(companions.uiIngressUrl!, application, identity));
  const rights = async (within: AbortSignal): Promise<KubernetesClient> =>
    (await submitter.rightsFor?.(request, { kubernetes, signal: within })) ?? kubernetes;
  const asked = [cluster, kubernetes.cluster, submitter.name].join(' ');
  const observer = submitters.shadowOf(application, submitter);
  using shadow = observer && shadowed(observer, kubernetes, request);
  const submit = async (within: AbortSignal): Promise<AskedDriver> => {
    // Another submitter may make other pods than ours.
    if (isBuiltIn(submitter)) {
      await dryRuns.check(request, { name: asked, client: () => rights(within), signal: within });
    }
    return askSubmitter(shadow?.kubernetes ?? kubernetes, submitter, request, within, timings);
  };
  const { created, pod } =
    trial === undefined
      ? await submit(signal)
      : await withCanaryTrial({ submitter, trial }, request, kubernetes, signal, submit);
  if (!created.adopted) countAdded();
  if (objects.length > 0) {
    const client = await rights(signal);
    await Promise.all(objects.map((object) => ensureOwned(client, pod, object, signal)));
  }
  const { driverPodName, driverPodUid, sparkApplicationId } = created;
  const compared = await shadow?.report();
  const ui = identity.owner && uiExposure(application, objects);
  return {
    ...{ driverPodName, driverPodUid, sparkApplicationId },
    ...{ submitter: submitter.name, placement },
    ...present({ sparkUi, ui, shadow: compared }),
  };
}
