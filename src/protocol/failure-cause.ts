/** Causes of a failed driver that have a remedy. They are in histories and results: they never change. */
export const CauseKind = {
  /** A class of the application or of a library is on no class path. */
  ClassNotFound: 'ClassNotFound',
  ConnectionRefused: 'ConnectionRefused',
  /** The kernel killed the driver's container. */
  ContainerOutOfMemory: 'ContainerOutOfMemory',
  DiskFull: 'DiskFull',
  /** Executors were lost because their containers exceeded their memory, or were killed. */
  ExecutorKilled: 'ExecutorKilled',
  /** The application's jar or script does not exist. */
  FileNotFound: 'FileNotFound',
  JavaHeapSpace: 'JavaHeapSpace',
  /** The application was compiled for a newer Java. */
  JavaVersion: 'JavaVersion',
  /** The API server denies the driver what it needs to create executors. */
  KubernetesForbidden: 'KubernetesForbidden',
  /** The main class is not in the jar. */
  MainClassNotFound: 'MainClassNotFound',
  Metaspace: 'Metaspace',
  /** A module of Python that is not installed. */
  ModuleNotFound: 'ModuleNotFound',
  /** No library for the scheme of a path, such as `s3a`. */
  NoFileSystem: 'NoFileSystem',
  OutputExists: 'OutputExists',
  PathNotFound: 'PathNotFound',
  /** Above `spark.driver.maxResultSize`. */
  ResultTooLarge: 'ResultTooLarge',
  /** The object store refuses the driver's credentials. */
  StorageAccessDenied: 'StorageAccessDenied',
  /** spark-submit refused its arguments or its configuration. */
  SubmitArguments: 'SubmitArguments',
  /** SIGTERM from outside the driver. */
  Terminated: 'Terminated',
  UnknownHost: 'UnknownHost',
} as const;
export type CauseKind = (typeof CauseKind)[keyof typeof CauseKind];

/** Why an attempt failed, as a person would name it. Secrets are masked. */
export interface FailureCause {
  /** One line of at most 500 characters: the exception that is the root of the failure, and its message. */
  readonly cause: string;
  /** At most 5 frames of the application's own code, the innermost first. */
  readonly frames: readonly string[];
  /** Where the cause is one of the known. */
  readonly kind?: CauseKind;
}
