import { CauseKind, type FailureCause } from './failure-cause.ts';

/** What people do about each known cause. docs/troubleshooting.md has the same rows. */
export const remedies: Readonly<Record<CauseKind, string>> = {
  [CauseKind.ClassNotFound]:
    'Add the library to spec.deps.jars or spec.deps.packages, or build it into the jar of the application.',
  [CauseKind.ConnectionRefused]:
    'Check host and port, that the server runs, and that the network policies let the driver connect.',
  [CauseKind.ContainerOutOfMemory]:
    'Increase spec.driver.memoryOverhead (Python and native libraries), or spec.driver.memory (the heap).',
  [CauseKind.DiskFull]:
    'Add a larger volume whose name begins with spark-local-dir-, or use more and smaller partitions.',
  [CauseKind.ExecutorKilled]:
    'Increase spec.executor.memoryOverhead (Python and native libraries) or spec.executor.memory, or use more partitions.',
  [CauseKind.FileNotFound]:
    'Check spec.mainApplicationFile and spec.deps. A local:// path must exist in the image or in a volume.',
  [CauseKind.JavaHeapSpace]:
    'Increase spec.driver.memory, or spec.executor.memory if a task failed. Collect fewer rows in the driver.',
  [CauseKind.JavaVersion]: 'Compile the application for the Java of the image, or use an image with a newer Java.',
  [CauseKind.KubernetesForbidden]:
    'Set spec.driver.serviceAccount to one with the role of examples/manifests/prerequisites.yaml.',
  [CauseKind.MainClassNotFound]: 'Check spec.mainClass, and that spec.mainApplicationFile contains that class.',
  [CauseKind.Metaspace]: 'Increase -XX:MaxMetaspaceSize in spec.driver.javaOptions, or remove that option.',
  [CauseKind.ModuleNotFound]: 'Install the module in the image, or add it to spec.deps.pyFiles.',
  [CauseKind.NoFileSystem]:
    'Add the connector of that scheme to the image or to spec.deps.packages; for s3a, org.apache.hadoop:hadoop-aws.',
  [CauseKind.OutputExists]: 'Write with mode overwrite or append, or to another path.',
  [CauseKind.PathNotFound]: 'Check the path, and that the data is written before this application starts.',
  [CauseKind.ResultTooLarge]:
    'Write the result to storage instead of collecting it, or increase spark.driver.maxResultSize in spec.sparkConf.',
  [CauseKind.StorageAccessDenied]:
    'Grant access to the bucket or container to the identity of the driver and of the executors.',
  [CauseKind.SubmitArguments]: 'Fix the setting that the message names, in spec or in spec.sparkConf.',
  [CauseKind.Terminated]:
    'Look up in the events of the pod who deleted it. If its node was drained, allow retries of infrastructure failures.',
  [CauseKind.UnknownHost]:
    'Check the host name. A Service of another namespace is name.namespace.svc; the DNS of the cluster must resolve it.',
};

/** What to do about a cause; undefined for one that is not among the known. */
export function remedyOf(cause: FailureCause | undefined): string | undefined {
  return cause?.kind === undefined ? undefined : remedies[cause.kind];
}
