import { Context } from '@temporalio/activity';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { DRIVER_SELECTOR, DriverSweep, type SweepSettings } from './driver-sweep.ts';
import { withPatience } from './failure.ts';
import { countRemoved, recordHeld } from './metrics.ts';

export interface SweepInput extends SweepSettings {
  /** Drivers in memory at once. @default 200 */
  readonly pageSize?: number;
}

/** What one pass over all drivers found and did. */
export interface SweepReport {
  /** Drivers that were looked at. */
  readonly drivers: number;
  readonly released: number;
  /** Released drivers whose time to live was over. */
  readonly deleted: number;
  /** Drivers that have ended or are deleted, and still carry the finalizer. */
  readonly held: number;
  readonly oldestHeldSeconds: number;
  /** What could not be done, and why; at most 20. */
  readonly problems: readonly string[];
}

/** How far a pass has come: in its heartbeats, so that the next attempt goes on from there. */
interface Progress extends Omit<SweepReport, 'oldestHeldSeconds'> {
  readonly continueToken?: string;
  /** Milliseconds since the epoch. */
  readonly oldestHeldSince?: number;
}

const NOTHING: Progress = { drivers: 0, released: 0, deleted: 0, held: 0, problems: [] };

/** Goes over all drivers once, a page at a time. */
export async function sweepSparkDrivers(
  kubernetes: KubernetesClient,
  { pageSize = 200, ...settings }: SweepInput,
): Promise<SweepReport> {
  return withPatience(async () => {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const sweep = new DriverSweep(kubernetes, context.client, settings, signal);
    const list = { labelSelector: DRIVER_SELECTOR, limit: pageSize, signal };
    let progress = (context.info.heartbeatDetails as Progress | undefined) ?? NOTHING;
    for (;;) {
      const { items, continueToken } = await kubernetes
        .page(Resources.pods, settings.namespace, progress.continueToken, list)
        .catch((error: unknown) => {
          if (!isKubernetesError(error, KubernetesErrorType.Expired)) throw error;
          // The place in the list is lost. What was done is done, and is not found again.
          progress = { ...NOTHING, released: progress.released, deleted: progress.deleted };
          return kubernetes.page(Resources.pods, settings.namespace, undefined, list);
        });
      const swept = await sweep.page(items);
      const done = swept.actions.filter(({ problem }) => problem === undefined);
      const released = done.filter(({ action }) => action === 'release').length;
      countRemoved('housekeeping', released);
      const failed = swept.actions.filter(({ problem }) => problem !== undefined);
      for (const problem of failed) context.log.warn('A driver could not be cleared up', { ...problem });
      const oldest = Math.min(progress.oldestHeldSince ?? Infinity, ...swept.heldSince);
      progress = {
        drivers: progress.drivers + swept.drivers,
        released: progress.released + released,
        deleted: progress.deleted + done.length - released,
        held: progress.held + swept.heldSince.length,
        problems: [...progress.problems, ...failed.map(({ problem }) => problem!)].slice(0, 20),
        ...(continueToken === undefined ? {} : { continueToken }),
        ...(oldest === Infinity ? {} : { oldestHeldSince: oldest }),
      };
      context.heartbeat(progress);
      if (continueToken === undefined) return report(progress);
    }
  });
}

function report({ drivers, released, deleted, held, problems, oldestHeldSince }: Progress): SweepReport {
  const oldestHeldSeconds =
    oldestHeldSince === undefined ? 0 : Math.max(0, Math.round((Date.now() - oldestHeldSince) / 1000));
  recordHeld(held, oldestHeldSeconds);
  return { drivers, released, deleted, held, oldestHeldSeconds, problems };
}
