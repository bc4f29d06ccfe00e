import { Context } from '@temporalio/activity';
import { isKubernetesError, KubernetesErrorType, Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { SweepInput, SweepReport } from '../../protocol/index.ts';
import { DEFAULT_TIMINGS, type Timings } from '../../timings/index.ts';
import { DRIVER_SELECTOR, DriverSweep, type SweepAction, type SweptPage } from './driver-sweep.ts';
import { withPatience } from '../failure.ts';
import { countRemoved, recordHeld } from '../metrics.ts';
import { present } from '../../validation/present.ts';

/** How far a pass has come: in its heartbeats, so that the next attempt continues from there. */
interface Progress extends Omit<SweepReport, 'oldestHeldSeconds'> {
  /** Which of the places is swept, counted from 0. */
  readonly index?: number;
  readonly continueToken?: string;
  /** Milliseconds since the epoch. */
  readonly oldestHeldSince?: number;
}

/** The clusters to sweep: one, which has no name, or several. */
export interface SweptClusters {
  readonly names: readonly (string | undefined)[];
  readonly client: (name?: string) => Promise<KubernetesClient>;
}

/** A namespace, or all of them, of one of several clusters, or of the only one. */
interface Place {
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
}

const NOTHING: Progress = { drivers: 0, released: 0, deleted: 0, stopped: 0, held: 0, problems: [] };
const PROBLEMS_LIMIT = 20;

/** Sweeps all drivers of all clusters once, a page at a time. An unreachable cluster does not block the others. */
export async function sweepSparkDrivers(
  clusters: SweptClusters,
  { pageSize = 200, namespace, namespaces: some, ...settings }: SweepInput,
  timings: Timings = DEFAULT_TIMINGS,
): Promise<SweepReport> {
  const namespaces = some ?? [namespace];
  const places = clusters.names.flatMap((cluster) => namespaces.map((each): Place => ({ cluster, namespace: each })));
  return withPatience(async () => {
    const context = Context.current();
    const signal = context.cancellationSignal;
    const list = { labelSelector: DRIVER_SELECTOR, limit: pageSize, signal };
    let progress = (context.info.heartbeatDetails as Progress | undefined) ?? NOTHING;
    for (let index = progress.index ?? 0; index < places.length; index = progress.index ?? 0) {
      const place = places[index]!;
      try {
        const kubernetes = await clusters.client(place.cluster);
        const sweep = new DriverSweep(kubernetes, context.client, { ...settings, stops: true }, signal);
        const { items, continueToken } = await kubernetes.page(
          Resources.pods,
          place.namespace,
          progress.continueToken,
          list,
        );
        progress = { ...added(progress, await sweep.page(items)), ...nextPage(index, continueToken) };
      } catch (error) {
        if (isKubernetesError(error, KubernetesErrorType.Expired)) {
          // The position in the list is lost, so the pass starts again. Finished actions are not found again.
          progress = {
            ...NOTHING,
            released: progress.released,
            deleted: progress.deleted,
            ...present({ stopped: progress.stopped }),
          };
        } else if (clusters.names.length > 1 && !signal.aborted) {
          progress = { ...unreached(progress, place, error as Error), ...nextPage(index, undefined) };
        } else {
          throw error;
        }
      }
      context.heartbeat(progress);
    }
    return report(progress);
  }, timings);
}

/** With the findings and actions of a page. */
function added(progress: Progress, { drivers, actions, heldSince }: SweptPage): Progress {
  const { log } = Context.current();
  const failed = actions.filter(({ problem }) => problem !== undefined);
  const done = actions.filter(({ problem }) => problem === undefined);
  const count = (wanted: SweepAction['action']) => done.filter(({ action }) => action === wanted).length;
  const released = count('release');
  countRemoved('housekeeping', released);
  for (const problem of failed) log.warn('Cannot clean up a driver', { ...problem });
  const oldest = Math.min(progress.oldestHeldSince ?? Infinity, ...heldSince);
  return {
    drivers: progress.drivers + drivers,
    released: progress.released + released,
    deleted: progress.deleted + count('delete'),
    stopped: (progress.stopped ?? 0) + count('stop'),
    held: progress.held + heldSince.length,
    problems: [...progress.problems, ...failed.map(({ problem }) => problem!)].slice(0, PROBLEMS_LIMIT),
    ...present({ oldestHeldSince: oldest === Infinity ? undefined : oldest }),
  };
}

function unreached(progress: Progress, { cluster, namespace }: Place, { message }: Error): Progress {
  const where = namespace === undefined ? '' : `, namespace ${namespace}`;
  const problem = `Cluster ${cluster}${where}: ${message}`;
  Context.current().log.warn('Cannot sweep the drivers of a cluster', { problem });
  const { continueToken: _, ...rest } = progress;
  return { ...rest, problems: [...progress.problems, problem].slice(0, PROBLEMS_LIMIT) };
}

/** The next place, once this one has no more pages. */
function nextPage(index: number, continueToken: string | undefined): Pick<Progress, 'index' | 'continueToken'> {
  return continueToken === undefined ? { index: index + 1 } : { index, continueToken };
}

function report({ drivers, released, deleted, stopped = 0, held, problems, oldestHeldSince }: Progress): SweepReport {
  const oldestHeldSeconds =
    oldestHeldSince === undefined ? 0 : Math.max(0, Math.round((Date.now() - oldestHeldSince) / 1000));
  recordHeld(held, oldestHeldSeconds);
  return { drivers, released, deleted, stopped, held, oldestHeldSeconds, problems };
}
