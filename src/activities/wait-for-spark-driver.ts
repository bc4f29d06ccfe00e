import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { Label } from '../spark/metadata.ts';
import type { PendingReason } from './driver-observation.ts';
import { DriverWait, type DriverReference, type FinalOutcome } from './driver-wait.ts';
import { withPatience } from './failure.ts';

export interface WaitInput extends DriverReference {
  /** Return already when the driver runs, or only when it has ended. */
  readonly until: 'running' | 'ended';
  /**
   * Milliseconds a driver may be unable to start for a reason that rarely heals by itself (an image that can't be
   * pulled, a missing ConfigMap) before the wait gives up.
   */
  readonly startProblemDeadlineMs: number;
}

export type DriverObservation =
  | { readonly state: 'RUNNING'; readonly startedAt?: string }
  | { readonly state: 'ENDED'; readonly outcome: FinalOutcome }
  | { readonly state: 'CANNOT_START'; readonly problem: PendingReason };

const START_PROBLEMS: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/**
 * Waits until the driver runs, has ended, or has been unable to start for too long. It never touches the driver: when
 * the workflow is cancelled it is the workflow that has it stopped.
 */
export async function waitForSparkDriver(kubernetes: KubernetesClient, input: WaitInput): Promise<DriverObservation> {
  return withPatience(async () => {
    const pods = kubernetes.watch(Resources.pods, input.namespace, Label.SubmissionId);
    try {
      const wait = new DriverWait(kubernetes, pods, input);
      const seen = await wait.until<DriverObservation>((view) => {
        if (view.phase === 'running' && input.until === 'running') {
          return { state: 'RUNNING', ...(view.startedAt === undefined ? {} : { startedAt: view.startedAt }) };
        }
        const problem = view.phase === 'pending' ? view.waiting : undefined;
        if (problem === undefined || !START_PROBLEMS.has(problem.reason)) {
          wait.problemSince = undefined;
          return undefined;
        }
        wait.problemSince ??= Date.now();
        const tooLong = Date.now() - wait.problemSince >= input.startProblemDeadlineMs;
        return tooLong ? { state: 'CANNOT_START', problem } : undefined;
      });
      return 'succeeded' in seen ? { state: 'ENDED', outcome: seen } : seen;
    } finally {
      pods.release();
    }
  });
}
