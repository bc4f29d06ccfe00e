import type { SparkApplicationResult } from '../../src/index.ts';
import { asRecord, asText } from '../../src/validation/unknown-data.ts';
import { present } from '../../src/validation/present.ts';
import type { Audited } from './audit-log.ts';
import { FactKind, factsOf, type HistoryEvent } from './history-facts.ts';
import type { ResourceObserver } from './resource-observer.ts';
import type { RunHistory } from './run-histories.ts';
import type { EndStatus, ResourceEvidence } from './status-invariants.ts';
import type { Subject } from './subject.ts';

export interface ResourceSources {
  readonly resources: ResourceObserver;
  readonly audited: Audited;
  /** Of its workflow. */
  readonly runs: readonly RunHistory[];
  /** Of the last one. */
  readonly result: SparkApplicationResult | undefined;
}

/** IDs of the submissions of a history. */
export const askedIn = (events: readonly HistoryEvent[]): string[] => [
  ...new Set(
    factsOf(events).flatMap(({ kind, submissionId }) =>
      kind === FactKind.Asked && submissionId !== undefined ? [submissionId] : [],
    ),
  ),
];

export async function resourceEvidence(
  subject: Subject,
  { resources, audited, runs, result }: ResourceSources,
): Promise<ResourceEvidence> {
  const { namespace, resourceName, expected, endStatus } = subject;
  const hasEnd = expected.removed !== true && result !== undefined;
  return {
    shown: await resources.statusesOf(resourceName),
    writes: audited.statuses.get(`${namespace}/${resourceName}`) ?? [],
    facts: runs.flatMap(({ events }) => factsOf(events)),
    runs: runs.map(({ uid }) => uid),
    ...present({ end: hasEnd ? { shown: shownEnd(endStatus), recorded: recordedEnd(subject, result) } : undefined }),
  };
}

function shownEnd(status: Subject['endStatus'] = {}): EndStatus {
  const { applicationState, submissionID, terminationTime, submissionAttempts, executionAttempts } = status;
  return {
    state: asText(asRecord(applicationState)['state']) ?? '',
    submissionId: asText(submissionID) ?? '',
    finishedAt: asText(terminationTime) ?? '',
    submissions: Number(submissionAttempts ?? 0),
    executions: Number(executionAttempts ?? 0),
  };
}

function recordedEnd({ expected }: Subject, result: SparkApplicationResult): EndStatus {
  const { state, submissionId = '', finishedAt = '' } = result;
  const { attempts, shownAttempts = attempts } = expected;
  // The operator has no word for a cancel.
  const shown = state === 'CANCELLED' ? 'FAILED' : state;
  return { state: shown, submissionId, finishedAt, submissions: shownAttempts, executions: shownAttempts };
}
