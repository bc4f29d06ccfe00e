import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { SparkApplicationManifest } from '../../manifest/index.ts';
import { ApplicationFact, ApplicationState, type CountedFact, type Counting } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { asRecord } from '../../validation/unknown-data.ts';
import type { AttemptRecord } from './attempt-record.ts';

/** Labels that are handed out; a manifest may have any number, and is refused, if need be, only by its submission. */
const LABELS_AT_MOST = 64;
/** Characters of the longest key, and of the longest value, that Kubernetes takes. */
const Longest = { Key: 317, Value: 63 } as const;

/**
 * What of an application the metrics of workers count: each fact is handed out once, with the activity that follows its
 * record. A replay hands out the same, and no worker counts that.
 */
export class FactsToCount {
  private readonly application: { readonly manifest: SparkApplicationManifest };
  /** By submission ID, in the order of the attempts of this run. */
  private readonly handedOut = new Map<string, Set<ApplicationFact>>();

  constructor(application: { readonly manifest: SparkApplicationManifest }) {
    this.application = application;
  }

  /** For the input of a submission, which has the labels in its manifest. */
  ofSubmission(attempt: AttemptRecord): Counting {
    const { facts } = this.of(attempt).counts ?? {};
    return facts === undefined ? {} : { counts: { facts } };
  }

  /** For the input of another activity about this attempt. */
  of(attempt: AttemptRecord): Counting {
    // The activity will not be scheduled: the next one has it.
    return CancellationScope.current().consideredCancelled ? {} : this.with(attempt, []);
  }

  /** The same for the activity that follows a failed submission. */
  ofRefused(attempt: AttemptRecord, stateAfter: ApplicationState): Counting {
    return this.with(attempt, [{ fact: ApplicationFact.SubmissionFailed }, ...lastFact(attempt, stateAfter)]);
  }

  /** The same for the activity that follows the end of a driver. */
  ofEnded(attempt: AttemptRecord, stateAfter: ApplicationState): Counting {
    const { succeeded = 0, failed = 0 } = attempt.ending?.outcome.executors ?? {};
    const executors: readonly CountedFact[] =
      succeeded + failed === 0 ? [] : [{ fact: ApplicationFact.DriverEnded, succeeded, failed }];
    return this.with(attempt, [...executors, ...lastFact(attempt, stateAfter)]);
  }

  private with(attempt: AttemptRecord, more: readonly CountedFact[]): Counting {
    const facts = [...this.newFacts(attempt), ...more];
    const labels = labelsOf(this.application.manifest);
    const counts = present({
      labels: Object.keys(labels).length === 0 ? undefined : labels,
      facts: facts.length === 0 ? undefined : facts,
    });
    return Object.keys(counts).length === 0 ? {} : { counts };
  }

  private newFacts({ number, identity, submission, startedAt }: AttemptRecord): readonly CountedFact[] {
    const { submissionId } = identity;
    const before = this.handedOut.get(submissionId) ?? new Set();
    this.handedOut.set(submissionId, before);
    const facts: CountedFact[] = number === 1 ? [{ fact: ApplicationFact.Created }] : [];
    if (submission !== undefined) {
      const latency = (until: string) => (this.isFirstDriver(submissionId) ? { latencySeconds: ageAt(until) } : {});
      facts.push({ fact: ApplicationFact.Submitted, ...latency(submission.at) });
      if (startedAt !== undefined) facts.push({ fact: ApplicationFact.Started, ...latency(startedAt) });
    }
    const isNew = facts.filter(({ fact }) => !before.has(fact));
    for (const { fact } of isNew) before.add(fact);
    return isNew;
  }

  /** A run that continues another has had one before. */
  private isFirstDriver(submissionId: string): boolean {
    if (workflowInfo().continuedFromExecutionRunId !== undefined) return false;
    const submitted = [...this.handedOut].find(([, facts]) => facts.has(ApplicationFact.Submitted));
    return submitted === undefined || submitted[0] === submissionId;
  }
}

function labelsOf({ metadata }: SparkApplicationManifest): Record<string, string> {
  const labels = Object.entries(asRecord(metadata.labels)).filter(
    (entry): entry is [string, string] =>
      entry[0].length <= Longest.Key && typeof entry[1] === 'string' && entry[1].length <= Longest.Value,
  );
  return Object.fromEntries(labels.slice(0, LABELS_AT_MOST));
}

/** What an application has come to by the end of an attempt; nothing where it continues, or was stopped. */
function lastFact({ identity, ending }: AttemptRecord, stateAfter: ApplicationState): readonly CountedFact[] {
  const { Completed, Failed } = ApplicationState;
  if (ending === undefined || (stateAfter !== Completed && stateAfter !== Failed)) return [];
  const fact = stateAfter === Completed ? ApplicationFact.Completed : ApplicationFact.Failed;
  return [{ fact, executionSeconds: secondsBetween(identity.submitTime, ending.finishedAt) }];
}

/** Of the application, in seconds. */
const ageAt = (time: string): number => secondsBetween(workflowInfo().startTime.getTime(), time);

/** Not negative: nodes have other clocks. */
const secondsBetween = (fromMs: number, until: string): number => Math.max(0, Date.parse(until) - fromMs) / 1000;
