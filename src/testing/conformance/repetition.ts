import type { Claim } from './claim.ts';
import { uidOf, type Trial } from './trial.ts';
import { expect, expectEqual } from './violation.ts';

/** What happens when one request is submitted several times. */
export const REPETITION: readonly Claim[] = [
  {
    name: 'is idempotent: the same request again finds the same driver',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request();
      const first = await trial.succeeds(request);
      const before = await trial.objectsOf(request);
      const again = await trial.succeeds(request);
      expectEqual('driverPodUid of the repetition', again.driverPodUid, first.driverPodUid);
      expectEqual('adopted', again.adopted, true);
      expectEqual('the existing objects', (await trial.objectsOf(request)).map(uidOf), before.map(uidOf));
      expectEqual('UID of the driver', (await trial.driver(request)).metadata!.uid, first.driverPodUid);
    },
  },
  {
    name: 'makes one driver of concurrent requests',
    check: async (trial: Trial): Promise<void> => {
      const request = trial.request();
      const results = await Promise.allSettled([1, 2, 3, 4].map(() => trial.submit(request)));
      const created = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(created.length > 0, `none of four concurrent submissions returned: ${reasons(results)}`);
      const drivers = (await trial.objectsOf(request)).filter(({ kind }) => kind === 'Pod');
      expectEqual('drivers', drivers.length, 1);
      const uids = new Set(created.map(({ driverPodUid }) => driverPodUid));
      expectEqual('UIDs returned', [...uids], [drivers[0]!.metadata!.uid]);
      // The submissions that failed may be retried.
      await trial.succeeds(request);
    },
  },
];

function reasons(results: readonly PromiseSettledResult<unknown>[]): string {
  return results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'returned')).join('; ');
}
