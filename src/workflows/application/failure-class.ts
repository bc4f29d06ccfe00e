import { FailureClass } from '../../manifest/run-settings.ts';
import { CauseKind, DriverReason, type FinalOutcome } from '../../protocol/index.ts';

/** Kubernetes' words for a container it ended for reasons that are not the container's, and ours for the same. */
const DISRUPTIONS: ReadonlySet<string> = new Set([
  // The kubelet, and containerd, of a container they lost: the node or its runtime was restarted.
  'ContainerStatusUnknown',
  'Unknown',
  'DeletionByPodGC',
  'DeletionByTaintManager',
  'Evicted',
  'EvictionByEvictionAPI',
  DriverReason.NodeLost,
  'NodeShutdown',
  'Preempting',
  'PreemptionByScheduler',
  'Shutdown',
  'TerminationByKubelet',
  'Terminated',
]);

const OUT_OF_MEMORY_KINDS: ReadonlySet<CauseKind | undefined> = new Set([
  CauseKind.ContainerOutOfMemory,
  CauseKind.JavaHeapSpace,
  CauseKind.Metaspace,
]);
const OUT_OF_MEMORY = /java\.lang\.OutOfMemoryError|^MemoryError\b/m;
/** What Spark exits with on an OutOfMemoryError (SparkExitCode.OOM). */
const SPARK_OUT_OF_MEMORY_EXIT_CODE = 52;

/** The class of a failure, by the recorded end of the driver. */
export function failureClass(outcome: Omit<FinalOutcome, 'executors'>): FailureClass {
  const { reason, exitCode, deleted, message, logTail, failure } = outcome;
  if (reason === DriverReason.OOMKilled || exitCode === SPARK_OUT_OF_MEMORY_EXIT_CODE) return FailureClass.OutOfMemory;
  if (reason === DriverReason.RunningDeadlineExceeded) return FailureClass.Application;
  if (exitCode === undefined || deleted || DISRUPTIONS.has(reason)) return FailureClass.Infrastructure;
  if (OUT_OF_MEMORY_KINDS.has(failure?.kind)) return FailureClass.OutOfMemory;
  // 137 with any other reason is a SIGKILL from inside the pod: the application's own.
  const isOutOfMemory = [message, logTail].some((text) => text !== undefined && OUT_OF_MEMORY.test(text));
  return isOutOfMemory ? FailureClass.OutOfMemory : FailureClass.Application;
}
