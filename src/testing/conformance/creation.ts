import type { Claim } from './claim.ts';
import { expectComplete, expectLabels } from './complete.ts';
import type { Trial } from './trial.ts';
import { expect, expectEqual } from './violation.ts';

/** What a submission creates, and what it returns. */
export const CREATION: readonly Claim[] = [
  {
    name: 'creates the requested driver, and returns what it created',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request();
      const created = await trial.succeeds(request);
      const pod = await trial.driver(request);
      expectEqual('driverPodName', created.driverPodName, request.identity.driverPodName);
      expectEqual('driverPodUid', created.driverPodUid, pod.metadata!.uid);
      expectEqual('sparkApplicationId', created.sparkApplicationId, request.identity.sparkApplicationId);
      expectEqual('adopted', created.adopted, false);
      expectLabels(request, pod);
      for (const [key, value] of Object.entries(request.identity.annotations)) {
        expectEqual(`annotation ${key} of the driver`, pod.metadata!.annotations?.[key], value);
      }
      for (const finalizer of request.identity.finalizers) {
        expect(pod.metadata!.finalizers?.includes(finalizer) === true, `the driver lacks the finalizer ${finalizer}`);
      }
      expectEqual('objects in other namespaces', await trial.elsewhere(request), []);
    },
  },
  {
    name: 'makes the driver the owner of everything else, with its labels',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request();
      await trial.succeeds(request);
      await expectComplete(trial, request);
    },
  },
  {
    name: 'does not change its request',
    check: async (trial: Trial): Promise<void> => {
      // Not frozen, so that a change is possible and can be seen.
      const request = structuredClone(trial.request());
      const before = JSON.stringify(request);
      await trial.succeeds(request);
      expectEqual('the request', JSON.stringify(request), before);
    },
  },
];
