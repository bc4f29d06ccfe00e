import type { KubernetesClient } from '../kubernetes/index.ts';
import type { SubmitRequest, SubmitResponse } from './protocol.ts';
import { submitDriver } from './submit-driver.ts';
import { toSubmissionRequest, type TranslationOptions } from './to-submission-request.ts';

/** Submits what the operator asks for to this cluster; the same request again finds the same driver. */
export function submitterOf(
  kubernetes: KubernetesClient,
  translation: TranslationOptions = {},
): (request: SubmitRequest, signal: AbortSignal) => Promise<SubmitResponse> {
  return async (request, signal) => {
    const asked = toSubmissionRequest(request, translation);
    const driver = await submitDriver(kubernetes, asked, signal);
    return {
      submission_id: request.submission_id,
      app_name: asked.submission.appName,
      message: driver.duplicate_submission ? 'The driver pod already exists.' : 'The driver pod was created.',
      ...driver,
    };
  };
}
