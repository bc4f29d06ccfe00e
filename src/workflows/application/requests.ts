import { CancellationScope, CancelledFailure, isCancellation, log, patched } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import {
  ApplicationRequest,
  ApplicationState,
  UpdateEffect,
  type CheckedUpdate,
  type KillRequest,
  type ManifestUpdateResult,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';
import type { Attempt } from './attempt.ts';
import type { ApplicationActivities } from './attempt-activities.ts';
import { Disturbs, refusal, type Intent } from './intent.ts';
import { Interruption } from './interruption.ts';
import { Phase } from './phase.ts';
import type { Position } from './position.ts';
import type { ResourceMirror } from './resource-mirror.ts';

export interface RequestsOptions {
  readonly intent: Intent;
  readonly position: Position;
  readonly activities: ApplicationActivities;
  /** Of an attempt, or of the delay before the next one. */
  readonly interruption: Interruption;
  /** Of the activity that was given deadlines. */
  readonly deadlines: Interruption;
  readonly attempt: () => Attempt | undefined;
  /** The status of the resource that the application serves. */
  readonly mirror: ResourceMirror;
  readonly resetCounters: () => void;
  readonly status: () => SparkApplicationStatus;
  /** Updates what Temporal's UI shows. */
  readonly show: () => void;
}

const OUTDATED = 'a later edit of the resource is in place';

/** Handles each request as it arrives. */
export class Requests {
  private readonly options: RequestsOptions;
  private readonly updateChecks = new Interruption();

  constructor(options: RequestsOptions) {
    this.options = options;
  }

  /** @throws ApplicationFailure `RequestRefused`, with the state and the requests that are possible in it */
  admit(request: ApplicationRequest): void {
    this.options.intent.admit(request, this.options.position.state);
  }

  /** @throws ApplicationFailure `RequestRefused` */
  admitKill(request?: unknown): void {
    this.options.intent.admitKill(request, this.options.position.state);
  }

  /** @throws ApplicationFailure `RequestRefused`, also for a manifest of another application or that is too large */
  admitManifest(manifest: unknown, resource?: unknown): void {
    const { intent, position, mirror } = this.options;
    if (mirror.isOutdated(resource)) throw refusal(OUTDATED);
    intent.admitManifest(manifest, position.state);
    const fault = intent.sizeFault(manifest);
    if (fault !== undefined) throw fault;
  }

  suspend(): SparkApplicationStatus {
    this.options.intent.suspend(true);
    return this.interrupt();
  }

  resume(): SparkApplicationStatus {
    this.options.intent.suspend(false);
    this.release();
    return this.options.status();
  }

  restart(): SparkApplicationStatus {
    this.options.intent.restart();
    this.options.resetCounters();
    return this.interrupt();
  }

  kill(request: KillRequest): SparkApplicationStatus {
    const { intent, position } = this.options;
    const isBeingStopped = position.phase === Phase.Stopping;
    intent.killWith(request);
    this.updateChecks.interrupt();
    const status = this.interrupt();
    if (isBeingStopped) this.hasten(request);
    return status;
  }

  /** @throws ActivityFailure with the problems of the manifest; nothing was changed */
  updateManifest(proposed: SparkApplicationManifest, resource?: unknown): Promise<ManifestUpdateResult> {
    const { intent, deadlines, mirror, resetCounters, status, show } = this.options;
    return intent.replace(
      () => this.checked(proposed, resource),
      (effect, disturbs) => {
        const { isHalted } = this;
        mirror.take(resource);
        if (effect === UpdateEffect.Rerun) resetCounters();
        if (disturbs === Disturbs.Deadlines) deadlines.interrupt();
        if (!intent.isSuspended) this.release();
        if (!isHalted && (intent.isSuspended || disturbs === Disturbs.Attempt)) this.interrupt();
        show();
        return { effect, status: status() };
      },
    );
  }

  /** Interrupts the attempt, or the delay before the next one. */
  interrupt(): SparkApplicationStatus {
    const { intent, position, interruption, attempt, status } = this.options;
    interruption.interrupt();
    // An ended attempt is recorded, whatever is requested meanwhile.
    const hasEnded = position.phase === Phase.Succeeded || position.phase === Phase.Failed;
    if (!hasEnded && attempt()?.record.needsFinalize === true) position.enter(Phase.Stopping);
    else if (!hasEnded && intent.isSuspended && intent.stopping === undefined) position.enter(Phase.Parked);
    return status();
  }

  /**
   * The stop that is under way keeps its grace period: another one, whose answer nothing waits for, shortens it. A
   * driver whose submission has not returned is stopped with the new one anyway.
   */
  private hasten({ gracePeriodSeconds }: KillRequest): void {
    const { activities, attempt } = this.options;
    const record = attempt()?.record;
    if (gracePeriodSeconds === undefined || record?.submission === undefined) return;
    // The scope of a cancelled workflow starts no activity.
    CancellationScope.nonCancellable(() => activities.stop(record, { gracePeriodSeconds })).catch((error: unknown) =>
      log.warn('Cannot shorten the grace period of the driver', { error }),
    );
  }

  private get isHalted(): boolean {
    const { state } = this.options.position;
    return state === ApplicationState.Suspended || state === ApplicationState.Suspending;
  }

  /** It is not, or no longer, to be suspended. */
  private release(): void {
    if (this.isHalted) this.options.position.refresh();
  }

  private async checked(proposed: SparkApplicationManifest, resource: unknown): Promise<CheckedUpdate> {
    // Again: another manifest may have taken effect since.
    const { intent, position, mirror } = this.options;
    if (mirror.isOutdated(resource)) throw refusal(OUTDATED);
    intent.admitManifest(proposed, position.state);
    const fault = intent.sizeFault(proposed);
    if (fault !== undefined && patched('update-size')) throw fault;
    try {
      const checked = await this.updateChecks.run(() => this.options.activities.checkUpdate(proposed));
      if (checked !== undefined) return checked;
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
    // It was killed, or cancelled, meanwhile.
    this.admit(ApplicationRequest.UpdateManifest);
    throw new CancelledFailure('The check of the manifest was cancelled.');
  }
}
