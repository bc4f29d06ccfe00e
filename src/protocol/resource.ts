import type { SparkApplicationManifest } from '../manifest/index.ts';
import type { ApplicationState } from './application-state.ts';

/** Memo key of a workflow that serves a `SparkApplication` resource: `ResourceReference`. Only the operator (src/operator) sets it. */
export const RESOURCE_MEMO = 'resource';

/** The resource that a workflow serves, and what of it the workflow has taken. */
export interface ResourceReference {
  readonly uid: string;
  readonly generation: number;
  /** Of the fields whose change takes another driver. */
  readonly digest: string;
}

/** Reads the memo of a workflow; undefined where it serves no resource. */
export function readResource(memo: Readonly<Record<string, unknown>> | undefined): ResourceReference | undefined {
  const { uid, generation, digest } = (memo?.[RESOURCE_MEMO] ?? {}) as Partial<ResourceReference>;
  const isComplete = typeof uid === 'string' && typeof generation === 'number' && typeof digest === 'string';
  return isComplete ? { uid, generation, digest } : undefined;
}

/** What is written to the status of a resource. Every fact of it is in history. Times are RFC 3339. */
export interface MirroredStatus {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly state: ApplicationState;
  /** Attempts begun since the last edit of the spec. */
  readonly submissions: number;
  /** Those of them whose submission succeeded. */
  readonly executions: number;
  /** Of the attempt; absent before the first one. */
  readonly attempt?: MirroredAttempt;
  /** When the run of the workflow started, where it has no attempt: orders its status after that of previous runs. */
  readonly since?: string;
  /** Why it was cancelled, or could not be started. */
  readonly message?: string;
  /** What was handed out to be written before: the state and the submission ID. @default nothing */
  readonly after?: { readonly state: ApplicationState; readonly submissionId?: string };
}

/** Names of the objects by which the UI of a driver is reached. */
export interface UiExposure {
  readonly service: string;
  readonly port: number;
  readonly ingress?: string;
}

export interface MirroredAttempt {
  readonly submissionId: string;
  readonly sparkApplicationId: string;
  readonly driverPodName: string;
  /** When it began; orders attempts. */
  readonly begunAt: string;
  /** Its submission succeeded. */
  readonly submitted: boolean;
  readonly ui?: UiExposure;
  /** URL of the UI. */
  readonly sparkUi?: string;
  readonly ending?: {
    readonly finishedAt: string;
    readonly succeeded: boolean;
    readonly exitCode?: number;
    readonly reason?: string;
    /** At most 4,000 characters. */
    readonly message?: string;
  };
}

/** What a workflow that serves a resource reports for the status of that, besides its own. */
export interface ServedStatus {
  /** Attempts begun since the last edit of the spec. */
  readonly submissions: number;
  /** Those of them whose submission succeeded. */
  readonly executions: number;
  /** When the attempt began, RFC 3339; absent before the first one. */
  readonly begunAt?: string;
}

/** Part of the input of an activity that follows a record: it also writes that to the status of the resource. */
export interface Mirroring {
  readonly mirror?: MirroredStatus;
}

/** The manifest of a resource, with what the workflow takes of it when the update succeeds. */
export type ResourceUpdate = [manifest: SparkApplicationManifest, resource?: ResourceReference];
