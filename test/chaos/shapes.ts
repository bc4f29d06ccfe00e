import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';

/** What becomes of an application. */
export const Shape = {
  /** Its driver ends with 0. */
  Plain: 'plain',
  /** Its driver fails, is started once more, and fails. */
  Restarted: 'restarted',
  /** The same with a sidecar that does not end by itself. */
  Accompanied: 'accompanied',
  /** Its workflow is cancelled while the driver runs. */
  Cancelled: 'cancelled',
  /** A user deletes the driver while it runs. */
  Deleted: 'deleted',
  /** It gets a new manifest while the driver runs, which is replaced. */
  Updated: 'updated',
  /** It is suspended while the driver runs, gets a new manifest meanwhile, and is resumed. */
  Suspended: 'suspended',
  /** Its workflow is cancelled while it is being submitted: as soon as something was broken. */
  CancelledEarly: 'cancelled early',
  /** It is suspended while it is being submitted, gets a new manifest meanwhile, and is resumed. */
  SuspendedEarly: 'suspended early',
  /** Its submission takes longer than its deadline. */
  Overdue: 'overdue',
  /** Its driver runs longer than its deadline. */
  Overrun: 'overrun',
  /** It is the only stage of a pipeline, and its driver ends with 0. */
  Staged: 'staged',
  /** Its resource is deleted while the driver runs. */
  Removed: 'removed',
  /** Its resource is deleted while it is being submitted: as soon as something was broken. */
  RemovedEarly: 'removed early',
  /** Its resource is deleted while the driver runs, and created again under the same name at once. */
  Replaced: 'replaced',
  /** A ScheduledSparkApplication creates its resource, and its driver ends with 0. */
  Scheduled: 'scheduled',
} as const;
export type Shape = (typeof Shape)[keyof typeof Shape];

/** What every run of a shape must come to. */
export interface Expected {
  readonly state: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** Absent where the driver may never have existed. */
  readonly exitCode?: number;
  readonly attempts: number;
  /** Whether the last driver's pod is still there, for its log. */
  readonly podStays: boolean;
  /** Whether the first attempt may have had no driver: it was ended while it was being submitted. */
  readonly firstMayLackDriver?: true;
  /** A deletion of the resource ended it: by a request, or by the end of its driver, whichever is seen first. */
  readonly removed?: true;
  /** Attempts that the status of its resource counts: those since the last edit. @default attempts */
  readonly shownAttempts?: number;
}

export const EXPECTED: Readonly<Record<Shape, Expected>> = {
  [Shape.Plain]: { state: 'COMPLETED', exitCode: 0, attempts: 1, podStays: true },
  [Shape.Restarted]: { state: 'FAILED', exitCode: 3, attempts: 2, podStays: true },
  [Shape.Accompanied]: { state: 'FAILED', exitCode: 3, attempts: 2, podStays: true },
  [Shape.Cancelled]: { state: 'CANCELLED', exitCode: 143, attempts: 1, podStays: false },
  [Shape.Deleted]: { state: 'FAILED', exitCode: 143, attempts: 1, podStays: false },
  [Shape.Updated]: { state: 'COMPLETED', exitCode: 0, attempts: 2, podStays: true, shownAttempts: 1 },
  [Shape.Suspended]: { state: 'COMPLETED', exitCode: 0, attempts: 2, podStays: true, shownAttempts: 1 },
  [Shape.CancelledEarly]: { state: 'CANCELLED', attempts: 1, podStays: false, firstMayLackDriver: true },
  [Shape.SuspendedEarly]: {
    ...{ state: 'COMPLETED', exitCode: 0, attempts: 2, podStays: true, firstMayLackDriver: true },
  },
  [Shape.Overdue]: { state: 'FAILED', attempts: 1, podStays: false, firstMayLackDriver: true },
  [Shape.Overrun]: { state: 'FAILED', exitCode: 143, attempts: 1, podStays: false },
  [Shape.Staged]: { state: 'COMPLETED', exitCode: 0, attempts: 1, podStays: true },
  [Shape.Removed]: { state: 'CANCELLED', attempts: 1, podStays: false, removed: true },
  [Shape.RemovedEarly]: { state: 'CANCELLED', attempts: 1, podStays: false, removed: true, firstMayLackDriver: true },
  [Shape.Replaced]: { state: 'COMPLETED', exitCode: 0, attempts: 1, podStays: true },
  [Shape.Scheduled]: { state: 'COMPLETED', exitCode: 0, attempts: 1, podStays: true },
};

/** So long after its containers a pod ends: as a kubelet reports it. */
const CLEANED_UP = { 'lab.temporal-spark/phase-delay-seconds': '0.3' };
/** Long enough to be submitted where nothing is broken, and shorter than the submission of `Overdue` takes. */
const SUBMISSION_DEADLINE = '6s';
const RUNNING_DEADLINE = '5s';
/** A worker that is held up still sees the driver run before it sees its end. */
const SEEN_RUNNING = '5';

/**
 * @param annotations of the driver, over those of the shape
 * @param tries 1, or more where runs before did not come to their point
 */
export function manifestOf(
  shape: Shape,
  name: string,
  namespace: string,
  annotations: Readonly<Record<string, string>> = {},
  tries = 1,
): SparkApplicationManifest {
  const pi = (own: Readonly<Record<string, string>>) =>
    sparkPi({ name, namespace, annotations: { ...CLEANED_UP, ...own, ...annotations } });
  const failing = (own: Readonly<Record<string, string>> = {}) => {
    const manifest = pi({ 'lab.temporal-spark/exit-code': '3', ...own });
    manifest.spec.restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    return manifest;
  };
  const within = (manifest: SparkApplicationManifest, deadline: string, value: string) => {
    manifest.metadata.annotations = { ...manifest.metadata.annotations, [`temporal-spark/${deadline}`]: value };
    return manifest;
  };
  switch (shape) {
    case Shape.Plain:
    case Shape.Scheduled:
      return pi({ 'lab.temporal-spark/run-seconds': tries > 1 ? SEEN_RUNNING : '2' });
    case Shape.Staged:
      return pi({ 'lab.temporal-spark/run-seconds': SEEN_RUNNING });
    case Shape.Restarted:
      return failing();
    case Shape.Accompanied: {
      const manifest = failing({ 'lab.temporal-spark/sidecars': 'forever' });
      manifest.spec.driver.sidecars = [{ name: 'proxy', image: 'proxy' }];
      return manifest;
    }
    case Shape.Cancelled:
    case Shape.Deleted:
    case Shape.Updated:
    case Shape.Suspended:
    case Shape.CancelledEarly:
    case Shape.SuspendedEarly:
    case Shape.Removed:
    case Shape.RemovedEarly:
    case Shape.Replaced:
      return pi(RUN_FOREVER);
    case Shape.Overdue:
      return within(pi(RUN_FOREVER), 'submission-deadline', SUBMISSION_DEADLINE);
    case Shape.Overrun:
      return within(pi(RUN_FOREVER), 'running-deadline', RUNNING_DEADLINE);
    default:
      return shape satisfies never;
  }
}
