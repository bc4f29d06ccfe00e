import { describe, expect, it } from 'vitest';
import { decide, type Observed, type Run } from '../../../src/operator/decide.ts';

const resource = { uid: 'new', generation: 2, digest: 'd2' };
const own = (fields: Partial<NonNullable<Run['resource']>> = {}) => ({ ...resource, ...fields });
const open = (of?: Run['resource']): Run => ({ runId: 'run', isOpen: true, ...(of && { resource: of }) });
const closed = (of?: Run['resource']): Run => ({ runId: 'run', isOpen: false, ...(of && { resource: of }) });

const CLOSED = new Date('2026-11-30T12:00:00Z');
const SINCE = { submittedAt: '2026-11-30T12:00:05Z' };

describe('what is done for a resource', () => {
  it.each<[string, Omit<Observed, 'resource'>, object]>([
    ['is started where nothing runs', {}, { do: 'start', requestId: 'new/none' }],
    ['is left alone where it ended, and Temporal has forgotten its run', { state: 'COMPLETED' }, { do: 'nothing' }],
    [
      'is started for an edit after another operator ran it, or Temporal has forgotten its run',
      { state: 'COMPLETED', isEdited: true },
      { do: 'start', requestId: 'new/none' },
    ],
    ['waits for another operator that runs it', { state: 'RUNNING' }, { do: 'wait', reason: 'ServedByAnother' }],
    [
      'has the end of its driver read where its status is ours and Temporal has lost its run',
      { state: 'RUNNING', submissionId: '1c0d8a6e-9d6b-8e42-a1a5-5a2f6f2f9a01' },
      { do: 'end-lost' },
    ],
    [
      'waits for another operator whose submission it shows',
      { state: 'RUNNING', submissionId: '1c0d8a6e-9d6b-4e42-a1a5-5a2f6f2f9a01' },
      { do: 'wait', reason: 'ServedByAnother' },
    ],
    ['waits for another operator that records its end', { state: 'SUCCEEDING' }, { do: 'wait' }],
    ['is started where another operator has suspended it', { state: 'SUSPENDED' }, { do: 'start' }],
    ['is left alone while its run has its latest edit', { state: 'RUNNING', run: open(own()) }, { do: 'nothing' }],
    ['is handed to its run where that has an older edit', { run: open(own({ generation: 1 })) }, { do: 'update' }],
    [
      'ends the run of a deleted resource of its name first',
      { run: open(own({ uid: 'old' })) },
      { do: 'end-previous' },
    ],
    ['waits for a run of its name that has no resource', { run: open() }, { do: 'wait', reason: 'NameInUse' }],
    ['is left alone once it has ended', { state: 'FAILED', run: closed(own()) }, { do: 'nothing' }],
    [
      'is not started again for a change that takes no other driver',
      { state: 'COMPLETED', run: closed(own({ generation: 1 })) },
      { do: 'nothing' },
    ],
    [
      'is started again for another change',
      { state: 'COMPLETED', run: closed(own({ generation: 1, digest: 'd1' })) },
      { do: 'start', requestId: 'new/run' },
    ],
    [
      'is left alone where another operator has run it since, with another edit',
      { state: 'COMPLETED', ...SINCE, run: { ...closed(own({ generation: 1, digest: 'd1' })), closedAt: CLOSED } },
      { do: 'nothing' },
    ],
    [
      'waits for another operator that has submitted it since',
      { state: 'RUNNING', ...SINCE, run: { ...closed(own({ generation: 1, digest: 'd1' })), closedAt: CLOSED } },
      { do: 'wait', reason: 'ServedByAnother' },
    ],
    ['has its status completed', { state: 'RUNNING', run: closed(own()) }, { do: 'compare-status' }],
    [
      'is started after a resource of its name',
      { run: closed(own({ uid: 'old' })) },
      { do: 'start', requestId: 'new/run' },
    ],
  ])('%s', (_, observed, expected) => {
    expect(decide({ resource, ...observed })).toMatchObject(expected);
  });
});
