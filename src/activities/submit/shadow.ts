import { Context } from '@temporalio/activity';
import { compareObjects, normaliseCreated } from '../../submitters/compare/index.ts';
import type { KubernetesClient } from '../../kubernetes/index.ts';
import type { ShadowSummary } from '../../protocol/index.ts';
import { recordingCreates, type RenderedDriver, type Shadow, type SubmissionRequest } from '../../submitters/index.ts';
import { countShadow } from '../metrics.ts';

const PATHS_SHOWN = 5;
const MESSAGE_LIMIT = 300;
/** Shadows of one worker that work at once: more would take the machine from those who submit. */
const AT_ONCE = 4;

let working = 0;

/** A submission that is watched by a shadow. */
export interface ShadowedSubmission {
  /** What the submitter is to use instead of the worker's own. */
  readonly kubernetes: KubernetesClient;
  /** The shadow's result; undefined where it was not asked. Never rejects. */
  report(): Promise<ShadowSummary | undefined>;
  /** The submission came to nothing: the shadow is not waited for. */
  [Symbol.dispose](): void;
}

/**
 * Asks the shadow, at the same time as the submitter works. Nothing of it can fail a submission; it delays one by no
 * more than its time.
 */
export function shadowed(shadow: Shadow, kubernetes: KubernetesClient, request: SubmissionRequest): ShadowedSubmission {
  const abort = new AbortController();
  const recorded = recordingCreates(kubernetes);
  const rendered = rendering(shadow, request, abort);
  return {
    kubernetes: recorded.client,
    [Symbol.dispose]: () => abort.abort(),
    async report() {
      const answer = await rendered;
      const report = answer === undefined ? undefined : reportOf(shadow, answer, recorded.objects, request);
      countShadow(shadow.submitter.name, report?.result ?? 'skipped', report?.differences ?? 0);
      if (report !== undefined && report.result !== 'same') {
        Context.current().log.warn(`The shadow ${report.submitter}: ${report.message ?? report.paths?.join(', ')}`);
      }
      return report;
    },
  };
}

type Answer = { readonly made: RenderedDriver } | { readonly error: unknown };

/** Undefined where it is not asked: others are at work. */
async function rendering(
  { submitter, timeoutMs }: Shadow,
  request: SubmissionRequest,
  abort: AbortController,
): Promise<Answer | undefined> {
  if (working >= AT_ONCE) return undefined;
  working += 1;
  const tooLong = new Error(`The shadow timed out after ${timeoutMs / 1000} s.`);
  const timer = setTimeout(() => abort.abort(tooLong), timeoutMs);
  // One that does not listen is left alone with its work.
  const given = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error), { once: true });
  });
  try {
    const render = async () => submitter.render(request, { signal: abort.signal });
    return { made: await Promise.race([render(), given]) };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
    working -= 1;
  }
}

function reportOf(
  { submitter: { name: submitter } }: Shadow,
  answer: Answer,
  created: ReturnType<typeof recordingCreates>['objects'],
  { submission, identity }: SubmissionRequest,
): ShadowSummary {
  const failed = (message: string): ShadowSummary => ({
    submitter,
    result: 'failed',
    message: message.slice(0, MESSAGE_LIMIT),
  });
  try {
    if ('error' in answer)
      return failed(
        answer.error instanceof Error ? answer.error.message : 'The shadow threw a value that is not an error.',
      );
    const { pod, dependents } = answer.made;
    const prefix = identity.resourceNamePrefix;
    const [from, to] = [created, [pod, ...dependents]].map((objects) => normaliseCreated(objects, prefix));
    if (from === undefined || to === undefined) {
      return failed(
        from === undefined
          ? 'The created objects are unknown: the submitter does not use the client that it is given.'
          : 'The shadow rendered no pod.',
      );
    }
    const { unintended } = compareObjects(from, to, identity, submission.namespace);
    if (unintended.length === 0) return { submitter, result: 'same' };
    return {
      submitter,
      result: 'different',
      differences: unintended.length,
      paths: unintended.slice(0, PATHS_SHOWN).map(({ path }) => path.slice(0, MESSAGE_LIMIT)),
    };
  } catch (error) {
    return failed(`Cannot compare what the shadow rendered: ${(error as Error).message}`);
  }
}
