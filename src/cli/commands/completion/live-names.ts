import { shortName } from '../../find-execution.ts';
import { connectCluster } from '../../connect-cluster.ts';
import type { ClusterFlags, TemporalFlags } from '../../flags.ts';
import { printableLine } from '../../output/printable.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';
import { present } from '../../../validation/present.ts';
import type { LiveName } from './live-name.ts';

/** A person waits for it: for the connection, and then for the names. */
const TIMEOUT_MS = 1_000;
const LIMIT = 200;

/**
 * The names that an argument may have, newest first those that Temporal has; none where Temporal, or the API server for
 * Spark Connect sessions, does not answer at once.
 */
export async function liveNames(argument: string, words: readonly string[]): Promise<readonly LiveName[]> {
  try {
    if (argument === 'session') return plain(await sessionsOf(words));
    const flags = { ...flagsOf(words, temporalFlags), clientConnectTimeout: TIMEOUT_MS };
    return await withTemporal(flags, (temporal) => plainNames(temporal, argument));
  } catch {
    return [];
  }
}

async function sessionsOf(words: readonly string[]): Promise<readonly LiveName[]> {
  const { sessionNames } = await import('./session-names.ts');
  const { namespace, ...flags } = flagsOf(words, clusterFlags);
  const limits = { timeoutMs: TIMEOUT_MS, connectTimeoutMs: TIMEOUT_MS, credentialsTimeoutMs: TIMEOUT_MS };
  const { TEMPORAL_SPARK_KUBE_CONTEXT: kubeContext, TEMPORAL_SPARK_CLUSTERS_FILE: clustersFile } = process.env;
  const kubernetes = await connectCluster({ ...present({ kubeContext, clustersFile }), ...flags }, undefined, limits);
  try {
    return await sessionNames(kubernetes, { limit: LIMIT, ...present({ namespace }) });
  } finally {
    kubernetes.close();
  }
}

/**
 * Anyone may start a workflow under an ID such as `$(command)`: only names that a shell reads as they are may become part
 * of a command line.
 */
const PLAIN = /^[\w.:/@%+=,-]+$/;

/** The names that need no quotes. @throws Error where Temporal does not answer in time */
export async function plainNames(
  temporal: Pick<Temporal, 'client' | 'spark'>,
  argument: string,
): Promise<readonly LiveName[]> {
  const read = () => namesOf(temporal, argument);
  return plain(await temporal.client.withDeadline(Date.now() + TIMEOUT_MS, read));
}

const plain = (names: readonly LiveName[]): readonly LiveName[] =>
  names
    .filter(({ value }) => PLAIN.test(value))
    .map(({ value, description }) => ({ value, description: printableLine(description) }));

async function namesOf({ spark }: Pick<Temporal, 'spark'>, argument: string): Promise<readonly LiveName[]> {
  switch (argument) {
    case 'schedule':
      return (await spark.schedules.list({ limit: LIMIT })).map(({ scheduleId, paused }) => ({
        value: scheduleId,
        description: paused ? 'paused' : 'active',
      }));
    case 'application':
    case 'pipeline': {
      const kinds = argument === 'pipeline' ? (['pipelines'] as const) : (['applications', 'pipelines'] as const);
      const lists = await Promise.all(kinds.map((kind) => spark.list({ kind, limit: LIMIT })));
      return lists
        .flatMap(({ executions }) => executions)
        .map(({ workflowId, state, workflowStatus }) => ({
          value: shortName(workflowId),
          description: state ?? workflowStatus,
        }));
    }
    default:
      return [];
  }
}

const temporalFlags = {
  address: ['--address'],
  temporalNamespace: ['--temporal-namespace'],
  profile: ['--profile'],
} satisfies Flags<TemporalFlags>;

const clusterFlags = {
  namespace: ['-n', '--namespace'],
  kubeContext: ['--kube-context'],
  clustersFile: ['--clusters-file'],
  cluster: ['--cluster'],
} satisfies Flags<ClusterFlags & { readonly namespace?: string }>;

type Flags<T> = { readonly [Key in keyof T]?: readonly string[] };

/** The values of flags that the words have. */
function flagsOf<T extends Readonly<Record<string, readonly string[]>>>(
  words: readonly string[],
  flags: T,
): { readonly [Key in keyof T]?: string } {
  const valueOf = (spelled: readonly string[]) =>
    words[words.findIndex((word) => spelled.includes(word)) + 1 || words.length];
  const found = Object.entries(flags).map(([key, spelled]) => [key, valueOf(spelled)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: string };
}
