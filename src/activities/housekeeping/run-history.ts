import { Resources, type KubernetesClient } from '../../kubernetes/index.ts';
import type { Pod } from '../../kubernetes/objects.ts';
import { Annotation, DRIVER_FINALIZER, Label } from '../../spark/metadata.ts';
import { endOf, viewDriver } from '../watch/driver-observation.ts';

/** A driver of a schedule's run that has ended and whose finalizer is removed. */
interface EndedRun {
  readonly pod: Pod;
  readonly succeeded: boolean;
  /** RFC 3339. */
  readonly end: string;
}

/** Which drivers of a schedule's runs are more than its history limits keep. Asks once for each schedule. */
export class RunHistory {
  private readonly kubernetes: KubernetesClient;
  private readonly signal: AbortSignal | undefined;
  private readonly known = new Map<string, Promise<readonly EndedRun[]>>();

  constructor(kubernetes: KubernetesClient, signal?: AbortSignal) {
    this.kubernetes = kubernetes;
    this.signal = signal;
  }

  /**
   * Why the driver of an earlier run may go; undefined where it stays, or is of no schedule.
   *
   * @throws KubernetesError
   */
  async surplus({ metadata }: Pod): Promise<string | undefined> {
    const { namespace, labels = {}, uid } = metadata!;
    const schedule = labels[Label.ScheduledAppName];
    if (schedule === undefined) return undefined;
    const key = `${namespace}/${schedule}`;
    const runs = await (this.known.get(key) ?? this.ask(key, namespace!, schedule));
    const own = runs.find(({ pod }) => pod.metadata!.uid === uid);
    if (own === undefined) return undefined;
    const alike = runs.filter(({ succeeded }) => succeeded === own.succeeded);
    // The latest run has the schedule's current limits.
    const limit = limitOf(runs[0]!.pod, own.succeeded);
    if (limit === undefined || alike.indexOf(own) < limit) return undefined;
    const kind = own.succeeded ? 'successful' : 'failed';
    return `it ended at ${own.end}, and the schedule ${schedule} keeps ${limit} ${kind} ${limit === 1 ? 'run' : 'runs'}`;
  }

  private ask(key: string, namespace: string, schedule: string): Promise<readonly EndedRun[]> {
    const asked = this.endedRuns(namespace, schedule);
    this.known.set(key, asked);
    return asked;
  }

  /** The latest first. */
  private async endedRuns(namespace: string, schedule: string): Promise<readonly EndedRun[]> {
    const labelSelector = `${Label.ScheduledAppName}=${schedule},spark-role=driver`;
    const runs: EndedRun[] = [];
    const options = { labelSelector, ...(this.signal && { signal: this.signal }) };
    for await (const page of this.kubernetes.list(Resources.pods, namespace, options)) {
      for (const pod of page) {
        const view = viewDriver(pod);
        const { finalizers = [], deletionTimestamp } = pod.metadata!;
        if (view.phase !== 'ended' || deletionTimestamp !== undefined || finalizers.includes(DRIVER_FINALIZER))
          continue;
        runs.push({ pod, succeeded: view.outcome.succeeded, end: endOf(pod, view.outcome.finishedAt) });
      }
    }
    return runs.sort((one, other) => Date.parse(other.end) - Date.parse(one.end));
  }
}

function limitOf({ metadata }: Pod, succeeded: boolean): number | undefined {
  const name = succeeded ? Annotation.SuccessfulRunHistoryLimit : Annotation.FailedRunHistoryLimit;
  const written = metadata!.annotations?.[name] ?? '';
  return /^\d+$/.test(written) ? Number(written) : undefined;
}
