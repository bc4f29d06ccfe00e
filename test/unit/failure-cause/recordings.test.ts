import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failureCause } from '../../../src/failure-cause/index.ts';
import { CauseKind } from '../../../src/protocol/index.ts';

const directory = join(import.meta.dirname, 'recordings');

interface Expected {
  /** The beginning of the line. */
  readonly cause: string;
  readonly kind?: CauseKind;
  /** The innermost of user code. */
  readonly frame?: string;
}

const ANALYSIS = 'org.apache.spark.sql.AnalysisException:';
const nested: Expected = {
  cause:
    'java.io.IOException: no route to orders-db: connection timed out (reported as IllegalStateException: cannot load the orders of 2026-11-30)',
  frame: 'com.acme.etl.Loader.open(Loader.java:25)',
};
const task: Expected = {
  cause: 'ZeroDivisionError: integer division or modulo by zero',
  frame: '/opt/app/orders.py:22 in rate',
};
const resultSize: Expected = {
  cause: 'org.apache.spark.SparkException: Job aborted due to stage failure: Total size of serialized results of ',
  kind: CauseKind.ResultTooLarge,
};
const heap = { cause: 'java.lang.OutOfMemoryError: Java heap space', kind: CauseKind.JavaHeapSpace };

/** What a person would name, by recording. test/support/causes/record.sh recorded them with real Spark. */
const expected: Readonly<Record<string, Expected>> = {
  'jvm-column': {
    cause: `${ANALYSIS} [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column`,
    frame: 'com.acme.etl.Orders.withSpark(Orders.java:26)',
  },
  'jvm-disk-full': {
    cause: '',
    kind: CauseKind.DiskFull,
  },
  'jvm-executor-killed': {
    cause:
      'ExecutorLostFailure (executor 3 exited caused by one of the running tasks) Reason: Command exited with code 137',
    kind: CauseKind.ExecutorKilled,
  },
  'jvm-exists': { cause: `${ANALYSIS} [PATH_ALREADY_EXISTS] Path file:/opt/app/out`, kind: CauseKind.OutputExists },
  'jvm-exit': { cause: 'The application ended with exit code 3' },
  'jvm-heap': { ...heap, frame: 'com.acme.etl.Orders.fillHeap(Orders.java:57)' },
  'jvm-heap-exit': heap,
  'jvm-java-version': {
    cause: 'java.lang.UnsupportedClassVersionError: com/acme/etl/Orders has been compiled by a more recent version',
    kind: CauseKind.JavaVersion,
  },
  'jvm-metaspace': {
    cause: 'java.lang.OutOfMemoryError: Metaspace',
    kind: CauseKind.Metaspace,
    frame: 'com.acme.etl.Orders.fillMetaspace(Orders.java:64)',
  },
  'jvm-metastore': {
    cause: 'java.net.UnknownHostException: metastore.example.invalid',
    kind: CauseKind.UnknownHost,
    frame: 'com.acme.etl.Orders.withSpark(Orders.java:30)',
  },
  'jvm-namenode': { cause: 'java.net.UnknownHostException: namenode.example.invalid', kind: CauseKind.UnknownHost },
  'jvm-nested': nested,
  'jvm-path': {
    cause: `${ANALYSIS} [PATH_NOT_FOUND] Path does not exist: file:/data/orders/2026-11-30.`,
    kind: CauseKind.PathNotFound,
    frame: 'com.acme.etl.Orders.withSpark(Orders.java:25)',
  },
  'jvm-result-size': resultSize,
  'jvm-s3-missing': {
    cause: 'java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found',
    kind: CauseKind.NoFileSystem,
  },
  'jvm-scheme': {
    cause: 'org.apache.hadoop.fs.UnsupportedFileSystemException: No FileSystem for scheme "gs9"',
    kind: CauseKind.NoFileSystem,
  },
  'jvm-sigterm': { cause: 'The driver was terminated by SIGTERM (exit code 143).', kind: CauseKind.Terminated },
  'jvm-task': {
    cause: 'java.lang.ArithmeticException: / by zero',
    frame: 'com.acme.etl.Orders.lambda$withSpark$',
  },
  'jvm-tool-options': nested,
  'k8s-forbidden': {
    cause:
      'io.fabric8.kubernetes.client.KubernetesClientException: pods "orders-driver" is forbidden: User "system:serviceaccount:etl:default" cannot get resource "pods"',
    kind: CauseKind.KubernetesForbidden,
  },
  'k8s-unreachable': {
    cause: 'java.net.UnknownHostException: kubernetes.example.invalid',
    kind: CauseKind.UnknownHost,
  },
  'python-cast': { cause: "NumberFormatException: [CAST_INVALID_INPUT] The value 'x'" },
  'python-column': { cause: 'AnalysisException: [UNRESOLVED_COLUMN.WITH_SUGGESTION] A column' },
  'python-exception': { cause: "KeyError: '2026-11-30'", frame: '/opt/app/orders.py:11 in load' },
  'python-exit': {
    cause: 'The application ended with exit code 3; its last output: no orders for 2026-11-30',
  },
  'python-exit-message': {
    cause: 'The application ended with exit code 1; its last output: no orders for 2026-11-30',
  },
  'python-from': {
    cause: "KeyError: '2026-11-30' (reported as RuntimeError: cannot load the orders of 2026-11-30)",
    frame: '/opt/app/orders.py:11 in load',
  },
  'python-handled': {
    cause: "The application ended with exit code 4; the last error in its log: KeyError: '2026-11-30'",
  },
  'python-module': {
    cause: "ModuleNotFoundError: No module named 'pandas_of_nobody'",
    kind: CauseKind.ModuleNotFound,
    frame: '/opt/app/module.py:1 in <module>',
  },
  'python-path': {
    cause: 'AnalysisException: [PATH_NOT_FOUND] Path does not exist: file:/data/orders/2026-11-30.',
    kind: CauseKind.PathNotFound,
    frame: '/opt/app/orders.py:38 in main',
  },
  'python-result-size': resultSize,
  'python-sql': { cause: "ParseException: [PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'." },
  'python-syntax': { cause: "SyntaxError: '(' was never closed", frame: '/opt/app/syntax.py:3' },
  'python-task': task,
  'python-udf': task,
  'submit-memory': {
    cause: 'org.apache.spark.SparkException: Executor memory must be a positive number',
    kind: CauseKind.SubmitArguments,
  },
  'submit-no-class': { cause: 'Failed to load class com.acme.etl.Order.', kind: CauseKind.MainClassNotFound },
  'submit-no-jar': {
    cause: '/opt/app/missing.jar does not exist. Failed to load class com.acme.etl.Orders.',
    kind: CauseKind.FileNotFound,
  },
  'submit-no-main': {
    cause: 'org.apache.spark.SparkException: No main class set in JAR; please specify one with --class.',
    kind: CauseKind.SubmitArguments,
  },
  'submit-option': { cause: 'Unrecognized option: --mastre', kind: CauseKind.SubmitArguments },
  'submit-no-file': { cause: "can't open file '/opt/app/missing.py'", kind: CauseKind.FileNotFound },
};

const recordings = globSync('*/*.txt', { cwd: directory }).toSorted();

/** The recording, as a worker has it. */
function evidenceOf(recording: string): { readonly log: string; readonly exitCode: number; readonly reason: string } {
  const exitCode = Number(/\.exit-(\d+)\.txt$/.exec(recording)![1]);
  return { log: readFileSync(join(directory, recording), 'utf8'), exitCode, reason: 'Error' };
}

describe.each(recordings)('%s', (recording) => {
  const name = basename(recording).replace(/\.exit-\d+\.txt$/, '');
  const { cause, kind, frame } = expected[name]!;
  const evidence = evidenceOf(recording);

  it('names the cause as a person would, with the frames of user code and the known kind', () => {
    const found = failureCause(evidence)!;
    expect(found.cause.slice(0, cause.length)).toBe(cause);
    expect(found.kind).toBe(kind);
    if (frame !== undefined) expect(found.frames[0]?.slice(0, frame.length)).toBe(frame);
    for (const each of found.frames) expect(each).toMatch(/^(?:com\.acme\.etl\.|\/opt\/app\/)/);
  });

  it('names the same where the log begins in the middle of a line, or of a character', () => {
    const bytes = Buffer.concat([Buffer.from('€'.repeat(400_000)).subarray(1), Buffer.from(`\n${evidence.log}`)]);
    expect(failureCause({ ...evidence, log: bytes })).toEqual(failureCause(evidence));
  });
});

it('covers both versions of Spark, and each recorded way to fail', () => {
  expect(new Set(recordings.map(dirname))).toEqual(new Set(['3.5.9', '4.1.4']));
  const recorded = new Set(recordings.map((path) => basename(path).replace(/\.exit-\d+\.txt$/, '')));
  expect([...recorded].toSorted()).toEqual(Object.keys(expected).toSorted());
});
