import type { Pod } from '../../kubernetes/index.ts';
import { ApplicationState } from '../../protocol/index.ts';
import { present } from '../../validation/present.ts';
import { asList, asRecord, asText, type UnknownRecord } from '../../validation/unknown-data.ts';

/** The operator's states of a session; empty before there is a status. */
export const ConnectState = {
  /** The server is being started. */
  Provisioning: 'Provisioning',
  /** The server accepts connections. */
  Ready: 'Ready',
  /** The server does not answer, waits for its restart, or is stopped because it was idle. */
  NotReady: 'NotReady',
  /** The session is not served until it is edited. */
  Failed: 'Failed',
} as const;
export type ConnectState = (typeof ConnectState)[keyof typeof ConnectState];

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** `status` of a SparkConnect, as the operator writes it. Times are RFC 3339. */
export interface ConnectStatus {
  readonly conditions: readonly Condition[];
  readonly state: ConnectState;
  readonly server: { readonly podName?: string; readonly podIp?: string; readonly serviceName?: string };
  /** By phase of the pods, in lower case. */
  readonly executors?: Readonly<Record<string, number>>;
  readonly startTime: string;
  readonly lastUpdateTime: string;
}

/** The route by which clients outside the cluster reach a session. */
export type RouteFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'Ingress' | 'GRPCRoute'; readonly address: string }
  /** It could not be written. */
  | { readonly kind: 'Ingress' | 'GRPCRoute'; readonly fault: string };

export interface ConnectFacts {
  readonly name: string;
  /** The status that the resource has. */
  readonly before: unknown;
  /** RFC 3339. */
  readonly now: string;
  /** Why there is no server: the resource is invalid, or another has a name of it. */
  readonly fault?: string;
  /** Of the SparkApplication of the server; undefined before there is one. */
  readonly server?: { readonly state: string; readonly errorMessage?: string; readonly isStopped: boolean };
  readonly pod?: Pod;
  readonly executors: readonly Pod[];
  readonly serviceName: string;
  /** @default what the status shows already */
  readonly route?: RouteFacts;
}

const EXPOSED = 'Exposed';

/** The route that a status shows; undefined where it shows none. */
export function shownRoute(status: unknown): { readonly kind: string; readonly isExposed: boolean } | undefined {
  const condition = conditionOf(status, EXPOSED);
  if (condition === undefined) return undefined;
  const kind = /^(GRPCRoute|Ingress)/.exec(asText(condition['reason']) ?? '')?.[0] ?? '';
  return { kind, isExposed: condition['status'] === 'True' };
}

const MESSAGE_LIMIT = 5_000;

/** The status of a session. Pure. Only `lastUpdateTime` differs where nothing has changed. */
export function connectStatus(facts: ConnectFacts): ConnectStatus {
  const { before, now, pod, serviceName, executors } = facts;
  const { state, message } = stateOf(facts);
  const isReady = state === ConnectState.Ready;
  const isIdle = facts.server?.isStopped === true;
  const { metadata, status } = pod ?? {};
  const counts = countByPhase(executors);
  const condition = (type: string, isTrue: boolean, reason: string, text: string): Condition =>
    asChanged(before, now, { type, status: isTrue ? 'True' : 'False', reason, message: text });
  return {
    conditions: [
      condition('ServerPodReady', isReady, isReady ? 'ServerPodReady' : 'ServerPodNotReady', message),
      condition('Idle', isIdle, isIdle ? 'NoQueries' : 'InUse', isIdle ? message : 'The server is not stopped'),
      ...exposed(facts, condition),
    ],
    state,
    server: present({ podName: metadata?.name, podIp: status?.podIP, serviceName }),
    ...(Object.keys(counts).length === 0 ? {} : { executors: counts }),
    startTime: asText(asRecord(before)['startTime']) ?? now,
    lastUpdateTime: now,
  };
}

function exposed<C>(
  { before, route }: ConnectFacts,
  condition: (type: string, isTrue: boolean, reason: string, text: string) => C,
): C[] {
  if (route === undefined) return [conditionOf(before, EXPOSED)].filter((each) => each !== undefined) as C[];
  if (route.kind === 'none') return [];
  return 'fault' in route
    ? [condition(EXPOSED, false, `${route.kind}NotWritten`, route.fault.slice(0, MESSAGE_LIMIT).toWellFormed())]
    : [condition(EXPOSED, true, `${route.kind}Written`, route.address)];
}

interface Shown {
  readonly state: ConnectState;
  readonly message: string;
}

function stateOf({ name, fault, server, pod }: ConnectFacts): Shown {
  const shown = (state: ConnectState, message: string): Shown => ({
    ...{ state, message: message.slice(0, MESSAGE_LIMIT).toWellFormed() },
  });
  if (server === undefined) {
    return fault === undefined
      ? shown(ConnectState.Provisioning, 'The server is being started')
      : shown(ConnectState.Failed, fault);
  }
  const { state, errorMessage = 'the server has ended', isStopped } = server;
  if (isStopped) {
    const remedy = `start it with temporal-spark connect ${name}, or a new value of the annotation temporal-spark/requested-at`;
    return shown(ConnectState.NotReady, `The server is stopped because it was idle; ${remedy}`);
  }
  switch (state) {
    case ApplicationState.Completed:
    case ApplicationState.Failed:
      return shown(ConnectState.Failed, `The server is not started again: ${errorMessage}`);
    case ApplicationState.SubmissionFailed:
    case ApplicationState.Failing:
    case ApplicationState.Succeeding:
    case ApplicationState.PendingRerun:
      return shown(ConnectState.NotReady, `The server is started again: ${errorMessage}`);
    case ApplicationState.Suspending:
    case ApplicationState.Suspended:
      return shown(
        ConnectState.NotReady,
        `The server is suspended; resume it with temporal-spark resume ${name}-server`,
      );
    default:
      return pod === undefined
        ? shown(ConnectState.Provisioning, 'The server is being started')
        : stateOfPod(pod, shown);
  }
}

function stateOfPod({ metadata, status }: Pod, shown: (state: ConnectState, message: string) => Shown): Shown {
  if (metadata?.deletionTimestamp !== undefined) return shown(ConnectState.NotReady, 'Server pod is being deleted');
  if (isReady(status)) return shown(ConnectState.Ready, 'Server pod is ready');
  // Its startup probe has passed.
  const hasStarted = status?.containerStatuses?.some(({ started }) => started === true) === true;
  const why = status?.message ?? waitingReason(status) ?? `its phase is ${status?.phase ?? 'unknown'}`;
  return shown(hasStarted ? ConnectState.NotReady : ConnectState.Provisioning, `Server pod is not ready: ${why}`);
}

const isReady = (status: Pod['status']): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;

/** Since when a pod is ready, in milliseconds since the epoch; undefined where it is not. */
export function readySince({ status }: Pod): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? Date.parse(ready.lastTransitionTime ?? '') || undefined : undefined;
}

const waitingReason = (status: Pod['status']): string | undefined =>
  status?.containerStatuses?.map(({ state }) => state?.waiting?.reason).find((reason) => reason !== undefined);

function countByPhase(pods: readonly Pod[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of pods) {
    const phase = (status?.phase ?? 'Unknown').toLowerCase();
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return counts;
}

/** With the time of its last change. */
function asChanged(before: unknown, now: string, condition: Omit<Condition, 'lastTransitionTime'>): Condition {
  const known = conditionOf(before, condition.type);
  const since = known?.['status'] === condition.status ? asText(known['lastTransitionTime']) : undefined;
  return { ...condition, lastTransitionTime: since ?? now };
}

const conditionOf = (status: unknown, type: string): UnknownRecord | undefined =>
  asList(asRecord(status)['conditions'])
    .map(asRecord)
    .find((condition) => condition['type'] === type);
