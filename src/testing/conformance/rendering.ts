import { compareObjects, normaliseCreated } from '../../submitters/compare/index.ts';
import { recordingCreates } from '../../submitters/index.ts';
import { interceptedKubernetes } from '../intercepted-kubernetes.ts';
import type { Claim } from './claim.ts';
import type { Trial } from './trial.ts';
import { expect, expectEqual } from './violation.ts';

/** What `render` returns. */
export const RENDERING: readonly Claim[] = [
  {
    name: 'renders what it creates, and creates nothing while it renders',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request();
      const submitter = trial.options.submitter();
      if (submitter.render === undefined) return;
      let calls = 0;
      const kubernetes = interceptedKubernetes(trial.options.kubernetes, (_, proceed) => {
        calls += 1;
        return proceed();
      });
      const recording = recordingCreates(kubernetes);
      const render = async () => submitter.render!(request, { signal: AbortSignal.timeout(trial.options.patienceMs) });
      const rendered = await render();
      expectEqual('objects made by render', await trial.namesOf(request), []);
      const shown = [rendered.pod, ...rendered.dependents];
      const names = shown.map(({ kind, metadata }) => `${kind} ${metadata?.name}`).sort();
      await trial.succeeds(request, { kubernetes: recording.client, submitter });
      expectEqual('the existing objects', await trial.namesOf(request), names);
      if (!trial.options.usesClient) return;
      const { identity, submission } = request;
      const [from, to] = [shown, recording.objects].map((made) => normaliseCreated(made, identity.resourceNamePrefix));
      expect(from !== undefined && to !== undefined, 'no pod was rendered, or none was created');
      const { unintended } = compareObjects(from, to, identity, submission.namespace);
      expectEqual('what it created differs from what it rendered in', unintended, []);
      // It has submitted now, and so has a client that it could call.
      const before = calls;
      await render();
      expectEqual('calls to the API server by render', calls - before, 0);
    },
  },
];
