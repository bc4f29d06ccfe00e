import { CauseKind } from '../protocol/failure-cause.ts';
import type { Thrown } from './report.ts';

type Test = (thrown: Thrown, text: string) => boolean;

const has =
  (...parts: readonly string[]): Test =>
  (_, text) =>
    parts.some((part) => text.includes(part));
const hasType =
  (...names: readonly string[]): Test =>
  ({ type }) =>
    names.some((name) => type === name || type.endsWith(`.${name}`));
const hasBoth =
  (...tests: readonly Test[]): Test =>
  (thrown, text) =>
    tests.every((test) => test(thrown, text));

/**
 * By an exception: the first that matches. `Terminated` and `ContainerOutOfMemory` follow from the end of the container.
 */
const KNOWN: readonly (readonly [CauseKind, Test])[] = [
  [CauseKind.JavaHeapSpace, has('OutOfMemoryError: Java heap space', 'OutOfMemoryError: GC overhead limit exceeded')],
  [CauseKind.Metaspace, has('OutOfMemoryError: Metaspace', 'OutOfMemoryError: Compressed class space')],
  [CauseKind.ResultTooLarge, has('is bigger than spark.driver.maxResultSize', 'spark.driver.maxResultSize (')],
  [CauseKind.ExecutorKilled, hasBoth(has('ExecutorLostFailure'), has('code 137', 'OOMKilled', 'Container killed'))],
  [CauseKind.DiskFull, has('No space left on device', 'Disk quota exceeded')],
  [CauseKind.KubernetesForbidden, has(' is forbidden: User "')],
  [CauseKind.MainClassNotFound, has('Failed to load class ', 'Error: Could not find or load main class')],
  [CauseKind.FileNotFound, has("t open file '")],
  [CauseKind.SubmitArguments, has('Unrecognized option', 'must be a positive number', 'No main class set in JAR')],
  [CauseKind.JavaVersion, hasType('UnsupportedClassVersionError')],
  [CauseKind.NoFileSystem, has('No FileSystem for scheme', 'fs.s3a.S3AFileSystem not found', 'FileSystem not found')],
  [CauseKind.ModuleNotFound, hasType('ModuleNotFoundError')],
  [CauseKind.ClassNotFound, hasType('ClassNotFoundException', 'NoClassDefFoundError')],
  [CauseKind.UnknownHost, hasType('UnknownHostException')],
  [CauseKind.UnknownHost, has('UnknownHostException: ', 'Name or service not known')],
  [CauseKind.ConnectionRefused, has('Connection refused', 'ConnectionRefusedError')],
  [
    CauseKind.StorageAccessDenied,
    has('Status Code: 403', 'AccessDeniedException: s3', 'InvalidAccessKeyId', 'AuthorizationPermissionMismatch'),
  ],
  [CauseKind.OutputExists, has('[PATH_ALREADY_EXISTS]', 'FileAlreadyExistsException', 'already exists. Set mode as')],
  [CauseKind.PathNotFound, has('[PATH_NOT_FOUND]', 'Input path does not exist', 'Path does not exist: ')],
];

/** The kind of an exception, if it is one of the known. */
export function kindOf(thrown: Thrown): CauseKind | undefined {
  const text = `${thrown.type}: ${thrown.message}`;
  return KNOWN.find(([, test]) => test(thrown, text))?.[0];
}
