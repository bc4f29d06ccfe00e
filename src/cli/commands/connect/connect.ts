import { setTimeout as sleep } from 'node:timers/promises';
import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  Resources,
  type CustomObject,
  type KubernetesClient,
} from '../../../kubernetes/index.ts';
import { CONNECT_PORT, ConnectAnnotation } from '../../../manifest/index.ts';
import { present } from '../../../validation/present.ts';
import { asList, asRecord, asText } from '../../../validation/unknown-data.ts';
import { connectCluster } from '../../connect-cluster.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import type { ClusterFlags, NamespaceFlags } from '../../flags.ts';
import { printable } from '../../output/printable.ts';
import { LocalPort } from '../ui/local-port.ts';

export interface ConnectFlags extends ClusterFlags, NamespaceFlags {
  readonly forward?: boolean;
  readonly port?: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** A session whose server answers. */
interface ReadySession {
  readonly podName: string;
  readonly serviceName: string;
  /** For clients outside the cluster. */
  readonly address?: string;
}

/** Prints the address of a session, or serves a local port that is forwarded to its server. */
export async function connect(session: string, flags: ConnectFlags): Promise<ExitCode> {
  const { namespace, name } = namesOf(session, flags.namespace);
  const kubernetes = await connectCluster(flags, undefined);
  try {
    await request(kubernetes, namespace, name);
    const { podName, serviceName, address } = await untilReady({
      ...{ kubernetes, namespace, name, timeoutMs: flags.timeout },
    });
    if (flags.forward !== true && flags.port === undefined) {
      const inCluster = `sc://${serviceName}.${namespace}.svc:${CONNECT_PORT}`;
      console.log(printable(address ?? inCluster));
      if (address !== undefined) console.error(printable(`Within the cluster: ${inCluster}`));
      return ExitCode.Ok;
    }
    const local = await LocalPort.open({
      port: flags.port ?? 0,
      connect: (signal) => kubernetes.connectToPod(namespace, podName, CONNECT_PORT, { signal }),
      onTrouble: (problem) => console.error(printable(`${problem} It is tried again.`)),
    });
    console.log(`sc://localhost:${local.port}`);
    console.error(`Spark Connect server of ${namespace}/${name}, also after its restarts. It ends with Ctrl-C.`);
    return await new Promise<never>(() => undefined);
  } finally {
    kubernetes.close();
  }
}

function namesOf(session: string, namespace = 'default'): { readonly namespace: string; readonly name: string } {
  const [first, second, ...rest] = session.split('/');
  if (rest.length > 0 || !first || second === '') {
    throw new CliError(ExitCode.BadInput, `${session} is not a session: give NAME or NAMESPACE/NAME.`);
  }
  return second === undefined ? { namespace, name: first } : { namespace: first, name: second };
}

/** Starts a server that is stopped; one that runs is not stopped for its idle time from now. @throws CliError */
async function request(kubernetes: KubernetesClient, namespace: string, name: string): Promise<void> {
  const annotations = { [ConnectAnnotation.RequestedAt]: new Date(kubernetes.now()).toISOString() };
  try {
    await kubernetes.patch(Resources.sparkConnects, namespace, name, PatchType.Merge, { metadata: { annotations } });
  } catch (error) {
    if (isKubernetesError(error, KubernetesErrorType.NotFound)) throw missing(namespace, name, error);
    // Who may only read can use a server that runs.
    if (!isKubernetesError(error, KubernetesErrorType.Forbidden)) throw error;
    console.error(printable(`Cannot request the session; one that is stopped is not started: ${error.message}`));
  }
}

const missing = (namespace: string, name: string, error?: unknown): CliError =>
  new CliError(
    ExitCode.BadInput,
    `SparkConnect ${namespace}/${name} does not exist; to list them: kubectl get sparkconnects -n ${namespace}`,
    error,
  );

export interface UntilReadyOptions {
  readonly kubernetes: Pick<KubernetesClient, 'get'>;
  readonly namespace: string;
  readonly name: string;
  readonly timeoutMs: number;
  /** Milliseconds between two reads: a watch would take the right to list. @default 1000 */
  readonly intervalMs?: number;
}

/** Waits until the server of a session answers. @throws CliError where it fails, is deleted, or takes too long */
export async function untilReady(options: UntilReadyOptions): Promise<ReadySession> {
  const { kubernetes, namespace, name, timeoutMs, intervalMs = 1_000 } = options;
  const until = performance.now() + timeoutMs;
  for (let shown = ''; ;) {
    const found = await kubernetes.get<CustomObject>(Resources.sparkConnects, namespace, name);
    if (found === undefined) throw missing(namespace, name);
    const { state = '', message, podName, serviceName, address } = statusOf(found);
    if (state === 'Ready' && podName !== undefined && serviceName !== undefined) {
      return { podName, serviceName, ...present({ address }) };
    }
    const now = `${state === '' ? 'new: no operator has served it yet' : state}${message === '' ? '' : `: ${message}`}`;
    const subject = `SparkConnect ${namespace}/${name} is ${now}`;
    if (state === 'Failed') throw new CliError(ExitCode.Failed, subject);
    if (performance.now() > until) {
      throw new CliError(ExitCode.Failed, `Timed out after ${timeoutMs / 1000} s waiting for its server: ${subject}`);
    }
    if (shown !== subject) console.error(printable(subject));
    shown = subject;
    await sleep(intervalMs);
  }
}

function statusOf({ status }: CustomObject) {
  const conditions = asList(status?.['conditions']).map(asRecord);
  const ready = conditions.find(({ type }) => type === 'ServerPodReady');
  const exposed = conditions.find(({ type, status: is }) => type === 'Exposed' && is === 'True');
  const { podName, serviceName } = asRecord(status?.['server']);
  return {
    state: asText(status?.['state']) ?? '',
    message: asText(ready?.['message']) ?? '',
    podName: asText(podName),
    serviceName: asText(serviceName),
    address: asText(exposed?.['message']),
  };
}
