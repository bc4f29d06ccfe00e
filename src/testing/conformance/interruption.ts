import type { SubmissionRequest } from '../../submitters/index.ts';
import { Died, faultyKubernetes } from '../faulty-kubernetes.ts';
import { interceptedKubernetes } from '../intercepted-kubernetes.ts';
import type { Claim } from './claim.ts';
import { expectComplete } from './complete.ts';
import type { Trial } from './trial.ts';
import { expectEqual, failureOf } from './violation.ts';

/** What happens when the process dies, or the submission is aborted. */
export const INTERRUPTION: readonly Claim[] = [
  {
    name: 'completes every submission after a crash at any point',
    check: async (trial: Trial): Promise<void> => {
      const whole = trial.request();
      const counting = faultyKubernetes(trial.options.kubernetes);
      const begun = Date.now();
      await trial.succeeds(whole, { kubernetes: counting.client });
      const tookMs = Date.now() - begun;
      const complete = (await trial.namesOf(whole)).length;
      await trial.cleanUp();
      const deaths = trial.options.usesClient
        ? Array.from({ length: counting.calls }, (_, index) => index + 1).flatMap((call) =>
            (['before', 'after'] as const).map((when) => ({ call, when })),
          )
        : [0.2, 0.4, 0.6, 0.8, 1].map((part) => ({ afterMs: Math.round(part * tookMs) }));
      for (const death of deaths) {
        const request = trial.request();
        await dies(trial, request, death);
        const left = (await trial.objectsOf(request)).some(({ kind }) => kind === 'Pod');
        const { adopted } = await trial.succeeds(request);
        if (left) expectEqual(`adopted, after it died ${JSON.stringify(death)}`, adopted, true);
        const names = await trial.namesOf(request);
        expectEqual(`objects after it died ${JSON.stringify(death)} and was tried again`, names.length, complete);
        await expectComplete(trial, request);
        await trial.cleanUp();
      }
    },
  },
  {
    name: 'stops when its signal is aborted',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request();
      const signal = AbortSignal.abort(new Died());
      await failureOf(trial.submit(request, { signal }), 'an aborted submission');
      expectEqual('objects made of a submission that was aborted before it began', await trial.namesOf(request), []);
      await trial.succeeds(request);
    },
  },
  {
    name: 'returns nothing incomplete when it is aborted midway',
    check: async (trial: Trial): Promise<void> => {
      if (!trial.options.usesClient) return;
      for (const last of [1, 2]) {
        const request = trial.request();
        const stop = new AbortController();
        let calls = 0;
        const kubernetes = interceptedKubernetes(trial.options.kubernetes, async (_, proceed) => {
          calls += 1;
          const isLast = calls === last;
          const answer = await proceed();
          if (isLast) stop.abort(new Died());
          return answer;
        });
        const [result] = await Promise.allSettled([trial.submit(request, { kubernetes, signal: stop.signal })]);
        const left = await trial.namesOf(request);
        await trial.succeeds(request);
        await expectComplete(trial, request);
        if (result.status === 'rejected') continue;
        const what = `objects of a submission that returned although it was aborted after call ${last}`;
        expectEqual(what, left, await trial.namesOf(request));
      }
    },
  },
  {
    name: 'stops waiting for an API server that never answers when it is aborted',
    check: async (trial: Trial): Promise<void> => {
      if (!trial.options.usesClient) return;
      const request = trial.request();
      const stop = new AbortController();
      const kubernetes = interceptedKubernetes(trial.options.kubernetes, ({ signal }) => {
        // Aborted while it waits for the response.
        setImmediate(() => stop.abort(new Died()));
        return new Promise((_, reject) => {
          const abort = () => reject(signal!.reason as Error);
          if (signal?.aborted === true) abort();
          else signal?.addEventListener('abort', abort, { once: true });
        });
      });
      await failureOf(
        trial.submit(request, { kubernetes, signal: stop.signal }),
        'a submission to an API server that never answers',
      );
    },
  },
];

/** Submits in a process that dies. */
async function dies(
  trial: Trial,
  request: SubmissionRequest,
  death: { readonly call: number; readonly when: 'before' | 'after' } | { readonly afterMs: number },
): Promise<void> {
  if ('call' in death) {
    const { client } = faultyKubernetes(trial.options.kubernetes, death);
    // A process that dies after its last call may still return.
    await trial.submit(request, { kubernetes: client }).catch(() => undefined);
    return;
  }
  const signal = AbortSignal.timeout(death.afterMs);
  await trial.submit(request, { signal }).catch(() => undefined);
}
