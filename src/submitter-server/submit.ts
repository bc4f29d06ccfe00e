import type { KubernetesClient } from '../kubernetes/index.ts';
import type { SubmitRequest, SubmitResponse } from './protocol.ts';
import { DryRuns } from '../submitters/dry-run/dry-runs.ts';
import { submitDriver } from './submit-driver.ts';
import { toSubmissionRequest, type TranslationOptions } from './to-submission-request.ts';

/**
 * Submits what the operator asks for to this cluster, once the API server has taken its pods in a dry run; the same
 * request again finds the same driver.
 */
export function submitterOf(
  kubernetes: KubernetesClient,
  translation: TranslationOptions = {},
): (request: SubmitRequest, signal: AbortSignal) => Promise<SubmitResponse> {
  const dryRuns = new DryRuns();
  const client = async () => kubernetes;
  return async (request, signal) => {
    const asked = Object.freeze(toSubmissionRequest(request, translation));
    await dryRuns.check(asked, { name: kubernetes.cluster, client, signal });
    const driver = await submitDriver(kubernetes, asked, signal);
    return {
      submission_id: request.submission_id,
      app_name: asked.submission.appName,
      message: driver.duplicate_submission ? 'The driver pod already exists.' : 'The driver pod was created.',
      ...driver,
    };
  };
}
