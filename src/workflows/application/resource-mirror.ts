import { log, makeContinueAsNewFunc, proxyActivities, upsertMemo, workflowInfo } from '@temporalio/workflow';
import {
  ApplicationState,
  factsOfWorkflowId,
  readResource,
  RESOURCE_MEMO,
  type MirroredAttempt,
  type MirroredStatus,
  type Mirroring,
  type ResourceReference,
  type ServedStatus,
  type SparkActivities,
  type SubmissionIdentity,
} from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Intent } from './intent.ts';
import type { Ledger, MirrorCounts } from './ledger.ts';
import type { Position } from './position.ts';

const MESSAGE_LIMIT = 4_000;

const { mirrorSparkApplication } = proxyActivities<Pick<SparkActivities, 'mirrorSparkApplication'>>({
  startToCloseTimeout: '30 seconds',
  // No application waits longer for its resource; the operator writes later what is not written by then.
  scheduleToCloseTimeout: '1 minute',
});

const NONE: MirrorCounts = { submissions: 0, executions: 0 };

/** What is handed out to be written to the status of a resource: nothing where the workflow serves none. */
export class ResourceMirror {
  private resource: ResourceReference | undefined;
  private handedOut: { readonly counts: MirrorCounts; readonly last?: MirroredStatus['after'] };
  private readonly position: Pick<Position, 'state'>;
  private readonly intent: Pick<Intent, 'stopReason'>;

  /** @param counts of the run that this one continues */
  constructor(position: Pick<Position, 'state'>, intent: Pick<Intent, 'stopReason'>, counts: MirrorCounts = NONE) {
    this.position = position;
    this.intent = intent;
    this.handedOut = { counts };
    this.resource = readResource(workflowInfo().memo);
  }

  /** The owner of the drivers. */
  get owner(): SubmissionIdentity['owner'] {
    const { application = '' } = factsOfWorkflowId(workflowInfo().workflowId);
    return this.resource === undefined ? undefined : { name: application, uid: this.resource.uid };
  }

  /** For the run that continues this one. */
  get carriedOver(): { readonly mirror?: MirrorCounts } {
    return this.resource === undefined ? {} : { mirror: this.handedOut.counts };
  }

  /** For the operator, which writes what could not be written. */
  served(attempt: AttemptRecord | undefined): ServedStatus | undefined {
    if (this.resource === undefined) return undefined;
    return { ...this.handedOut.counts, ...present({ begunAt: attempt && begunAt(attempt) }) };
  }

  attemptBegins(): void {
    const { counts } = this.handedOut;
    this.handedOut = { ...this.handedOut, counts: { ...counts, submissions: counts.submissions + 1 } };
  }

  /** An attempt that began before the counts were reset is in neither. */
  attemptIsSubmitted(): void {
    const { submissions, executions } = this.handedOut.counts;
    const counts = { submissions, executions: Math.min(executions + 1, submissions) };
    this.handedOut = { ...this.handedOut, counts };
  }

  resetCounts(): void {
    this.handedOut = { ...this.handedOut, counts: NONE };
  }

  /** Whether the workflow has taken a later edit of the resource than this. */
  isOutdated(given: unknown): boolean {
    const resource = readResource({ [RESOURCE_MEMO]: given });
    return resource !== undefined && resource.generation < (this.resource?.generation ?? 0);
  }

  /** An edit of the resource is in place. */
  take(given: unknown): void {
    const resource = readResource({ [RESOURCE_MEMO]: given });
    if (resource === undefined || resource.uid !== this.resource?.uid) return;
    if (resource.generation <= this.resource.generation) return;
    this.resource = resource;
    upsertMemo({ [RESOURCE_MEMO]: resource });
  }

  /** For the input of an activity that follows the record of this state; nothing where it was handed out before. */
  of(attempt: AttemptRecord, state: ApplicationState = this.position.state): Mirroring {
    return present({ mirror: this.next(attempt, state) });
  }

  /** Has the state written where no activity follows its record. */
  async write(attempt: AttemptRecord | undefined, state: ApplicationState = this.position.state): Promise<void> {
    const mirror = this.next(attempt, state);
    if (mirror === undefined) return;
    try {
      await mirrorSparkApplication.executeWithOptions({ summary: `write ${state} to the resource` }, [mirror]);
    } catch (error) {
      log.warn('Cannot write the status of the SparkApplication; the operator writes it later', { error });
    }
  }

  /** The same before the next attempt: as the operator's, the status shows a failed submission until then. */
  writeDelayed(attempt: AttemptRecord | undefined): Promise<void> {
    return this.write(attempt, attempt?.submission === undefined ? ApplicationState.SubmissionFailed : undefined);
  }

  private next(attempt: AttemptRecord | undefined, state: ApplicationState): MirroredStatus | undefined {
    const { resource } = this;
    const { counts, last } = this.handedOut;
    const { workflowId, runStartTime } = workflowInfo();
    const { namespace, application: name } = factsOfWorkflowId(workflowId);
    if (resource === undefined || namespace === undefined || name === undefined) return undefined;
    const submissionId = attempt?.identity.submissionId;
    if (last?.state === state && last.submissionId === submissionId) return undefined;
    const isStopped = state === ApplicationState.Cancelled || attempt === undefined;
    const message = isStopped ? this.intent.stopReason : undefined;
    this.handedOut = { counts, last: { state, ...present({ submissionId }) } };
    return {
      ...{ namespace, name, uid: resource.uid, state, ...counts },
      ...(attempt === undefined ? { since: runStartTime.toISOString() } : { attempt: mirroredAttempt(attempt) }),
      ...present({ message: shortened(message), after: last }),
    };
  }
}

/** Has it written that an application could not begin. */
export async function mirrorRefusal(error: unknown): Promise<void> {
  const state = ApplicationState.Failed;
  await new ResourceMirror({ state }, { stopReason: (error as Error).message }).write(undefined);
}

/** Continues as new, with what of a resource was taken: Temporal carries over only the memo that a run began with. */
export async function continueAsNewWith(manifest: SparkApplicationManifest, ledger: Ledger): Promise<never> {
  const { memo } = workflowInfo();
  const options = readResource(memo) === undefined ? {} : present({ memo });
  return makeContinueAsNewFunc(options)(manifest, ledger);
}

const begunAt = ({ identity }: AttemptRecord): string => new Date(identity.submitTime).toISOString();

function mirroredAttempt(attempt: AttemptRecord): MirroredAttempt {
  const { identity, submission, ending } = attempt;
  const { submissionId, sparkApplicationId, driverPodName } = identity;
  const { succeeded = false, exitCode, reason, message } = ending?.outcome ?? {};
  return {
    ...{ submissionId, sparkApplicationId, driverPodName },
    begunAt: begunAt(attempt),
    submitted: submission !== undefined,
    ...present({ ui: submission?.ui, sparkUi: submission?.sparkUi }),
    ...(ending === undefined
      ? {}
      : {
          ending: {
            ...{ finishedAt: ending.finishedAt, succeeded },
            ...present({ exitCode, reason, message: shortened(message) }),
          },
        }),
  };
}

/** Half a character would break the command. */
const shortened = (text: string | undefined): string | undefined => text?.slice(0, MESSAGE_LIMIT).toWellFormed();
