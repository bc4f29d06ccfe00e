import type { Client } from '@temporalio/client';
import { RequestErrorType } from '../client/explain-request.ts';
import { ApplicationRequestError } from '../client/requests.ts';
import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { operatorState } from '../mirror/index.ts';
import type { ResourceReference } from '../protocol/index.ts';
import { present } from '../validation/present.ts';
import { writeReported } from './compare-status.ts';
import { decide, requestIdOf, type Action, type Run } from './decide.ts';
import { endReason, isOrphan } from './deletion.ts';
import { DEFAULT_OPERATOR_OPTIONS, type OperatorOptions } from './operator-options.ts';
import {
  expiresInMs,
  isFinal,
  keyOf,
  manifestOf,
  namesOf,
  readSparkApplication,
  referenceTo,
  type SparkApplicationResource,
} from './resource.ts';
import { Runs } from './runs.ts';
import { readLostRun } from './lost-run.ts';
import { ReconcileLoop } from './reconcile-loop.ts';
import { Warnings } from './warnings.ts';

/** Milliseconds until a resource is reconciled again. */
const Again = {
  /** Its predecessor is being stopped, or another replica was faster. */
  Soon: 300,
  /** Another has its name. */
  Later: 10_000,
} as const;

const LOST =
  'Temporal has no record of its workflow, and its driver runs; its status shows how that ends (to run it again: delete it, and create it again)';

/** What a comparison of all resources with all workflows has found. */
const Difference = {
  /** No open run is listed: it may have ended without a status, or may never have been started. */
  NoOpenRun: 'no open run',
  /** The run is listed with another state than the status has. */
  State: 'state',
} as const;
type Difference = (typeof Difference)[keyof typeof Difference];

/** Of a resource, what its workflow has taken: up to generation 0 where that is to be found out again. */
type Taken = ResourceReference;

/**
 * Serves SparkApplications: each is the workflow `spark/<namespace>/<name>`. The status is written by the workflow's
 * activities, not here, except where those cannot.
 */
export class ApplicationOperator {
  private readonly kubernetes: KubernetesClient;
  private readonly options: OperatorOptions & typeof DEFAULT_OPERATOR_OPTIONS;
  private readonly runs: Runs;
  private readonly loop: ReconcileLoop;
  /** By key: without it each change of a status would ask Temporal. */
  private readonly taken = new Map<string, Taken>();
  /** By key: found by the last comparison, and not reconciled since. */
  private readonly differences = new Map<string, Difference>();
  private readonly warnings: Warnings;

  private constructor(client: Client, kubernetes: KubernetesClient, options: OperatorOptions) {
    this.kubernetes = kubernetes;
    this.options = { ...DEFAULT_OPERATOR_OPTIONS, ...options };
    this.warnings = new Warnings(kubernetes, Resources.sparkApplications, this.options.log);
    this.runs = new Runs(client, this.options.taskQueue);
    this.loop = new ReconcileLoop(kubernetes, Resources.sparkApplications, this.options, {
      reconcile: (key) => this.reconcile(key),
      compare: () => this.compare(),
    });
  }

  /** @throws KubernetesError, ServiceError */
  static async start(
    client: Client,
    kubernetes: KubernetesClient,
    options: OperatorOptions,
  ): Promise<ApplicationOperator> {
    const operator = new ApplicationOperator(client, kubernetes, options);
    await operator.loop.start();
    return operator;
  }

  /** Leaves all workflows as they are. */
  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Finds what was missed: resources and runs that have no counterpart, edits, and statuses that were not written. */
  private async compare(): Promise<void> {
    const open = new Set<string>();
    for await (const { namespace, name, resource, state } of this.runs.open()) {
      if (!this.loop.views.serves(namespace)) continue;
      const key = keyOf({ namespace, name });
      const found = this.resource(namespace, name);
      open.add(key);
      if (found?.uid !== resource.uid || found.generation !== resource.generation) {
        this.loop.add(key);
        continue;
      }
      this.taken.set(key, resource);
      if (state !== undefined && operatorState(state) !== (found.state ?? '')) this.queueFor(key, Difference.State);
    }
    for (const key of this.loop.views.keys()) {
      if (!open.has(key) && !this.isDone(key)) this.queueFor(key, Difference.NoOpenRun);
    }
  }

  private resource(namespace: string, name: string): SparkApplicationResource | undefined {
    const object = this.loop.views.get(namespace, name);
    return object && readSparkApplication(object);
  }

  private queueFor(key: string, difference: Difference): void {
    this.differences.set(key, difference);
    this.loop.add(key);
  }

  /** Its run has ended with its latest edit, and its status shows that. */
  private isDone(key: string): boolean {
    const { namespace, name } = namesOf(key);
    const resource = this.resource(namespace, name);
    const taken = this.taken.get(key);
    return (
      resource !== undefined &&
      isFinal(resource.state) &&
      taken?.uid === resource.uid &&
      taken.generation === resource.generation
    );
  }

  /** Of an open run. Temporal's list is some moments behind, so this is often nothing. */
  private async compareStatus(resource: SparkApplicationResource): Promise<void> {
    const { namespace, name } = resource;
    try {
      const { reported, startedAt } = await this.runs.reported(namespace, name);
      await writeReported(this.kubernetes, resource, reported, startedAt);
    } catch (error) {
      this.options.log('WARN', 'Cannot compare the status of a SparkApplication', { key: keyOf(resource), error });
    }
  }

  private async reconcile(key: string): Promise<number | undefined> {
    const { namespace, name } = namesOf(key);
    const resource = this.resource(namespace, name);
    const difference = this.differences.get(key);
    this.differences.delete(key);
    if (resource?.deletion !== undefined) return this.end(resource);
    if (resource === undefined) return this.end({ namespace, name });
    if (difference === Difference.NoOpenRun) this.forget(key);
    const taken = this.taken.get(key);
    if (taken?.uid === resource.uid && taken.generation >= resource.generation) {
      if (difference === Difference.State) await this.compareStatus(resource);
      return this.expire(resource);
    }
    return this.serve(key, resource, (taken ?? resource.state ?? difference) === undefined);
  }

  private forget(key: string): void {
    const taken = this.taken.get(key);
    if (taken !== undefined) this.taken.set(key, { ...taken, generation: 0 });
  }

  /** @param isNew nothing is known of a run of it: it is started without asking for one */
  private async serve(key: string, resource: SparkApplicationResource, isNew: boolean): Promise<number | undefined> {
    const { namespace, name, uid } = resource;
    const reference = referenceTo(resource);
    if (isNew && (await this.start(resource, requestIdOf(uid))) && reference.generation === 1) {
      this.taken.set(key, reference);
      return undefined;
    }
    const run = await this.runs.latest(namespace, name);
    const seen = this.taken.get(key);
    const isEdited = seen?.uid === uid && seen.digest !== reference.digest;
    const { state, submissionId, submittedAt } = resource;
    const action = decide({ resource: reference, isEdited, ...present({ state, submissionId, submittedAt, run }) });
    const again = await this.act(action, resource, run);
    if (again !== Again.Later) this.warnings.over(key);
    if (again !== undefined) return again;
    this.taken.set(key, reference);
    return action.do === 'nothing' ? this.expire(resource) : undefined;
  }

  /** @returns milliseconds until the resource must be reconciled again */
  private async act(action: Action, resource: SparkApplicationResource, run?: Run): Promise<number | undefined> {
    const { namespace, name } = resource;
    switch (action.do) {
      case 'nothing':
        return undefined;
      case 'start':
        return (await this.start(resource, action.requestId)) ? undefined : Again.Soon;
      case 'update':
        return this.update(action.runId, resource);
      case 'end-previous':
        await this.runs.end(namespace, name, action.runId, endReason);
        return Again.Soon;
      case 'compare-status': {
        const left = run && (await this.runs.left(namespace, name, run));
        if (left !== undefined) await writeReported(this.kubernetes, resource, left.reported, left.startedAt);
        return undefined;
      }
      case 'end-lost': {
        const lost = await readLostRun(this.kubernetes, resource);
        if (lost === undefined) {
          await this.warnings.record(resource, { reason: 'WorkflowLost', message: LOST });
          return Again.Later;
        }
        await writeReported(this.kubernetes, resource, lost, new Date());
        return undefined;
      }
      case 'wait':
        await this.warnings.record(resource, action);
        return Again.Later;
      default:
        return action satisfies never;
    }
  }

  private start(resource: SparkApplicationResource, requestId: string): Promise<boolean> {
    return this.runs.start({ manifest: manifestOf(resource), resource: referenceTo(resource), requestId });
  }

  private async update(runId: string, resource: SparkApplicationResource): Promise<number | undefined> {
    try {
      await this.runs.update(runId, manifestOf(resource), referenceTo(resource));
      return undefined;
    } catch (error) {
      if (!(error instanceof ApplicationRequestError)) throw error;
      const { type, message } = error;
      if (type === RequestErrorType.Ended || type === RequestErrorType.NotFound) return Again.Soon;
      if (type !== RequestErrorType.InvalidManifest) throw error;
      await this.warnings.record(resource, {
        reason: 'SparkApplicationSpecUpdateFailed',
        message: `${message}; the previous spec runs on`,
      });
      return undefined;
    }
  }

  /** Deletes a resource whose time to live has passed. @returns milliseconds until that may be */
  private async expire(resource: SparkApplicationResource): Promise<number | undefined> {
    const dueInMs = expiresInMs(resource, Date.now());
    if (dueInMs === undefined || dueInMs > 0) return dueInMs;
    const { namespace, name, uid } = resource;
    await this.kubernetes.delete(Resources.sparkApplications, namespace, name, {
      uid,
      propagationPolicy: 'Background',
    });
    return undefined;
  }

  /** Ends the run of a resource that is deleted, or is being deleted. */
  private async end({
    namespace,
    name,
    deletion,
  }: Pick<SparkApplicationResource, 'namespace' | 'name' | 'deletion'>): Promise<undefined> {
    const key = keyOf({ namespace, name });
    this.taken.delete(key);
    this.warnings.over(key);
    if (deletion === 'orphan' || !this.loop.views.serves(namespace)) return undefined;
    const run = await this.runs.latest(namespace, name);
    if (run?.isOpen !== true || run.resource === undefined) return undefined;
    const found = await this.kubernetes.get(Resources.sparkApplications, namespace, name);
    const current = found && readSparkApplication(found);
    // It no longer matches the selector, or has come back.
    if (current?.uid === run.resource.uid && current.deletion !== 'with-driver') return undefined;
    if (current === undefined && (await isOrphan(this.kubernetes, namespace, name, run.resource.uid))) return undefined;
    await this.runs.end(namespace, name, run.runId, endReason);
    return undefined;
  }
}
