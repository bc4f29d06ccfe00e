import { ApplicationFailure } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { updateSizeFault } from '../../manifest/size.ts';
import { readRunSettings, type RunSettings } from '../../manifest/run-settings.ts';
import {
  ApplicationRequest,
  REQUEST_REFUSED,
  UpdateEffect,
  type ApplicationState,
  type CheckedUpdate,
  type KillRequest,
  type SparkApplicationStatus,
} from '../../protocol/index.ts';
import { invalidManifest } from '../read-input.ts';
import { possibleRequests, Wish } from './phase.ts';
import { present } from '../../validation/present.ts';
import { asRecord } from '../../validation/unknown-data.ts';

/** It is kept in history and shown in messages. */
const REASON_LIMIT = 1000;

/** Characters of a name that is not this application's. */
const NAME_SHOWN = 100;

/** Seconds; so that no driver is being stopped for years. */
const GRACE_LIMIT = 86_400;

/** A change that a submission or a wait under way must take into account. */
const DEADLINES = [
  'submissionDeadlineMs',
  'pendingDeadlineMs',
  'runningDeadlineMs',
  'startProblemDeadlineMs',
  'lostNodeDeadlineMs',
] as const satisfies readonly (keyof RunSettings)[];

/** What a new manifest affects. */
export const Disturbs = { Attempt: 'attempt', Deadlines: 'deadlines', Nothing: 'nothing' } as const;
export type Disturbs = (typeof Disturbs)[keyof typeof Disturbs];

/** The requested state of an application: its manifest, and whether it is to run. */
export class Intent {
  private wanted: { readonly manifest: SparkApplicationManifest; readonly settings: RunSettings };
  private killed: KillRequest | undefined;
  /** Another attempt was requested, whatever the restart policy is. */
  private rerun = false;
  /** How often it was asked to suspend or to resume. */
  private suspendRequests = 0;
  /** The new manifests that are being checked, one after the other. */
  private updates: Promise<unknown> = Promise.resolve();
  /** Temporal has cancelled the workflow. */
  private readonly isCancelled: () => boolean;

  /** @throws ApplicationFailure `InvalidManifest` where its annotations are wrong */
  constructor(manifest: SparkApplicationManifest, isCancelled: () => boolean) {
    this.wanted = { manifest, settings: settingsOf(manifest) };
    this.isCancelled = isCancelled;
  }

  get manifest(): SparkApplicationManifest {
    return this.wanted.manifest;
  }

  get settings(): RunSettings {
    return this.wanted.settings;
  }

  get name(): string {
    return this.manifest.metadata.name!;
  }

  get namespace(): string {
    return this.manifest.metadata.namespace ?? 'default';
  }

  get kill(): KillRequest | undefined {
    return this.killed;
  }

  get isSuspended(): boolean {
    return this.manifest.spec.suspend === true;
  }

  get isRerun(): boolean {
    return this.rerun;
  }

  /** From a kill, or a cancel, to the end. */
  get stopping(): SparkApplicationStatus['stopping'] {
    if (this.killed !== undefined) return 'killed';
    return this.isCancelled() ? 'cancelled' : undefined;
  }

  /** Why it was stopped, where it was. */
  get stopReason(): string | undefined {
    return this.stopping && [`was ${this.stopping}`, this.killed?.reason].filter(Boolean).join(': ');
  }

  get wish(): Wish {
    if (this.stopping !== undefined) return Wish.Stopped;
    return this.isSuspended ? Wish.Suspended : Wish.Run;
  }

  /** An attempt begins: it is the requested one. */
  attemptBegins(): void {
    this.rerun = false;
  }

  /**
   * The validator of every request.
   *
   * @throws ApplicationFailure `RequestRefused`, with the state and the requests that are possible in it
   */
  admit(request: ApplicationRequest, state: ApplicationState): void {
    const possible = this.stopping === undefined ? possibleRequests[state] : [];
    if (possible.includes(request)) return;
    const what = `${VERBS[request]} ${this.namespace}/${this.name}`;
    const because = this.stopping === undefined ? 'has finished' : `is being ${this.stopping}`;
    throw refusal(
      possible.length === 0
        ? `cannot ${what}: the application is ${state}; it ${because} and accepts no more requests`
        : `cannot ${what} while it is ${state}; allowed: ${possible.join(', ')}`,
    );
  }

  /**
   * One that is being stopped takes another kill only if that leaves its driver less time.
   *
   * @throws ApplicationFailure `RequestRefused`, also for a grace period or a reason that is not valid
   */
  admitKill(request: unknown, state: ApplicationState): void {
    const { reason = '', gracePeriodSeconds } = asRecord(request);
    const hastens = this.stopping !== undefined && gracePeriodSeconds !== undefined;
    if (!hastens || !possibleRequests[state].includes(ApplicationRequest.Kill)) {
      this.admit(ApplicationRequest.Kill, state);
    }
    const seconds = gracePeriodSeconds === undefined ? 0 : Number(gracePeriodSeconds);
    const isNumber = gracePeriodSeconds === undefined || typeof gracePeriodSeconds === 'number';
    if (!isNumber || !Number.isSafeInteger(seconds) || seconds < 0 || seconds > GRACE_LIMIT) {
      throw refusal(`gracePeriodSeconds must be a whole number from 0 to ${GRACE_LIMIT} (one day)`);
    }
    const { gracePeriodSeconds: before = Infinity } = this.killed ?? {};
    if (hastens && seconds >= before) {
      throw refusal(
        `cannot kill ${this.namespace}/${this.name} again: it is being killed with a grace period of ${before} s; ` +
          'allowed: a kill with a shorter one',
      );
    }
    if (typeof reason !== 'string' || reason.length > REASON_LIMIT) {
      throw refusal(`reason must be text of at most ${REASON_LIMIT} characters`);
    }
  }

  /** @throws ApplicationFailure `RequestRefused` for a manifest of another application */
  admitManifest(manifest: unknown, state: ApplicationState): void {
    this.admit(ApplicationRequest.UpdateManifest, state);
    const { name, namespace = 'default' } = (manifest as Partial<SparkApplicationManifest> | undefined)?.metadata ?? {};
    if (name !== this.name || namespace !== this.namespace) {
      throw refusal(
        `the manifest is of ${shown(namespace)}/${shown(name)}, the application is ${this.namespace}/${this.name}; ` +
          'start the other as an application of its own',
      );
    }
  }

  /** Why a manifest is too large to replace the present one; undefined where it is not. */
  sizeFault(manifest: unknown): ApplicationFailure | undefined {
    const fault = updateSizeFault(this.manifest, manifest);
    if (fault === undefined) return undefined;
    return refusal(
      `cannot update the manifest of ${this.namespace}/${this.name}: ${fault}; ` +
        'keep large data in a ConfigMap, or kill the application and start it with the new manifest',
    );
  }

  suspend(suspend: boolean): void {
    this.suspendRequests += 1;
    this.wanted = { ...this.wanted, manifest: withSuspend(this.manifest, suspend) };
  }

  restart(): void {
    this.rerun = true;
  }

  /** Admitted by {@link admitKill}; other fields are dropped. The first reason stays. */
  killWith({ reason, gracePeriodSeconds }: KillRequest): void {
    // One that Temporal has cancelled ends as cancelled.
    if (this.stopping === 'cancelled') return;
    this.killed = present({ reason: this.killed?.reason ?? reason?.toWellFormed(), gracePeriodSeconds });
  }

  /**
   * Takes new manifests in the order they came in, each compared with the one before it.
   *
   * @param check resolves to the manifest as checked
   * @param apply is called once the manifest is in place
   */
  replace<T>(check: () => Promise<CheckedUpdate>, apply: (effect: UpdateEffect, disturbs: Disturbs) => T): Promise<T> {
    const requestsBefore = this.suspendRequests;
    const update = this.updates.then(async () => {
      const { manifest, effect } = await check();
      // A suspend or a resume that came after the manifest was sent wins.
      const isOutdated = this.suspendRequests !== requestsBefore;
      const before = this.settings;
      const settings = settingsOf(manifest);
      this.wanted = { manifest: isOutdated ? withSuspend(manifest, this.isSuspended) : manifest, settings };
      if (effect === UpdateEffect.Rerun) {
        this.rerun = true;
        return apply(effect, Disturbs.Attempt);
      }
      const isLater = DEADLINES.some((deadline) => before[deadline] !== settings[deadline]);
      return apply(effect, isLater ? Disturbs.Deadlines : Disturbs.Nothing);
    });
    this.updates = update.catch(() => undefined);
    return update;
  }
}

const VERBS = {
  [ApplicationRequest.Suspend]: 'suspend',
  [ApplicationRequest.Resume]: 'resume',
  [ApplicationRequest.Restart]: 'restart',
  [ApplicationRequest.Kill]: 'kill',
  [ApplicationRequest.UpdateManifest]: 'update the manifest of',
} as const satisfies Record<ApplicationRequest, string>;

function settingsOf({ metadata }: SparkApplicationManifest): RunSettings {
  const { settings, faults } = readRunSettings(metadata.annotations);
  if (faults.length === 0) return settings;
  throw invalidManifest(
    faults
      .map(({ annotation, message, allowed }) => `metadata.annotations["${annotation}"] ${message}: ${allowed}`)
      .join('\n'),
  );
}

function withSuspend(manifest: SparkApplicationManifest, suspend: boolean): SparkApplicationManifest {
  const { suspend: _before, ...spec } = manifest.spec;
  return { ...manifest, spec: suspend ? { ...spec, suspend } : spec };
}

/** A name that any client may have sent. */
const shown = (name: unknown): string =>
  (typeof name === 'string' ? name : (JSON.stringify(name) ?? 'nothing')).slice(0, NAME_SHOWN);

export function refusal(message: string): ApplicationFailure {
  // Half a character of someone's text would block the workflow for ever.
  return ApplicationFailure.nonRetryable(message.toWellFormed(), REQUEST_REFUSED);
}
