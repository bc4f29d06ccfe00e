import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { SparkApplicationFailedError, type SparkApplicationResult } from '../../src/index.ts';
import { Resources, type KubernetesObject, type Resource } from '../../src/kubernetes/index.ts';
import { toSubmissionId } from '../../src/spark/attempt.ts';
import { DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import { present } from '../../src/validation/present.ts';
import type { Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import type { Audited } from './audit-log.ts';
import { storyOf, textOf, timeOf, type HistoryEvent } from './history-facts.ts';
import { HEARD_WITHIN_MS, type Evidence, type LeftObject } from './invariants.ts';
import type { PodObserver } from './pod-observer.ts';
import { askedIn, resourceEvidence } from './resource-evidence.ts';
import type { ResourceObserver } from './resource-observer.ts';
import { RunHistories, type RunHistory } from './run-histories.ts';
import { SUBMISSION_JOB } from '../../src/submitters/spark-submit-job/submission-job.ts';
import { Shape } from './shapes.ts';
import type { Subject } from './subject.ts';

/** What the garbage collector may take to remove what a deleted driver owned. */
const COLLECTED_MS = 90_000;

/** Everything of these namespaces that is of an application, by `namespace/application`. */
export type LeftObjects = ReadonlyMap<string, readonly LeftObject[]>;

export async function gather(
  { client, spark, kubernetes }: Environment,
  subject: Subject,
  {
    observer,
    audited,
    resources,
    left,
    released,
  }: {
    readonly observer: PodObserver;
    readonly audited: Audited;
    /** Where it serves a resource. */
    readonly resources: ResourceObserver | undefined;
    readonly left: LeftObjects;
    /** UIDs of drivers that housekeeping released. */
    readonly released: boolean;
  },
): Promise<Evidence> {
  const { workflowId, parentId, expected } = subject;
  const key = `${subject.namespace}/${subject.resourceName}`;
  // Of the last run: it may have been reset.
  const workflow = client.workflow.getHandle(workflowId);
  const description = await workflow.describe().catch(ifMissing);
  const status = description?.status.name ?? 'MISSING';
  const firstRunId = description?.raw.workflowExecutionInfo?.firstRunId ?? '';
  const attempts = Array.from({ length: expected.attempts }, (_, index) => index + 1);
  const isOver = description !== undefined && status !== 'RUNNING';
  const events = description === undefined ? [] : ((await workflow.fetchHistory()).events ?? []);
  const runs = await runsOf({ client, resources }, subject);
  const result = isOver ? await resultOf(spark.result(workflowId)) : undefined;
  const ids = attempts.map((attempt) => toSubmissionId({ workflowId, firstRunId, attempt }));
  const earlier = resources === undefined ? runs.slice(0, -1) : runs.filter(({ uid }) => uid !== subject.uid);
  const before = earlier.flatMap(({ events }) => askedIn(events));
  return {
    expected,
    submissionIds: [...before, ...ids],
    workflowStatus: status,
    story: storyOf(events),
    ...present({
      unasked: askedIn(events).length === 0 ? (true as const) : undefined,
      parentStatus: parentId && (await client.workflow.getHandle(parentId).describe()).status.name,
      closedAt: description?.closeTime?.getTime(),
      standstill: isOver ? undefined : await standstillOf({ kubernetes, client }, subject),
      result,
      kill: killOf(subject, events),
    }),
    pods: observer.podsOf(subject.resourceName),
    creations: audited.creations.get(key) ?? [],
    releases: audited.releases.get(key) ?? [],
    removals: audited.removals.get(key) ?? [],
    outcomes: outcomesIn([...earlier.flatMap((run) => run.events), ...events]),
    left: left.get(key) ?? [],
    releasedByHousekeeping: released,
    ...present({ resource: resources && (await resourceEvidence(subject, { resources, audited, runs, result })) }),
  };
}

/**
 * The runs of a workflow that may have several: of a resource that was deleted and created again, and of a stage, which
 * runs again where it ended just before its pipeline was reset.
 */
async function runsOf(
  { client, resources }: { readonly client: Client; readonly resources: ResourceObserver | undefined },
  { resourceName, parentId, workflowId }: Subject,
): Promise<readonly RunHistory[]> {
  if (resources !== undefined) return resources.runsOf(resourceName);
  return parentId === undefined ? [] : new RunHistories(client).readAll(workflowId);
}

/** A stage that its pipeline never started. */
function ifMissing(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

/**
 * A kill is heard where a worker calls the API server for the driver, or, while the application is being submitted, where
 * one has taken the workflow task.
 */
function killOf({ killedAt, calledAt, blows, point }: Subject, events: readonly HistoryEvent[]): Evidence['kill'] {
  if (killedAt === undefined) return undefined;
  const asked = events.findIndex(({ workflowExecutionCancelRequestedEventAttributes: request }) => request != null);
  const taken = events.slice(asked).find(({ workflowTaskCompletedEventAttributes: task }) => task != null);
  const takenAt = asked === -1 || taken === undefined ? undefined : timeOf(taken);
  const heardAt = point.shape === Shape.CancelledEarly ? takenAt : (calledAt ?? takenAt);
  return { at: killedAt, ...present({ heardAt }), heardBy: blows!.after(killedAt, HEARD_WITHIN_MS) };
}

/** What is under way, and what the cluster has of the driver and of the resource. No worker runs that could be asked. */
async function standstillOf(
  { kubernetes, client }: Pick<Environment, 'kubernetes' | 'client'>,
  { namespace, application, resourceName, workflowId, isServed }: Subject,
): Promise<string> {
  const { raw, memo } = (await client.workflow.getHandle(workflowId).describe().catch(ifMissing)) ?? {};
  const activities = raw?.pendingActivities?.map(({ activityType, state, attempt, lastFailure }) => ({
    ...{ type: activityType?.name, state, attempt, failure: lastFailure?.message },
  }));
  const resource = isServed ? await kubernetes.get(Resources.sparkApplications, namespace, resourceName) : undefined;
  const { generation, deletionTimestamp } = resource?.metadata ?? {};
  const pod = await kubernetes.get(Resources.pods, namespace, `${application}-driver`);
  return JSON.stringify({
    ...{
      activities,
      served: memo?.['resource'],
      resource: { generation, deletionTimestamp, status: resource?.status },
    },
    ...{ driver: pod?.status, node: pod?.spec?.nodeName },
  });
}

async function resultOf(result: Promise<SparkApplicationResult>): Promise<SparkApplicationResult | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof SparkApplicationFailedError) return error.result;
    throw error;
  }
}

/** When the results of waits and stops that have an end got into history. */
function outcomesIn(events: readonly HistoryEvent[]): Evidence['outcomes'] {
  const submissions = new Map<string, string>();
  const outcomes: { submissionId: string; at: number }[] = [];
  for (const event of events) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) {
      const [, submissionId] = /"submissionId":"([^"]+)"/.exec(textOf(scheduled.input)) ?? [];
      if (submissionId !== undefined) submissions.set(String(event.eventId), submissionId);
    }
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed == null || !textOf(completed.result).includes('"succeeded":')) continue;
    const submissionId = submissions.get(String(completed.scheduledEventId));
    if (submissionId === undefined || outcomes.some((outcome) => outcome.submissionId === submissionId)) continue;
    outcomes.push({ submissionId, at: timeOf(event) });
  }
  return outcomes;
}

/** What is left, once the garbage collector has had its time. */
export async function leftObjects({ kubernetes }: Environment, namespaces: readonly string[]): Promise<LeftObjects> {
  const look = async (): Promise<Map<string, LeftObject[]>> => {
    const found = new Map<string, LeftObject[]>();
    const kinds: [Resource<KubernetesObject>, string][] = [
      [Resources.pods, Label.SubmissionId],
      [Resources.services, Label.SubmissionId],
      [Resources.configMaps, Label.SubmissionId],
      [Resources.jobs, SUBMISSION_JOB],
    ];
    for (const namespace of namespaces) {
      for (const [resource, labelSelector] of kinds) {
        for await (const page of kubernetes.list(resource, namespace, { labelSelector })) {
          for (const { metadata = {} } of page) {
            const key = `${namespace}/${metadata.labels?.[Label.AppName]}`;
            const { finalizers = [], ownerReferences = [], labels = {} } = metadata;
            const object: LeftObject = {
              kind: resource.kind,
              name: metadata.name!,
              uid: metadata.uid!,
              held: finalizers.includes(DRIVER_FINALIZER),
              owners: ownerReferences.map(({ uid }) => uid),
              ...(labels[Label.SubmissionId] === undefined ? {} : { submissionId: labels[Label.SubmissionId] }),
            };
            found.set(key, [...(found.get(key) ?? []), object]);
          }
        }
      }
    }
    return found;
  };
  const isCollected = (objects: readonly LeftObject[]): boolean => {
    const uids = new Set(objects.filter(({ kind }) => kind === 'Pod').map(({ uid }) => uid));
    return objects.every(
      ({ kind, owners }) => ['Pod', 'Job'].includes(kind) || owners.some((owner) => uids.has(owner)),
    );
  };
  const waited = eventually(
    'what is owned by nobody to be collected',
    async () => {
      const found = await look();
      return [...found.values()].every(isCollected) && found;
    },
    { timeoutMs: COLLECTED_MS },
  );
  // The invariants report what is left then.
  return waited.catch(look);
}
