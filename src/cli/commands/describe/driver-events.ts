import { Resources, type CoreEvent, type KubernetesClient, type Pod } from '../../../kubernetes/index.ts';
import { Label } from '../../../spark/metadata.ts';
import { present } from '../../../validation/present.ts';

/** Events that are read, at most: the API server sorts them by name, not by time. */
const READ = 500;
const SHOWN = 10;

/** The driver pod of the last attempt, as its workflow knows it. */
export interface DescribedDriver {
  readonly namespace: string;
  readonly podName: string;
  readonly submissionId: string;
  /** RFC 3339: an Event of a pod that no longer exists is of this attempt if it is not older. */
  readonly since?: string;
}

export interface DriverEvent {
  /** RFC 3339. */
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

/** The last Events of a driver pod, newest last. @throws KubernetesError */
export async function driverEvents(
  kubernetes: KubernetesClient,
  { namespace, podName, submissionId, since }: DescribedDriver,
  signal: AbortSignal,
): Promise<readonly DriverEvent[]> {
  const { metadata } = (await kubernetes.get<Pod>(Resources.pods, namespace, podName, { signal })) ?? {};
  const uid = metadata?.labels?.[Label.SubmissionId] === submissionId ? metadata.uid : undefined;
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${podName}`;
  const { items } = await kubernetes.page<CoreEvent>(Resources.events, namespace, undefined, {
    ...{ signal, limit: READ },
    fieldSelector: uid === undefined ? fieldSelector : `${fieldSelector},involvedObject.uid=${uid}`,
  });
  // An Event has whole seconds.
  const first = uid === undefined && since !== undefined ? Math.floor(Date.parse(since) / 1000) * 1000 : 0;
  return items
    .map(eventOf)
    .filter(({ time }) => Date.parse(time) >= first)
    .toSorted((one, other) => Date.parse(one.time) - Date.parse(other.time))
    .slice(-SHOWN);
}

function eventOf({ lastTimestamp, eventTime, metadata, series, ...event }: CoreEvent): DriverEvent {
  const { type = 'Normal', reason = '', message = '', count } = event;
  const time = series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';
  return { type, reason, message, time: String(time), ...{ count: 1, ...present({ count: series?.count ?? count }) } };
}
