import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  Resources,
  type CustomObject,
  type KubernetesClient,
  type Pod,
  type Resource,
} from '../../kubernetes/index.ts';
import {
  CONNECT_NAME_LABEL,
  ConnectAnnotation,
  idleSecondsOf,
  ManifestError,
  parseManifest,
  serverName,
  serviceName,
  type SparkConnect,
} from '../../manifest/index.ts';
import { connectService } from '../../spark/index.ts';
import { canonicalJson } from '../../validation/canonical-json.ts';
import { present } from '../../validation/present.ts';
import { ignoreChanged } from '../ignore-changed.ts';
import { DEFAULT_OPERATOR_OPTIONS, type OperatorOptions } from '../operator-options.ts';
import { ReconcileLoop } from '../reconcile-loop.ts';
import { keyOf, namesOf } from '../resource.ts';
import { ResourceViews } from '../served-resources.ts';
import { Warnings } from '../warnings.ts';
import { readActivity } from './activity.ts';
import { ConnectRoutes } from './connect-routes.ts';
import { connectStatus, readySince, type ConnectFacts, type RouteFacts } from './connect-status.ts';
import { decideIdle } from './idle.ts';
import { OwnedObjects } from './owned-objects.ts';
import { Ownership, ownershipOf } from './ownership.ts';
import { newServer, serverFacts, serverPatch } from './server-resource.ts';

/** Milliseconds until a resource is reconciled again. */
const Again = {
  /** The API server deletes what belonged to a session of the same name. */
  Soon: 1_000,
  /** Another has its name, or the server does not report whether it is idle. */
  Later: 10_000,
  /** The longest that a timer of Node can be set for. */
  AtMost: 2 ** 31 - 1,
} as const;

/** What a session consists of besides its resource. */
interface Parts {
  readonly server?: CustomObject;
  readonly pod?: Pod;
  readonly executors: readonly Pod[];
  readonly route?: RouteFacts;
}

/**
 * Serves SparkConnects: each is a Service, and the SparkApplication `<name>-server`, whose driver is the server. That
 * one's workflow starts the server again whenever it ends; here it is suspended while it is idle. Nothing is kept in
 * memory that a restart would lose.
 */
export class ConnectOperator {
  private readonly kubernetes: KubernetesClient;
  private readonly options: OperatorOptions & typeof DEFAULT_OPERATOR_OPTIONS;
  private readonly loop: ReconcileLoop;
  private readonly servers: ResourceViews;
  /** Watched once there is a session. */
  private pods: ResourceViews | undefined;
  private readonly owned: OwnedObjects;
  private readonly routes: ConnectRoutes;
  private readonly warnings: Warnings;

  private constructor(kubernetes: KubernetesClient, options: OperatorOptions) {
    this.kubernetes = kubernetes;
    this.options = { ...DEFAULT_OPERATOR_OPTIONS, ...options };
    this.warnings = new Warnings(kubernetes, Resources.sparkConnects, this.options.log);
    this.owned = new OwnedObjects(kubernetes);
    this.routes = new ConnectRoutes(kubernetes, this.owned, this.options.log);
    this.loop = new ReconcileLoop(kubernetes, Resources.sparkConnects, this.options, {
      reconcile: (key) => this.reconcile(key),
      compare: () => this.compare(),
      // A role that was made for SparkApplications alone must not end a worker.
      waitsFor: [KubernetesErrorType.NotServed, KubernetesErrorType.Forbidden],
    });
    // The servers of a selected session have its labels.
    this.servers = new ResourceViews(kubernetes, Resources.sparkApplications, options, (key) =>
      this.serverChanged(key),
    );
  }

  /** @throws KubernetesError */
  static async start(kubernetes: KubernetesClient, options: OperatorOptions): Promise<ConnectOperator> {
    const operator = new ConnectOperator(kubernetes, options);
    try {
      await operator.loop.start();
    } catch (error) {
      operator.closeViews();
      throw error;
    }
    return operator;
  }

  /** Leaves all servers as they are. */
  async stop(): Promise<void> {
    this.closeViews();
    await this.loop.stop();
  }

  private closeViews(): void {
    this.servers.close();
    this.pods?.close();
  }

  private async compare(): Promise<void> {
    this.owned.compare();
    for (const key of this.loop.views.keys()) this.loop.add(key);
  }

  private serverChanged(key: string): void {
    const { namespace, name } = namesOf(key);
    if (name.endsWith(serverName(''))) this.changed(namespace, name.slice(0, -serverName('').length));
  }

  private changed(namespace: string, name: string): void {
    if (this.loop.views.get(namespace, name) !== undefined) this.loop.add(keyOf({ namespace, name }));
  }

  /** Of all sessions. */
  private async watchPods(): Promise<ResourceViews> {
    // As unknown data, like the resources.
    const kind = Resources.pods as unknown as Resource<CustomObject>;
    const sessions = new Map<string, string>();
    this.pods ??= new ResourceViews(
      this.kubernetes,
      kind,
      { ...this.options, selector: CONNECT_NAME_LABEL },
      (key, pod) => {
        // One that is gone has no labels.
        const session = pod?.metadata?.labels?.[CONNECT_NAME_LABEL] ?? sessions.get(key);
        if (pod === undefined) sessions.delete(key);
        else if (session !== undefined) sessions.set(key, session);
        if (session !== undefined) this.changed(namesOf(key).namespace, session);
      },
    );
    await this.pods.ready();
    return this.pods;
  }

  private async reconcile(key: string): Promise<number | undefined> {
    const { namespace, name } = namesOf(key);
    const object = this.loop.views.get(namespace, name);
    // The API server deletes the rest with it.
    if (object === undefined || object.metadata?.deletionTimestamp !== undefined) {
      this.warnings.over(key);
      this.routes.over(key);
      return undefined;
    }
    const [pods] = await Promise.all([this.watchPods(), this.servers.ready()]);
    const { uid = '' } = object.metadata ?? {};
    const parts = this.partsOf(namespace, name, pods);
    const read = readConnect(object);
    if (read instanceof ManifestError) {
      await this.warnings.record({ namespace, name, uid }, { reason: 'InvalidSparkConnect', message: read.message });
      await this.show(object, parts, read.message);
      return undefined;
    }
    const found = parts.server === undefined ? Ownership.Own : ownershipOf(parts.server, uid);
    const ownership = found === Ownership.Own ? await this.owned.write(connectService(read), object) : found;
    if (ownership === Ownership.Previous) return Again.Soon;
    if (ownership === Ownership.Other) {
      const message = `a SparkApplication or Service that belongs to no session has the name of its server, ${serverName(name)}; it is served once that is deleted`;
      await this.warnings.record({ namespace, name, uid }, { reason: 'NameInUse', message });
      await this.show(object, { executors: [] }, message);
      return Again.Later;
    }
    const again = await this.serve(object, read, parts);
    const route = await this.routes.reconcile(object, read);
    await this.show(object, { ...parts, route });
    return 'fault' in route ? Math.min(Again.Later, again ?? Again.Later) : again;
  }

  private partsOf(namespace: string, name: string, pods: ResourceViews): Parts {
    const all = [...pods.list({ namespace, label: CONNECT_NAME_LABEL, value: name })] as Pod[];
    const roleOf = ({ metadata }: Pod) => metadata?.labels?.['spark-role'];
    const server = this.servers.get(namespace, serverName(name));
    const pod = all.find((each) => each.metadata?.name === serverName(name));
    return { ...present({ server, pod }), executors: all.filter((each) => roleOf(each) === 'executor') };
  }

  /** @returns milliseconds until the session must be reconciled again */
  private async serve(
    object: CustomObject,
    connect: SparkConnect,
    { server, pod }: Parts,
  ): Promise<number | undefined> {
    const { namespace = '', name = '', uid = '' } = object.metadata ?? {};
    if (server === undefined) {
      await this.kubernetes.create(Resources.sparkApplications, newServer(connect, uid)).catch(ignoreExisting);
      return undefined;
    }
    const patch = serverPatch(connect, server);
    if (patch !== undefined) {
      await this.patchServer(server, patch);
      return undefined;
    }
    const idleSeconds = idleSecondsOf(connect.metadata.annotations);
    const since = pod && readySince(pod);
    if (idleSeconds === undefined || pod === undefined || since === undefined || server.spec?.['suspend'] === true) {
      this.warnings.over(keyOf({ namespace, name }));
      return undefined;
    }
    const requested = Date.parse(connect.metadata.annotations[ConnectAnnotation.RequestedAt] ?? '') || 0;
    const facts = { idleMs: idleSeconds * 1000, nowMs: this.kubernetes.now(), sinceMs: Math.max(since, requested) };
    try {
      const decision = await decideIdle(facts, () => readActivity(this.kubernetes, pod));
      this.warnings.over(keyOf({ namespace, name }));
      if (decision.do === 'wait') return Math.min(Again.AtMost, decision.ms);
    } catch (error) {
      const message = `cannot read from the server whether it is idle; it is not stopped: ${(error as Error).message}`;
      await this.warnings.record({ namespace, name, uid }, { reason: 'IdleUnknown', message });
      return Again.Later;
    }
    await this.patchServer(server, serverPatch(connect, server, true) ?? []);
    this.options.log('INFO', 'Stopped an idle Spark Connect server', { key: keyOf({ namespace, name }), idleSeconds });
    return undefined;
  }

  private async patchServer({ metadata }: CustomObject, patch: readonly object[]): Promise<void> {
    const { namespace = '', name = '', resourceVersion } = metadata ?? {};
    try {
      await this.kubernetes.patch(Resources.sparkApplications, namespace, name, PatchType.Json, patch);
    } catch (error) {
      // Not a change in between: an admission policy may refuse the server.
      if (this.servers.get(namespace, name)?.metadata?.resourceVersion === resourceVersion) throw error;
      ignoreChanged(error);
    }
  }

  /** Writes the status where it differs. */
  private async show(object: CustomObject, { server, pod, executors, route }: Parts, fault?: string): Promise<void> {
    const { namespace = '', name = '', resourceVersion } = object.metadata ?? {};
    const facts: ConnectFacts = {
      ...{ name, executors, before: object.status, serviceName: serviceName({ ...object }) },
      now: new Date(this.kubernetes.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      ...present({ fault, pod, route, server: server && serverFacts(server) }),
    };
    const status = connectStatus(facts);
    if (canonicalJson({ ...object.status, lastUpdateTime: status.lastUpdateTime }) === canonicalJson(status)) return;
    const patch = [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/status', value: status },
    ];
    const kind = Resources.sparkConnectStatuses;
    await this.kubernetes.patch(kind, namespace, name, PatchType.Json, patch).catch(ignoreChanged);
  }
}

/** Valid, or why it is not. As the operator does, what a pod template has that Kubernetes does not know is dropped. */
function readConnect({ apiVersion, kind, metadata, spec }: CustomObject): SparkConnect | ManifestError {
  const { namespace, name, labels, annotations } = metadata ?? {};
  const written: unknown = { apiVersion, kind, metadata: present({ namespace, name, labels, annotations }), spec };
  try {
    return parseManifest(written, { prune: true }) as SparkConnect;
  } catch (error) {
    if (error instanceof ManifestError) return error;
    throw error;
  }
}

/** Another replica was faster. */
function ignoreExisting(error: unknown): void {
  if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
}
