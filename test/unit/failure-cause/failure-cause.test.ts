import { describe, expect, it } from 'vitest';
import { failureCause } from '../../../src/failure-cause/index.ts';
import { CauseKind } from '../../../src/protocol/index.ts';

const uncaught = (thrown: string): string =>
  `Exception in thread "main" ${thrown}\n\tat com.acme.Main.main(Main.java:1)\n`;
const causeOf = (log: string, exitCode = 1): string | undefined => failureCause({ log, exitCode })?.cause;

describe('what a driver failed of', () => {
  it('is the end of its container where that is certain', () => {
    const log = uncaught('java.lang.InterruptedException');
    expect(failureCause({ log, exitCode: 137, reason: 'OOMKilled' })?.kind).toBe(CauseKind.ContainerOutOfMemory);
    expect(failureCause({ log, exitCode: 143, reason: 'Error' })?.kind).toBe(CauseKind.Terminated);
    expect(failureCause({ log, exitCode: 137, reason: 'Error' })?.cause).toContain('SIGKILL');
    expect(failureCause({ log, exitCode: 1, reason: 'Evicted' })).toBeUndefined();
  });

  it('is not known where there is no log and no exception elsewhere', () => {
    expect(failureCause({ exitCode: 1, reason: 'Error' })).toBeUndefined();
    expect(failureCause({ message: 'The node was low on resource: memory.', reason: 'Evicted' })).toBeUndefined();
  });

  it('is read from the exception that Spark left elsewhere, where the log names none', () => {
    const message = 'java.io.IOException: no route\n\tat com.acme.Main.main(Main.java:1)\nCaused by: a.B: c\n';
    expect(failureCause({ log: 'starting\n', message, exitCode: 1 })?.cause).toBe('a.B: c');
  });

  it('is no notice of the JVM, of a logging library, or of the image', () => {
    const notices = [
      'WARNING: Using incubator modules: jdk.incubator.vector',
      'Picked up JAVA_TOOL_OPTIONS: -Dteam=orders',
      'SLF4J: No SLF4J providers were found.',
      'log4j:WARN No appenders could be found.',
      '+ exec /usr/bin/tini -s -- /opt/spark/bin/spark-submit',
      '26/11/30 11:50:09 INFO SparkContext: Successfully stopped SparkContext',
    ];
    expect(causeOf(notices.join('\n'), 3)).toBe('The application ended with exit code 3');
  });

  it('is not what a shutdown logs after the exception', () => {
    const log = [
      '26/11/30 11:50:09 ERROR Main: Cannot load\njava.io.IOException: no route\n\tat com.acme.Main.main(Main.java:1)',
      '26/11/30 11:50:09 INFO ShutdownHookManager: Shutdown hook called',
      '26/11/30 11:50:10 ERROR Utils: Uncaught exception\njava.lang.IllegalStateException: stopped\n\tat a.B.c(B.java:1)',
      'Exception in thread "shutdown-hook-0" java.lang.NullPointerException\n',
    ];
    expect(causeOf(log.join('\n'), 50)).toBe('java.io.IOException: no route');
  });

  it('is the last error of a log without an exception, or else the last output', () => {
    const error = '26/11/30 11:50:09 ERROR Main: no orders for today\n';
    expect(causeOf(`${error}bye\n`, 3)).toBe(
      'The application ended with exit code 3; the last error in its log: no orders for today',
    );
    expect(causeOf('26/11/30 11:50:09 WARN Main: slow\nno orders\n', 3)).toContain('its last output: no orders');
  });

  it('is found in logs of other patterns: ISO times, structured logging, Python logging', () => {
    expect(causeOf('2026-11-30T11:50:09,123 ERROR [main] Main: no orders\n', 3)).toContain(': no orders');
    expect(causeOf('{"ts":"2026-11-30T11:50:09Z","level":"ERROR","msg":"no orders","logger":"Main"}\n', 3)).toContain(
      ': no orders',
    );
    expect(causeOf('ERROR:root:no orders\n', 3)).toContain(': no orders');
  });

  it('is the newer exception where Python handled another one, and the first where it was raised from that', () => {
    const first = 'Traceback (most recent call last):\n  File "/app/a.py", line 1, in f\nKeyError: 1\n';
    const second = 'Traceback (most recent call last):\n  File "/app/a.py", line 3, in g\nValueError: two\n';
    const handled = 'During handling of the above exception, another exception occurred:';
    const direct = 'The above exception was the direct cause of the following exception:';
    expect(causeOf(`${first}\n${handled}\n\n${second}`)).toBe('ValueError: two');
    expect(causeOf(`${first}\n${direct}\n\n${second}`)).toBe('KeyError: 1 (reported as ValueError: two)');
  });

  it('is one line of at most 500 characters, without its secrets', () => {
    const secret = `Zk9!q${'x7Q'.repeat(8)}`;
    const found = failureCause({
      log: uncaught(`a.B: cannot log in with password=${secret} ${'long '.repeat(200)}`),
      exitCode: 1,
    })!;
    expect(found.cause).toHaveLength(500);
    expect(found.cause).not.toContain('\n');
    expect(found.cause).not.toContain(secret);
    // A secret that the limit would have cut in two.
    const late = failureCause({ log: uncaught(`a.B: ${'x'.repeat(470)} password=${secret}`), exitCode: 1 })!;
    expect(late.cause).not.toContain('Zk9');
  });

  it.each([
    [
      'An access denied by S3',
      'com.amazonaws.services.s3.model.AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403; Error Code: 403 Forbidden)',
      CauseKind.StorageAccessDenied,
    ],
    [
      'a refused connection',
      'java.net.ConnectException: Call From a to b:8020 failed: Connection refused',
      CauseKind.ConnectionRefused,
    ],
    ['a missing library', 'java.lang.NoClassDefFoundError: org/postgresql/Driver', CauseKind.ClassNotFound],
    [
      'an executor that Kubernetes killed',
      'ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason:\nThe executor with id 1 exited with exit code 137(SIGKILL, possible container OOM).',
      CauseKind.ExecutorKilled,
    ],
  ])('is known: %s', (_, thrown, kind) => {
    expect(failureCause({ log: uncaught(thrown), exitCode: 1 })?.kind).toBe(kind);
  });
});
