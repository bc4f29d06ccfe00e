import { setTimeout as sleep } from 'node:timers/promises';
import {
  isKubernetesError,
  KubernetesErrorType,
  Resources,
  type KubernetesClient,
  type WatchLease,
} from '../../kubernetes/index.ts';
import type { ContainerStatus, Job, Pod } from '../../kubernetes/objects.ts';
import { SubmitterCapability } from '../contract.ts';
import type {
  CreatedDriver,
  LostSubmission,
  SparkApplicationSubmitter,
  SubmissionRequest,
  SubmitterContext,
} from '../contract.ts';
import { IsolatedSubmitter, type IsolatedOptions } from '../isolated/isolated-submitter.ts';
import { refuseWhatSparkNeedNotSee, withoutFeatureSteps } from '../spark-submit/ask-spark.ts';
import { SubmitterError, SubmitterErrorType } from '../submitter-error.ts';
import { readOutcome, type SubmissionFailure, type SubmissionOutcome } from './outcome.ts';
import { CLIENT_CONTAINER, CREATOR_CONTAINER, requestOf, SUBMISSION_JOB, submissionJob } from './submission-job.ts';

export interface SparkSubmitJobOptions extends IsolatedOptions {
  /** Image of temporal-spark, usually that of the workers: it runs next to the container of Spark's client. */
  readonly image: string;
  /** Time limit of a submission in milliseconds, including image pulls. @default 240000 */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 240_000;
/** Kubernetes ends a Job whose worker cannot; while the worker lives, the pod shows why it took so long. */
const OUTLIVES_SECONDS = 30;
/** How long to wait for a change before the Job itself is read. */
const LOOK_EVERY_MS = 5_000;
/** What may be spent on removing a Job after time was up. */
const REMOVE_WITHIN_MS = 3_000;

/**
 * Submits as spark-submit does, but in a Job in the application's namespace, with the application's image and the rights
 * of its service account: the worker neither runs Spark nor creates what that makes. In the Job's pod Spark's client
 * calls our endpoint in the other container, which creates the driver as the native submitter does, so that the next
 * try completes whatever a Job leaves that dies at any moment.
 */
export class SparkSubmitJobSubmitter implements SparkApplicationSubmitter {
  readonly name = 'spark-submit-job';
  readonly capabilities = [SubmitterCapability.SparkClient];
  private readonly isolated: IsolatedSubmitter;
  private readonly options: SparkSubmitJobOptions;

  constructor(options: SparkSubmitJobOptions) {
    this.options = options;
    this.isolated = new IsolatedSubmitter(options);
  }

  /** The companions of the driver, too, are made with the rights of the application. */
  rightsFor(request: SubmissionRequest, context: SubmitterContext): Promise<KubernetesClient> {
    const submission = withoutFeatureSteps(request.submission);
    return this.isolated.rightsFor({ ...request, submission }, context);
  }

  async submit(request: SubmissionRequest, context: SubmitterContext): Promise<CreatedDriver> {
    const { kubernetes, signal } = context;
    const { image, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    signal.throwIfAborted();
    refuseWhatSparkNeedNotSee(request);
    const tenant = await this.rightsFor(request, context);
    const timeout = AbortSignal.timeout(timeoutMs);
    const deadlineSeconds = Math.ceil(timeoutMs / 1000) + OUTLIVES_SECONDS;
    const wanted = submissionJob(request, { image, deadlineSeconds });
    const pods = kubernetes.watch(Resources.pods, request.submission.namespace, SUBMISSION_JOB);
    const run = new JobRun(tenant, pods, request, AbortSignal.any([signal, timeout]));
    try {
      return await run.outcome(wanted);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!timeout.aborted) throw error;
      const message = `The Job ${wanted.metadata!.namespace}/${wanted.metadata!.name} did not end within ${timeoutMs} ms: ${run.problem()}.`;
      throw new SubmitterError(SubmitterErrorType.SubmitterTimeout, message);
    } finally {
      await run.remove();
      pods.release();
    }
  }

  /** Deletes the Job, also one whose pod is yet to come; its Secret goes with it. */
  async withdraw(
    { namespace, submissionId, serviceAccount, job }: LostSubmission,
    context: SubmitterContext,
  ): Promise<void> {
    const { signal } = context;
    const tenant = await this.isolated.rightsOf(namespace, serviceAccount, context);
    const { metadata } = (await tenant.get(Resources.jobs, namespace, job, { signal })) ?? {};
    if (metadata?.labels?.[SUBMISSION_JOB] !== submissionId || metadata.deletionTimestamp !== undefined) return;
    const options = { uid: metadata.uid!, propagationPolicy: 'Background', signal } as const;
    await tenant.delete(Resources.jobs, namespace, job, options);
  }
}

/** A submission in a Job failed. The type, and whether a retry can help, are those of the error in the Job. */
class SubmissionJobFailed extends Error {
  override readonly name = 'SubmissionJobFailed';
  readonly type: string;
  readonly retryable: boolean;

  constructor({ type, retryable, message }: SubmissionFailure) {
    super(message);
    this.type = type;
    this.retryable = retryable;
  }
}

/** The Job of one submission, from its creation, or from where a previous try left it, to its removal. */
class JobRun {
  private readonly tenant: KubernetesClient;
  private readonly pods: WatchLease<Pod>;
  private readonly request: SubmissionRequest;
  private readonly signal: AbortSignal;
  private job: Job | undefined;

  constructor(tenant: KubernetesClient, pods: WatchLease<Pod>, request: SubmissionRequest, signal: AbortSignal) {
    this.tenant = tenant;
    this.pods = pods;
    this.request = request;
    this.signal = signal;
  }

  async outcome(wanted: Job): Promise<CreatedDriver> {
    for (;;) {
      const adopted = await this.ensure(wanted);
      const outcome = await this.end();
      // Another try of the same submission has read and removed it: the driver exists now, or another Job is needed.
      if (outcome === undefined) continue;
      if ('failed' in outcome) throw new SubmissionJobFailed(outcome.failed);
      const { created } = outcome;
      return adopted ? { ...created, adopted } : created;
    }
  }

  /** Why it takes so long, as far as its pod shows. */
  problem(): string {
    const status = this.pod()?.status;
    if (status === undefined) return 'it has no pod; see its events';
    const unscheduled = status.conditions?.find(({ type, status: is }) => type === 'PodScheduled' && is === 'False');
    const waiting = status.containerStatuses?.flatMap(({ name, state }) =>
      state?.waiting === undefined ? [] : [`${name}: ${[state.waiting.reason, state.waiting.message].join(' ')}`],
    );
    return unscheduled?.message ?? (waiting?.join('; ') || `its pod is ${status.phase}`);
  }

  /** Ends it in any state: an abandoned Job must not create anything later, nor must its Secret stay. */
  async remove(): Promise<void> {
    if (this.job === undefined) return;
    const { namespace, name, uid } = this.job.metadata!;
    const signal = AbortSignal.timeout(REMOVE_WITHIN_MS);
    const secret = requestOf(this.job, this.request).metadata!.name!;
    // What cannot be removed now is removed later: the Job by its deadline and its time to live, the Secret with it.
    await Promise.allSettled([
      this.tenant.delete(Resources.jobs, namespace, name!, { uid: uid!, propagationPolicy: 'Background', signal }),
      this.tenant.delete(Resources.secrets, namespace, secret, { signal }),
    ]);
  }

  /** Resolves to whether it already existed. */
  private async ensure(wanted: Job): Promise<boolean> {
    const { signal } = this;
    const { namespace, name } = wanted.metadata!;
    for (;;) {
      const made = await ifAbsent(this.tenant.create(Resources.jobs, wanted, { signal }));
      const job = made ?? (await this.tenant.get(Resources.jobs, namespace, name!, { signal }));
      if (job === undefined) continue; // gone in between
      if (job.metadata!.labels?.[SUBMISSION_JOB] !== this.request.identity.submissionId) {
        const message = `Job ${namespace}/${name} exists and belongs to another submission. Delete it.`;
        throw new SubmitterError(SubmitterErrorType.DriverNameConflict, message);
      }
      if (job.metadata!.deletionTimestamp === undefined) {
        this.job = job;
        await ifAbsent(this.tenant.create(Resources.secrets, requestOf(job, this.request), { signal }));
        return made === undefined;
      }
      await sleep(500, undefined, { signal });
    }
  }

  /** What it ended with; undefined where it was removed before that could be seen. */
  private async end(): Promise<SubmissionOutcome | undefined> {
    const { namespace, name, uid } = this.job!.metadata!;
    for (;;) {
      const outcome = outcomeOf(this.pod());
      if (outcome !== undefined) return outcome;
      if (await this.change()) continue;
      const job = await this.tenant.get(Resources.jobs, namespace, name!, { signal: this.signal });
      if (job?.metadata!.uid !== uid) return undefined;
      const failed = job!.status?.conditions?.find(({ type, status }) => type === 'Failed' && status === 'True');
      const seen = outcomeOf(this.pod());
      if (seen === undefined && failed !== undefined) {
        return noResult(`Job ${namespace}/${name} failed: ${failed.reason}: ${failed.message}`);
      }
    }
  }

  private pod(): Pod | undefined {
    const uid = this.job?.metadata!.uid;
    const { submissionId } = this.request.identity;
    return this.pods
      .list({ label: SUBMISSION_JOB, value: submissionId })
      .find(({ metadata }) => metadata?.ownerReferences?.some((owner) => owner.uid === uid));
  }

  /** Whether one of the pods changed before it is time to read the Job. */
  private async change(): Promise<boolean> {
    const stopped = AbortSignal.any([this.signal, AbortSignal.timeout(LOOK_EVERY_MS)]);
    let stop = () => {};
    try {
      return await new Promise<boolean>((resolve, reject) => {
        this.pods.ready.catch(reject);
        stop = this.pods.subscribe(() => resolve(true));
        stopped.addEventListener('abort', () => resolve(false), { once: true });
      });
    } finally {
      stop();
      this.signal.throwIfAborted();
    }
  }
}

/** What the pod shows of how the submission ended; undefined while it has not. */
function outcomeOf(pod: Pod | undefined): SubmissionOutcome | undefined {
  const ended = (name: string): NonNullable<ContainerStatus['state']>['terminated'] =>
    pod?.status?.containerStatuses?.find((container) => container.name === name)?.state?.terminated;
  const creator = ended(CREATOR_CONTAINER);
  if (creator !== undefined) {
    return readOutcome(creator.message) ?? noResult(`its container ended: ${describe(creator)}`);
  }
  // It reports how Spark's client ended, unless it died before.
  const client = ended(CLIENT_CONTAINER);
  return client === undefined || client.exitCode === 0
    ? undefined
    : noResult(`the container of Spark's client ended: ${describe(client)}`);
}

const describe = ({ reason, exitCode, message }: { reason?: string; exitCode: number; message?: string }): string =>
  [`exit code ${exitCode}`, reason, message].filter(Boolean).join(', ').slice(0, 1_000);

const noResult = (why: string): SubmissionOutcome => ({
  failed: {
    type: SubmitterErrorType.SubmitterFailed,
    retryable: true,
    message: `The submission Job reported no result: ${why}`,
  },
});

/** Undefined where there is one of that name. */
async function ifAbsent<T>(creation: Promise<T>): Promise<T | undefined> {
  try {
    return await creation;
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.AlreadyExists)) return undefined;
    throw error;
  }
}
