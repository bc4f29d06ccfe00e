import { isKubernetesError, Resources, type KubernetesClient } from '../kubernetes/index.ts';
import type { Pod } from '../kubernetes/objects.ts';
import { Label } from '../spark/metadata.ts';
import type { ArchiveStore } from './archive-store.ts';
import { hasStarted, isRunning, waitingReason } from './container.ts';
import { executorsIn, folderOf, type LoggedAttempt, type LoggedContainer } from './layout.ts';
import { readArchive } from './read-archive.ts';
import { readContainer, type ReadContainerOptions } from './read-container.ts';
import { present } from '../validation/present.ts';

/** Where a log comes from, in the order in which they are asked. */
export const LogSource = {
  /** The kubelet of the pod's node: it has a log until the pod is deleted, and the last 10 MiB of it by default. */
  Kubelet: 'kubelet',
  Archive: 'archive',
  /** The end of the log of a driver that failed, in the result of its workflow. */
  Recorded: 'recorded',
} as const;
export type LogSource = (typeof LogSource)[keyof typeof LogSource];

/** An attempt whose logs are wanted, as its workflow knows it. */
export interface LogTarget extends LoggedAttempt {
  /** Absent where only the archive can know it. */
  readonly driver?: { readonly podName: string; readonly submissionId: string };
  /** The end of its driver's log, as far as the workflow has it. */
  readonly recorded?: string;
}

/** Where logs are looked for. */
export interface LogSources {
  /** @default not asked; a function that fails is a reason to ask the next source */
  readonly kubernetes?: () => Promise<KubernetesClient>;
  /** @default not asked */
  readonly archive?: ArchiveStore;
}

export interface FindLogOptions extends ReadContainerOptions {
  /** Ask this source alone. @default each, in their order */
  readonly source?: LogSource;
}

/** A log that was found, as bytes that the container wrote. */
export interface FoundLog extends AsyncIterable<Uint8Array> {
  readonly source: LogSource;
  /** For people: the pod, the URL of the archive, or the workflow. */
  readonly location: string;
  /** Why the sources before it have none. */
  readonly passedOver: readonly string[];
  /** What was asked for and this source cannot do: an archive has no times, and does not grow. */
  readonly ignored: readonly ('since' | 'tailLines' | 'follow')[];
}

/** No source has the log; `reasons` has one sentence for each. */
export class LogNotFoundError extends Error {
  override readonly name = 'LogNotFoundError';
  readonly reasons: readonly string[];

  constructor(what: string, reasons: readonly string[]) {
    super(`There is no log of ${what}:\n${reasons.map((reason) => `  ${reason}`).join('\n')}`);
    this.reasons = reasons;
  }
}

type Found = Omit<FoundLog, 'passedOver' | typeof Symbol.asyncIterator> & { readonly bytes: AsyncIterable<Uint8Array> };

/** @throws LogNotFoundError where no source has it */
export async function findLog(
  target: LogTarget,
  container: LoggedContainer,
  { kubernetes, archive }: LogSources,
  options: FindLogOptions = {},
): Promise<FoundLog> {
  const ask: Readonly<Record<LogSource, () => Promise<Found | string>>> = {
    kubelet: () => fromKubelet(target, container, kubernetes, options),
    archive: () => fromArchive(target, container, archive, options),
    recorded: async () => fromResult(target, container, options),
  };
  const passedOver: string[] = [];
  for (const source of options.source === undefined ? Object.values(LogSource) : [options.source]) {
    const found = await ask[source]();
    if (typeof found === 'string') passedOver.push(`${source}: ${found}`);
    else {
      const { bytes, ...about } = found;
      return { ...about, passedOver, [Symbol.asyncIterator]: () => bytes[Symbol.asyncIterator]() };
    }
  }
  const whose = container === 'driver' ? 'the driver' : `executor ${container.executor}`;
  throw new LogNotFoundError(`${whose} of ${target.namespace}/${target.name}, attempt ${target.attempt}`, passedOver);
}

/** IDs of the executors of an attempt that the API server or the archive has, in order. */
export async function findExecutors(
  target: LogTarget,
  { kubernetes, archive }: LogSources,
  signal?: AbortSignal,
): Promise<string[]> {
  const listed = async () => (kubernetes === undefined ? [] : executorPods(target, await kubernetes(), signal));
  const pods = await listed().catch(() => []);
  const running = pods.map(({ metadata }) => `executor-${metadata?.labels?.['spark-exec-id']}.log`);
  const stored = (await archive?.list(folderOf(target), signal)) ?? [];
  return executorsIn([...running, ...stored.map(({ name }) => name)]);
}

async function fromKubelet(
  target: LogTarget,
  container: LoggedContainer,
  connect: LogSources['kubernetes'],
  options: FindLogOptions,
): Promise<Found | string> {
  if (connect === undefined) return 'no cluster was given';
  try {
    const kubernetes = await connect();
    const pod = await podOf(target, container, kubernetes, options.signal);
    if (typeof pod === 'string') return pod;
    const { namespace, name } = pod.metadata!;
    if (!hasStarted(pod)) return `pod ${namespace}/${name} has not started: ${waitingReason(pod) ?? 'Pending'}`;
    const log = readContainer(kubernetes, pod, options);
    // The first bytes of a container that runs may be long in coming.
    const bytes = options.follow === true && isRunning(pod) ? log : await begun(log);
    return { source: LogSource.Kubelet, location: `pod ${namespace}/${name}`, ignored: [], bytes };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isKubernetesError(error)) return error.message;
    throw error;
  }
}

/** Reads the first bytes, which a kubelet may refuse. */
async function begun(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  })();
}

async function podOf(
  target: LogTarget,
  container: LoggedContainer,
  kubernetes: KubernetesClient,
  signal: AbortSignal | undefined,
): Promise<Pod | string> {
  const { namespace, driver } = target;
  if (driver === undefined) return `the pod of attempt ${target.attempt} is not known any more`;
  if (container === 'driver') {
    const pod = await kubernetes.get(Resources.pods, namespace, driver.podName, present({ signal }));
    if (pod === undefined) return `pod ${namespace}/${driver.podName} no longer exists`;
    const isOurs = pod.metadata?.labels?.[Label.SubmissionId] === driver.submissionId;
    return isOurs ? pod : `pod ${namespace}/${driver.podName} is of another attempt`;
  }
  const pods = await executorPods(target, kubernetes, signal);
  const pod = pods.find(({ metadata }) => metadata?.labels?.['spark-exec-id'] === container.executor);
  return pod ?? `the pod of executor ${container.executor} no longer exists`;
}

async function executorPods(
  { namespace, driver }: LogTarget,
  kubernetes: KubernetesClient,
  signal: AbortSignal | undefined,
): Promise<Pod[]> {
  if (driver === undefined) return [];
  const labelSelector = `${Label.SubmissionId}=${driver.submissionId},spark-role=executor`;
  const pods: Pod[] = [];
  for await (const page of kubernetes.list(Resources.pods, namespace, { labelSelector, ...present({ signal }) })) {
    pods.push(...page);
  }
  return pods;
}

async function fromArchive(
  target: LogTarget,
  container: LoggedContainer,
  archive: ArchiveStore | undefined,
  options: FindLogOptions,
): Promise<Found | string> {
  if (archive === undefined)
    return 'no archive is configured: set TEMPORAL_SPARK_LOG_ARCHIVE or --archive to that of the workers';
  const folder = folderOf(target);
  try {
    const found = await readArchive({ store: archive, folder, container }, options.signal);
    if (found === undefined) return `${archive.url}/${folder} has no log of it`;
    return { source: LogSource.Archive, ...found, ignored: asked(options, ['since', 'tailLines', 'follow']) };
  } catch (error) {
    options.signal?.throwIfAborted();
    return `${archive.url} cannot be read: ${(error as Error).message}`;
  }
}

function fromResult(
  { namespace, name, recorded }: LogTarget,
  container: LoggedContainer,
  options: FindLogOptions,
): Found | string {
  if (container !== 'driver') return 'workflows record the end of the log of drivers only';
  if (recorded === undefined)
    return 'the workflow has recorded none: it does if the application failed and its log was readable';
  const text = recorded.endsWith('\n') ? recorded : `${recorded}\n`;
  return {
    source: LogSource.Recorded,
    location: `the result of ${namespace}/${name}: the end of the log only`,
    ignored: asked(options, ['since', 'tailLines', 'follow']),
    bytes: (async function* () {
      yield Buffer.from(text);
    })(),
  };
}

function asked(options: FindLogOptions, names: FoundLog['ignored']): FoundLog['ignored'] {
  return names.filter((name) => options[name] !== undefined && options[name] !== false);
}
