import { SparkApplicationFailedError, type SparkApplicationResult } from '../../src/index.ts';
import { Resources, type KubernetesObject, type Resource } from '../../src/kubernetes/index.ts';
import { toSubmissionId } from '../../src/spark/attempt.ts';
import { DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import type { Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import type { AuditedPods } from './audit-log.ts';
import type { Evidence, LeftObject } from './invariants.ts';
import type { PodObserver } from './pod-observer.ts';
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
    left,
    released,
  }: {
    readonly observer: PodObserver;
    readonly audited: AuditedPods;
    readonly left: LeftObjects;
    /** UIDs of drivers that housekeeping had to release. */
    readonly released: boolean;
  },
): Promise<Evidence> {
  const { workflowId, runId, expected } = subject;
  const key = `${subject.namespace}/${subject.application}`;
  const workflow = client.workflow.getHandle(workflowId, runId);
  const { status } = await workflow.describe();
  const attempts = Array.from({ length: expected.attempts }, (_, index) => index + 1);
  const result = status.name === 'RUNNING' ? undefined : await resultOf(spark.result(workflowId));
  return {
    expected,
    submissionIds: attempts.map((attempt) => toSubmissionId({ workflowId, firstRunId: runId!, attempt })),
    workflowStatus: status.name,
    ...(status.name === 'RUNNING' ? { standstill: await standstillOf({ kubernetes, spark }, subject) } : {}),
    ...(result === undefined ? {} : { result }),
    pods: observer.podsOf(subject.application),
    creations: audited.creations.get(key) ?? [],
    releases: audited.releases.get(key) ?? [],
    outcomes: await outcomesOf(workflow),
    left: left.get(key) ?? [],
    releasedByHousekeeping: released,
  };
}

/** What the application says of itself, and what the cluster says of its driver. */
async function standstillOf(
  { kubernetes, spark }: Pick<Environment, 'kubernetes' | 'spark'>,
  { namespace, application, workflowId }: Subject,
): Promise<string> {
  const asked = await spark.describe(workflowId).catch((error: unknown) => ({ status: { error: String(error) } }));
  const pod = await kubernetes.get(Resources.pods, namespace, `${application}-driver`);
  return JSON.stringify({ application: asked.status, driver: pod?.status, node: pod?.spec?.nodeName });
}

async function resultOf(result: Promise<SparkApplicationResult>): Promise<SparkApplicationResult | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof SparkApplicationFailedError) return error.result;
    throw error;
  }
}

/** When the results of waits and stops that tell of an end got into history. */
async function outcomesOf(
  workflow: ReturnType<Environment['client']['workflow']['getHandle']>,
): Promise<Evidence['outcomes']> {
  const { events } = await workflow.fetchHistory();
  const submissions = new Map<string, string>();
  const outcomes: { submissionId: string; at: number }[] = [];
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled != null) {
      const [, submissionId] = /"submissionId":"([^"]+)"/.exec(textOf(scheduled.input)) ?? [];
      if (submissionId !== undefined) submissions.set(String(event.eventId), submissionId);
    }
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed == null || !textOf(completed.result).includes('"succeeded":')) continue;
    const submissionId = submissions.get(String(completed.scheduledEventId));
    if (submissionId === undefined || outcomes.some((outcome) => outcome.submissionId === submissionId)) continue;
    const { seconds, nanos } = event.eventTime!;
    outcomes.push({ submissionId, at: Number(seconds) * 1000 + (nanos ?? 0) / 1e6 });
  }
  return outcomes;
}

function textOf(payloads: { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined): string {
  return (payloads?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()).join('\n');
}

/** What is left, once the garbage collector has had its time. */
export async function leftObjects({ kubernetes }: Environment, namespaces: readonly string[]): Promise<LeftObjects> {
  const look = async (): Promise<Map<string, LeftObject[]>> => {
    const found = new Map<string, LeftObject[]>();
    const kinds: Resource<KubernetesObject>[] = [Resources.pods, Resources.services, Resources.configMaps];
    for (const namespace of namespaces) {
      for (const resource of kinds) {
        for await (const page of kubernetes.list(resource, namespace, { labelSelector: Label.SubmissionId })) {
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
    return objects.every(({ kind, owners }) => kind === 'Pod' || owners.some((owner) => uids.has(owner)));
  };
  const waited = eventually(
    'what is owned by nobody to be collected',
    async () => {
      const found = await look();
      return [...found.values()].every(isCollected) && found;
    },
    { timeoutMs: COLLECTED_MS },
  );
  // What is left then is left: that is for the invariants to say.
  return waited.catch(look);
}
