import { describe, expect, it } from 'vitest';
import { CauseKind, type FinalOutcome } from '../../../src/protocol/index.ts';
import { failureClass } from '../../../src/workflows/application/failure-class.ts';

const exited = { succeeded: false, deleted: false, reason: 'Error', exitCode: 1 };

const lost = {
  ...exited,
  reason: 'ContainerStatusUnknown',
  exitCode: 137,
  message: 'The container could not be located when the pod was terminated',
};

describe('classifies failures', () => {
  it.each<[string, Omit<FinalOutcome, 'executors'>, string]>([
    ['an exit code', exited, 'application'],
    ['a container killed for its memory', { ...exited, reason: 'OOMKilled', exitCode: 137 }, 'out-of-memory'],
    ['a container lost in a restart of its node', lost, 'infrastructure'],
    ['one that its runtime lost', { ...exited, reason: 'Unknown', exitCode: 255 }, 'infrastructure'],
    ['a SIGKILL from inside the pod', { ...exited, exitCode: 137 }, 'application'],
    ['a SIGKILL of a driver that was deleted', { ...exited, exitCode: 137, deleted: true }, 'infrastructure'],
    ['a SIGKILL by an eviction', { ...exited, reason: 'Evicted', exitCode: 137 }, 'infrastructure'],
    ["Spark's exit code for it", { ...exited, exitCode: 52 }, 'out-of-memory'],
    [
      'a heap that was too small',
      { ...exited, message: 'java.lang.OutOfMemoryError: Java heap space' },
      'out-of-memory',
    ],
    ['the same in the log', { ...exited, logTail: 'x\njava.lang.OutOfMemoryError: GC' }, 'out-of-memory'],
    [
      'the same as the cause, far above the end of the log',
      { ...exited, failure: { cause: 'java.lang.OutOfMemoryError: x', frames: [], kind: CauseKind.JavaHeapSpace } },
      'out-of-memory',
    ],
    ['Python out of memory', { ...exited, logTail: 'Traceback\nMemoryError\n' }, 'out-of-memory'],
    ['a word in the log that is not an error', { ...exited, logTail: 'caught MemoryError, going on' }, 'application'],
    ['a deadline of the application', { ...exited, reason: 'RunningDeadlineExceeded', deleted: true }, 'application'],
    ['an eviction with an exit code', { ...exited, reason: 'EvictionByEvictionAPI', exitCode: 143 }, 'infrastructure'],
    ['an eviction before it started', { succeeded: false, deleted: false, reason: 'Evicted' }, 'infrastructure'],
    ['a deletion', { ...exited, exitCode: 143, deleted: true }, 'infrastructure'],
    ['an image', { succeeded: false, deleted: true, reason: 'ImagePullBackOff' }, 'infrastructure'],
    ['a pod that vanished', { succeeded: false, deleted: true, reason: 'DriverVanished' }, 'infrastructure'],
  ])('%s', (_, outcome, expected) => expect(failureClass(outcome)).toBe(expected));
});
