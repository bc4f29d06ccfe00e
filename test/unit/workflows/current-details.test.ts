import { expect, it } from 'vitest';
import { ApplicationState, type SparkApplicationStatus } from '../../../src/protocol/index.ts';
import { currentDetails } from '../../../src/workflows/application/current-details.ts';

const workflowId = 'spark/etl/pi';
const day = (time: string): string => `2026-11-30T${time}`;

const details = (status: Partial<SparkApplicationStatus>): string[] =>
  currentDetails(
    {
      ...{ state: ApplicationState.Running, namespace: 'etl', name: 'pi', attempts: 1, attemptHistory: [] },
      ...status,
    },
    { workflowId },
  ).split('\n');

it('has one format of times, a duration, one row for each warning, and commands for a terminal', () => {
  const lines = details({
    ...{ submittedAt: day('00:12:09.985Z'), startedAt: day('00:12:09Z'), finishedAt: day('00:15:21.001Z') },
    placement: { reason: 'pool spot', warnings: ['The pool is full.', 'No node has the label.'] },
  } as unknown as SparkApplicationStatus);
  expect(lines).toEqual([
    '| | |',
    '|---|---|',
    '| State | **RUNNING** |',
    '| Attempts | 1 |',
    '| Placement | pool spot |',
    '| Warning | The pool is full. |',
    '| Warning | No node has the label. |',
    '| Submitted | 2026-11-30T00:12:09Z |',
    '| Started | 2026-11-30T00:12:09Z |',
    '| Finished | 2026-11-30T00:15:21Z |',
    '| Took | 3m12s |',
    '| In a terminal | `temporal-spark describe spark/etl/pi`, `temporal-spark logs spark/etl/pi` |',
    '',
    '\u200b',
  ]);
});

it('does not show an attempt that a request ended as a failure', () => {
  const past = { submissionId: 'x', exitCode: 143, reason: 'Error' };
  const lines = details({
    attempts: 3,
    attemptHistory: [
      { attempt: 1, state: ApplicationState.Suspended, finishedAt: day('00:01:00.5Z'), ...past },
      { attempt: 2, state: ApplicationState.Invalidating, finishedAt: day('00:02:00Z'), ...past },
      { attempt: 3, state: ApplicationState.Failed, finishedAt: day('00:03:00Z'), ...past },
    ],
  });
  expect(lines.slice(-6)).toEqual([
    '|---|---|---|---|---|',
    '| 1 | suspended on request |  |  | 2026-11-30T00:01:00Z |',
    '| 2 | replaced on request |  |  | 2026-11-30T00:02:00Z |',
    '| 3 | FAILED | 143 | `Error` | 2026-11-30T00:03:00Z |',
    '',
    '\u200b',
  ]);
});
