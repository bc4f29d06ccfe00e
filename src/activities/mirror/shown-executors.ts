import { Context } from '@temporalio/activity';
import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  Resources,
  type EventRecorder,
  type KubernetesClient,
  type Pod,
  type WatchLease,
} from '../../kubernetes/index.ts';
import { executorEvents, executorStates, readExecutorStates, type ExecutorStates } from '../../mirror/index.ts';
import type { DriverObservation, WaitInput } from '../../protocol/index.ts';
import { Label } from '../../spark/metadata.ts';
import { canonicalJson } from '../../validation/canonical-json.ts';

/** Between two looks at the executors, and so between two writes. */
const EVERY_MS = 10_000;
/** For the write at the end. */
const DEADLINE_MS = 5_000;
/** Events about executors in one wait, at most. */
const MOST_EVENTS = 25;

interface Clusters {
  /** The cluster of the resource. */
  readonly home: () => Promise<KubernetesClient>;
  /** That of the driver. */
  readonly cluster: (name?: string) => Promise<KubernetesClient>;
  readonly events: EventRecorder;
}

/**
 * The wait for a driver, which also writes the states of its executors to the status of the resource: every few seconds
 * where they change, and at the end. Nothing of that is in the history, and a write that fails does not fail the wait.
 */
export const showsExecutors =
  ({ home, cluster, events }: Clusters, wait: (input: WaitInput) => Promise<DriverObservation>) =>
  async (input: WaitInput): Promise<DriverObservation> => {
    if (input.owner === undefined || input.until === 'running') return wait(input);
    const [resources, drivers] = await Promise.all([home(), cluster(input.cluster)]).catch(() => []);
    if (resources === undefined || drivers === undefined) return wait(input);
    const pods = drivers.watch(Resources.pods, input.namespace, Label.SubmissionId);
    const shown = new ShownExecutors(resources, pods, { ...input, owner: input.owner }, events);
    const { cancellationSignal } = Context.current();
    const isOver = new AbortController();
    const whileWaiting = AbortSignal.any([cancellationSignal, isOver.signal]);
    const timer = setInterval(() => void shown.write(whileWaiting), EVERY_MS);
    try {
      const seen = await wait(input);
      // A write that hangs must not delay the last one.
      isOver.abort();
      if (seen.state === 'ENDED') await shown.write(AbortSignal.timeout(DEADLINE_MS), seen.outcome.succeeded);
      return seen;
    } finally {
      clearInterval(timer);
      pods.release();
    }
  };

class ShownExecutors {
  private readonly kubernetes: KubernetesClient;
  private readonly pods: WatchLease<Pod>;
  private readonly driver: WaitInput & Required<Pick<WaitInput, 'owner'>>;
  private readonly events: EventRecorder;
  /** As the status has them; undefined until it was read. */
  private known: ExecutorStates | undefined;
  private eventsLeft = MOST_EVENTS;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    kubernetes: KubernetesClient,
    pods: WatchLease<Pod>,
    driver: WaitInput & Required<Pick<WaitInput, 'owner'>>,
    events: EventRecorder,
  ) {
    this.kubernetes = kubernetes;
    this.pods = pods;
    this.driver = driver;
    this.events = events;
  }

  /** One at a time. @param succeeded whether the driver did, once it has ended */
  write(signal: AbortSignal, succeeded?: boolean): Promise<void> {
    this.writing = this.writing.then(() => this.writeNow(signal, succeeded)).catch(() => undefined);
    return this.writing;
  }

  private async writeNow(signal: AbortSignal, succeeded: boolean | undefined): Promise<void> {
    const { namespace, owner, submissionId } = this.driver;
    const where = { label: Label.SubmissionId, value: submissionId };
    const executors = this.pods.list(where).filter(({ metadata }) => metadata?.labels?.['spark-role'] === 'executor');
    if (executors.length === 0 && this.known === undefined) return;
    this.known ??= await this.readKnown(signal);
    const before = this.known;
    const states = executorStates(executors, before, succeeded);
    if (canonicalJson(states) === canonicalJson(before)) return;
    const patch = [
      { op: 'test', path: '/metadata/uid', value: owner.uid },
      { op: 'test', path: '/status/submissionID', value: submissionId },
      { op: 'add', path: '/status/executorState', value: states },
    ];
    try {
      const kind = Resources.sparkApplicationStatuses;
      await this.kubernetes.patch(kind, namespace, owner.name, PatchType.Json, patch, { signal });
    } catch (error) {
      // The status of this attempt is not written yet, or that of another one is.
      if (isKubernetesError(error, KubernetesErrorType.Invalid)) return;
      throw error;
    }
    this.known = states;
    const changes = executorEvents({ ...owner, namespace }, before, states).slice(0, this.eventsLeft);
    this.eventsLeft -= changes.length;
    this.events.record(...changes);
  }

  /** A previous wait, or try of this one, may have written some. */
  private async readKnown(signal: AbortSignal): Promise<ExecutorStates> {
    const { namespace, owner, submissionId } = this.driver;
    const found = await this.kubernetes.get(Resources.sparkApplications, namespace, owner.name, { signal });
    return found?.status?.['submissionID'] === submissionId ? readExecutorStates(found.status) : {};
  }
}
