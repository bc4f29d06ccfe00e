import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { Resources, type KubernetesClient } from '../kubernetes/index.ts';
import { closest } from '../validation/closest.ts';
import { isFor } from '../validation/matching.ts';
import { ApplicationAnnotation, type SparkApplication } from '../manifest/index.ts';
import { Label } from '../spark/metadata.ts';
import { ClusterError, ClusterErrorType } from './cluster-error.ts';
import { ClusterHealth, type HealthOptions } from './cluster-health.ts';
import { ClusterChoice, type ClustersConfiguration } from './clusters-configuration.ts';

export interface ClustersOptions extends HealthOptions {
  /**
   * How long a cluster may take to list the drivers of a namespace, for `least-pending`, in milliseconds; one that
   * takes longer is chosen last. @default 3000
   */
  readonly listTimeoutMs?: number;
}

const DEFAULT_LIST_TIMEOUT_MS = 3_000;

interface Cluster {
  readonly name: string;
  readonly weight: number;
  readonly kubernetes: KubernetesClient;
  readonly health: ClusterHealth;
}

type Application = Pick<SparkApplication, 'metadata'>;

/**
 * The clusters that a worker submits to, and which of them an attempt goes to: the one its annotation
 * `temporal-spark/cluster` names; else a reachable one of those that the first matching rule names, or of all, by
 * weight or by the number of pending drivers.
 */
export class Clusters {
  private readonly byName: ReadonlyMap<string, Cluster>;
  private readonly configuration: ClustersConfiguration;
  private readonly listTimeoutMs: number;

  /** @param clients by the names of the configuration's clusters; they stay the caller's to close */
  constructor(
    configuration: ClustersConfiguration,
    clients: Readonly<Record<string, KubernetesClient>>,
    { listTimeoutMs = DEFAULT_LIST_TIMEOUT_MS, ...health }: ClustersOptions = {},
  ) {
    this.configuration = configuration;
    this.listTimeoutMs = listTimeoutMs;
    this.byName = new Map(
      configuration.clusters.map(({ name, weight = 1 }) => {
        const kubernetes = clients[name];
        if (kubernetes === undefined) throw new TypeError(`clients has no entry for cluster "${name}"`);
        return [name, { name, weight, kubernetes, health: new ClusterHealth(kubernetes, health) }];
      }),
    );
  }

  get names(): readonly string[] {
    return [...this.byName.keys()];
  }

  /**
   * @param name as it is in history; undefined where an attempt began before there were several
   * @throws ClusterError ClusterNotConfigured (retryable)
   */
  client(name: string = this.configuration.clusters[0]!.name): KubernetesClient {
    const cluster = this.byName.get(name);
    if (cluster !== undefined) return cluster.kubernetes;
    throw new ClusterError(
      ClusterErrorType.ClusterNotConfigured,
      `Cluster "${name}", where the application runs, is not configured on this worker. Add it to the configuration of clusters again; known: ${this.names.join(', ')}.`,
    );
  }

  /** Whether several clusters are eligible. @throws ClusterError UnknownCluster (not retryable) */
  isFree(application: Application, among?: readonly string[]): boolean {
    return this.candidates(application, among).length > 1;
  }

  /** Records a failure in use: other clusters are preferred for a while. */
  failed(name: string, problem: string): void {
    this.byName.get(name)?.health.failed(problem);
  }

  /**
   * The cluster for an application: by weight always the same one, as long as the same ones are reachable.
   *
   * @param among which it may be, unless the application or its rule allows no choice. Default: all
   * @throws ClusterError UnknownCluster (not retryable), NoClusterReachable (retryable)
   */
  async choose(application: Application, among?: readonly string[]): Promise<string> {
    const candidates = this.candidates(application, among);
    // With a single candidate the attempt waits for that cluster without limit.
    if (candidates.length === 1) return candidates[0]!.name;
    const problems = await Promise.all(candidates.map(({ health }) => health.ask()));
    const reachable = candidates.filter((_, index) => problems[index] === undefined);
    const [first] = reachable;
    if (first === undefined) {
      const reasons = candidates.map(({ name }, index) => `${name}: ${problems[index]}`);
      throw new ClusterError(
        ClusterErrorType.NoClusterReachable,
        `No eligible cluster is reachable: ${reasons.join('; ')}`,
      );
    }
    const loads = await Promise.all(reachable.map((cluster) => this.load(cluster, application)));
    return reachable[loads.indexOf(Math.min(...loads))]!.name;
  }

  private candidates({ metadata }: Application, among?: readonly string[]): Cluster[] {
    const { rules = [] } = this.configuration;
    const annotated = metadata.annotations[ApplicationAnnotation.Cluster];
    if (annotated !== undefined) return [this.known(annotated)];
    const rule = rules.find((each) => isFor(each, metadata));
    const ruled = rule?.clusters.map((name) => this.known(name)) ?? [...this.byName.values()];
    const left = ruled.filter(({ name }) => among?.includes(name) ?? true);
    // If nothing is left, the caller refuses the one that would have been chosen.
    const named = left.length > 0 ? left : ruled;
    const weighty = named.filter(({ weight }) => weight > 0);
    return weighty.length > 0 ? weighty : named;
  }

  private known(name: string): Cluster {
    const cluster = this.byName.get(name);
    if (cluster !== undefined) return cluster;
    const suggestion = closest(name, this.names);
    throw new ClusterError(
      ClusterErrorType.UnknownCluster,
      `Unknown cluster "${name}"${suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`}; known: ${this.names.join(', ')}.`,
    );
  }

  /** The cluster with the lowest load is chosen. */
  private async load({ name, weight, kubernetes }: Cluster, { metadata }: Application): Promise<number> {
    // Weighted rendezvous hashing: removing a cluster moves only what it had.
    const byHash = -Math.log(toUnitInterval(`${metadata.namespace}/${metadata.name}/${name}`)) / (weight || 1);
    if (this.configuration.choose !== ClusterChoice.LeastPending) return byHash;
    const pending = await pendingDrivers(kubernetes, metadata.namespace, this.listTimeoutMs);
    // The hash only decides between equals.
    return pending / (weight || 1) + byHash * 1e-6;
  }
}

/** From the view that the waits of that namespace share; Infinity for a cluster that does not list them in time. */
async function pendingDrivers(kubernetes: KubernetesClient, namespace: string, listTimeoutMs: number): Promise<number> {
  const pods = kubernetes.watch(Resources.pods, namespace, Label.SubmissionId);
  const inTime = new AbortController();
  try {
    const isLate = await Promise.race([
      pods.ready.then(() => false),
      sleep(listTimeoutMs, true, { signal: inTime.signal }).catch(() => true),
    ]);
    if (isLate) return Infinity;
    return pods
      .list({ label: 'spark-role', value: 'driver' })
      .filter(({ status }) => status?.phase === undefined || status.phase === 'Pending').length;
  } catch {
    return Infinity;
  } finally {
    inTime.abort();
    pods.release();
  }
}

/** Evenly in (0, 1]. */
function toUnitInterval(text: string): number {
  const [first = 0] = new Uint32Array(sha256(utf8ToBytes(text)).slice(0, 4).buffer);
  return (first + 1) / 2 ** 32;
}
