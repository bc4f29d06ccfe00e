import {
  isKubernetesError,
  KubernetesErrorType,
  type CallOptions,
  type KubernetesClient,
} from '../../kubernetes/index.ts';
import type { ConfigMap, Pod } from '../../kubernetes/objects.ts';
import type { DriverObjects } from '../../spark/index.ts';
import type {
  CreatedDriver,
  RenderedDriver,
  SparkApplicationSubmitter,
  SubmissionRequest,
  SubmitterContext,
} from '../contract.ts';
import { completeAdopted, createdDriver, createDriver, createOrAdopt, ensureDependents } from '../create-driver.ts';
import { driverObjects } from '../driver-objects.ts';
import { ensureShared } from '../ensure-shared.ts';
import {
  configMapNamesIn,
  namedConfigMaps,
  sharedConfiguration,
  sharedNames,
  withSharedConfiguration,
  type SharedConfiguration,
} from '../shared-configuration.ts';
import { FairGate } from './fair-gate.ts';
import { WriteRate } from './write-rate.ts';

export interface BatchOptions {
  /** How long the first submission of a window waits for others, in milliseconds. @default 50 */
  readonly windowMs?: number;
  /** Submissions in a window; a full window is submitted at once. @default 100 */
  readonly windowSize?: number;
  /** Applications that are created at once on one cluster. @default 32 */
  readonly maxConcurrent?: number;
  /** Maximum writes per second to one cluster; the actual rate adapts to its response times. @default 1000 */
  readonly maxWritesPerSecond?: number;
}

const DEFAULTS: Required<BatchOptions> = {
  windowMs: 50,
  windowSize: 100,
  maxConcurrent: 32,
  maxWritesPerSecond: 1_000,
};
const MIN_WRITES_PER_SECOND = 5;

/**
 * Submits many applications at once: as the native submitter does, but in windows. Those of a window that have the same
 * configuration share their ConfigMaps; concurrency and rate per cluster are limited; namespaces take
 * turns. Each application has its own result.
 */
export class BatchSubmitter implements SparkApplicationSubmitter {
  readonly name = 'batch';
  private readonly options: Required<BatchOptions>;
  private readonly clusters = new WeakMap<KubernetesClient, ClusterBatches>();
  /** By the name of the cluster, which may have several clients. */
  private readonly gates = new Map<string, ClusterGate>();

  constructor(options: BatchOptions = {}) {
    this.options = { ...DEFAULTS, ...options };
  }

  async submit(request: SubmissionRequest, { kubernetes, signal }: SubmitterContext): Promise<CreatedDriver> {
    signal.throwIfAborted();
    const objects = driverObjects(request);
    let batches = this.clusters.get(kubernetes);
    if (batches === undefined) {
      batches = new ClusterBatches(kubernetes, this.options, this.gateOf(kubernetes));
      this.clusters.set(kubernetes, batches);
    }
    return batches.submit({ request, objects, shared: sharedConfiguration(objects, request), signal });
  }

  private gateOf({ cluster }: KubernetesClient): ClusterGate {
    let gate = this.gates.get(cluster);
    if (gate === undefined) {
      const maximum = this.options.maxWritesPerSecond;
      const rate = new WriteRate({ initial: maximum, maximum, minimum: Math.min(MIN_WRITES_PER_SECOND, maximum) });
      gate = { rate, gate: new FairGate(this.options.maxConcurrent, rate) };
      this.gates.set(cluster, gate);
    }
    return gate;
  }

  /** Of a window with one submission. */
  async render(request: SubmissionRequest): Promise<RenderedDriver> {
    return driverObjects(request);
  }
}

interface Submission {
  readonly request: SubmissionRequest;
  /** As if it shared nothing. */
  readonly objects: DriverObjects;
  /** Undefined where it shares nothing. */
  readonly shared: SharedConfiguration | undefined;
  readonly signal: AbortSignal;
}

interface Entry extends Submission {
  readonly resolve: (driver: CreatedDriver) => void;
  readonly reject: (reason: unknown) => void;
}

/** One that can share its configuration. */
interface Member extends Entry {
  readonly shared: SharedConfiguration;
}

/** Shared by all submissions to one cluster. */
interface ClusterGate {
  readonly gate: FairGate;
  readonly rate: WriteRate;
}

class ClusterBatches {
  private readonly kubernetes: KubernetesClient;
  private readonly options: Required<BatchOptions>;
  private readonly gate: FairGate;
  private window: Entry[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(kubernetes: KubernetesClient, options: Required<BatchOptions>, { gate, rate }: ClusterGate) {
    this.kubernetes = teaching(kubernetes, rate);
    this.options = options;
    this.gate = gate;
  }

  submit(submission: Submission): Promise<CreatedDriver> {
    const { signal } = submission;
    return new Promise((resolve, reject) => {
      // Another try completes what was begun for it; no submission waits for what others share with it.
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      const settled =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal.removeEventListener('abort', abort);
          settle(value);
        };
      this.window.push({ ...submission, resolve: settled(resolve), reject: settled(reject) });
      if (this.window.length >= this.options.windowSize) this.close();
      else this.timer ??= setTimeout(() => this.close(), this.options.windowMs);
    });
  }

  private close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const entries = this.window.filter(({ signal }) => !signal.aborted);
    this.window = [];
    const groups = new Map<string, Member[]>();
    for (const entry of entries) {
      const { shared } = entry;
      const group = shared && groups.get(shared.key);
      if (shared === undefined) void this.createAlone(entry);
      else if (group === undefined) groups.set(shared.key, [{ ...entry, shared }]);
      else group.push({ ...entry, shared });
    }
    for (const members of groups.values()) {
      if (members.length === 1) void this.createAlone(members[0]!);
      else void this.createTogether(members);
    }
  }

  private async createAlone({ request, objects, signal, resolve, reject }: Entry): Promise<void> {
    const writes = 1 + objects.dependents.length;
    await this.gate
      .within(request.submission.namespace, writes, signal, () =>
        createDriver(this.kubernetes, request, objects, signal),
      )
      .then(resolve, reject);
  }

  /**
   * The first driver with the shared configuration, which it owns, then the other drivers, which then own it, too: no
   * driver but the first exists before its configuration, and a process that dies leaves no object without an owner.
   */
  private async createTogether(members: readonly Member[]): Promise<void> {
    const followers = [...members];
    try {
      for (let leader = followers.shift(); leader !== undefined; leader = followers.shift()) {
        const names = sharedNames(leader.shared);
        const configMaps = namedConfigMaps(leader.shared, names);
        const first = await this.createSharing(leader, names, configMaps);
        if (first === undefined) continue;
        settle(first);
        const others = await Promise.all(followers.splice(0).map((entry) => this.createSharing(entry, names)));
        const created = others.filter((each) => each !== undefined);
        if (created.length === 0) return;
        // It is for several submissions: none of them aborts it alone.
        const { signal } = new AbortController();
        await ensureShared(
          this.kubernetes,
          configMaps,
          created.map(({ driver }) => driver),
          signal,
        );
        created.forEach(settle);
      }
    } catch (error) {
      // They could not share. Settled submissions stay settled; the others are retried, each by its own workflow.
      for (const { reject } of members) reject(error);
    }
  }

  /**
   * The driver that is to share these, once it exists; undefined where it failed, or has other ones, and is settled.
   *
   * @param configMaps to be made as well
   */
  private async createSharing(
    entry: Member,
    names: readonly string[],
    configMaps: readonly ConfigMap[] = [],
  ): Promise<Created | undefined> {
    const { request, objects, shared, signal } = entry;
    try {
      const sharing = withSharedConfiguration(objects, shared, names);
      const writes = 1 + sharing.dependents.length + configMaps.length;
      return await this.gate.within(request.submission.namespace, writes, signal, async () => {
        const { submissionId } = request.identity;
        const { driver, adopted } = await createOrAdopt(this.kubernetes, sharing.pod, submissionId, signal);
        const its = configMapNamesIn(driver, objects.pod, shared);
        if (its.some((name, index) => name !== names[index])) {
          await completeAdopted(this.kubernetes, request, objects, driver, signal);
          entry.resolve(createdDriver(request, driver, adopted));
          return undefined;
        }
        await Promise.all([
          ensureDependents(this.kubernetes, driver, sharing, signal),
          ensureShared(this.kubernetes, configMaps, [driver], signal),
        ]);
        return { entry, driver, adopted };
      });
    } catch (error) {
      entry.reject(error);
      return undefined;
    }
  }
}

function settle({ entry, driver, adopted }: Created): void {
  entry.resolve(createdDriver(entry.request, driver, adopted));
}

interface Created {
  readonly entry: Entry;
  readonly driver: Pod;
  readonly adopted: boolean;
}

/** The same client, whose writes adapt the rate of its cluster. */
function teaching(kubernetes: KubernetesClient, rate: WriteRate): KubernetesClient {
  const create: KubernetesClient['create'] = async (resource, object, options) => {
    const onRetry: CallOptions['onRetry'] = (error) => {
      if (error.type === KubernetesErrorType.TooManyRequests) rate.refused();
      options?.onRetry?.(error);
    };
    const begun = performance.now();
    try {
      return await kubernetes.create(resource, object, { ...options, onRetry });
    } catch (error) {
      if (isKubernetesError(error, KubernetesErrorType.TooManyRequests)) rate.refused();
      throw error;
    } finally {
      rate.answered(performance.now() - begun);
    }
  };
  return Object.create(kubernetes, { create: { value: create } }) as KubernetesClient;
}
