import { afterAll, beforeAll } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { PatchType, Resources, type CustomObject, type Resource } from '../../src/kubernetes/index.ts';
import type { SparkApplicationManifest } from '../../src/manifest/index.ts';
import { Operator, type OperatorOptions } from '../../src/operator/index.ts';
import { Label } from '../../src/spark/metadata.ts';
import { asRecord, asText } from '../../src/validation/unknown-data.ts';
import type { ClusterFixture } from './cluster-fixture.ts';
import { installCrds } from './crds.ts';
import { scheduledApplication } from './schedules.ts';

type PropagationPolicy = 'Foreground' | 'Background' | 'Orphan';

/** Resources of a test file's namespace, as their users see them. */
export interface OperatorFixture {
  /** Starts a replica; the file stops those that the test does not. */
  readonly start: (options?: Partial<OperatorOptions>) => Promise<Operator>;
  readonly apply: (manifest: SparkApplicationManifest) => Promise<CustomObject>;
  readonly edit: (name: string, spec: Readonly<Record<string, unknown>>) => Promise<CustomObject>;
  readonly remove: (name: string, propagationPolicy?: PropagationPolicy) => Promise<void>;
  readonly get: (name: string) => Promise<CustomObject | undefined>;
  /** The resource, once it has that state. */
  readonly inState: (name: string, state: string) => Promise<CustomObject>;
  /** The states that a watcher saw, in order. */
  readonly statesOf: (name: string) => readonly string[];
}

/** The ScheduledSparkApplications of a test file's namespace, and their runs. */
export interface ScheduleFixture {
  readonly apply: (name: string, spec: Readonly<Record<string, unknown>>) => Promise<CustomObject>;
  readonly edit: (name: string, spec: Readonly<Record<string, unknown>>) => Promise<CustomObject>;
  readonly remove: (name: string, propagationPolicy?: PropagationPolicy) => Promise<void>;
  /** The status, once it is as wanted. */
  readonly until: (
    name: string,
    isWanted: (status: Readonly<Record<string, unknown>>) => boolean,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** The SparkApplications with its label, oldest first. */
  readonly runsOf: (name: string) => Promise<readonly CustomObject[]>;
}

/** The resources of a kind in a test file's namespace. */
function resourcesOf(cluster: ClusterFixture, kind: Resource<CustomObject>) {
  const kubernetes = () => cluster.env.kubernetes;
  const namespace = () => cluster.env.namespace;
  return {
    create: (manifest: object): Promise<CustomObject> => kubernetes().create(kind, manifest),
    get: (name: string): Promise<CustomObject | undefined> => kubernetes().get(kind, namespace(), name),
    edit: (name: string, spec: Readonly<Record<string, unknown>>): Promise<CustomObject> =>
      kubernetes().patch(kind, namespace(), name, PatchType.Merge, { spec }),
    remove: async (name: string, propagationPolicy: PropagationPolicy = 'Background'): Promise<void> => {
      await kubernetes().delete(kind, namespace(), name, { propagationPolicy });
    },
  };
}

export function useSchedules(cluster: ClusterFixture): ScheduleFixture {
  const { create, get, edit, remove } = resourcesOf(cluster, Resources.scheduledSparkApplications);
  return {
    ...{ edit, remove },
    apply: (name, spec) => create(scheduledApplication(name, cluster.env.namespace, { ...spec })),
    until: (name, isWanted) =>
      eventually(`the status of ${name}`, async () => {
        const { status = {} } = (await get(name)) ?? {};
        return isWanted(status) && status;
      }),
    async runsOf(name) {
      const runs: CustomObject[] = [];
      const labelSelector = `${Label.ScheduledAppName}=${name}`;
      const { kubernetes, namespace } = cluster.env;
      for await (const page of kubernetes.list(Resources.sparkApplications, namespace, { labelSelector })) {
        runs.push(...page);
      }
      return runs.sort((a, b) => a.metadata!.name!.localeCompare(b.metadata!.name!));
    },
  };
}

export function useOperator(cluster: ClusterFixture): OperatorFixture {
  const running = new Set<Operator>();
  const states = new Map<string, string[]>();
  const kind = Resources.sparkApplications;
  const { create: apply, get, edit, remove } = resourcesOf(cluster, kind);
  let stopWatch = () => {};
  beforeAll(async () => {
    const { kubernetes, namespace } = cluster.env;
    await installCrds(kubernetes);
    const view = kubernetes.watch(kind, namespace, '');
    view.subscribe((name, object) => {
      const state = stateOf(object);
      const seen = states.get(name) ?? [];
      if (state !== undefined && seen.at(-1) !== state) states.set(name, [...seen, state]);
    });
    await view.ready;
    stopWatch = () => view.release();
  });
  afterAll(async () => {
    stopWatch();
    for (const operator of running) await operator.stop();
  });
  return {
    async start(options = {}) {
      const { taskQueue, client, worker, kubernetes, namespace } = cluster.env;
      const backoff = { initialMs: 50, maximumMs: 1_000 };
      const operator = await Operator.start(client, worker?.kubernetes ?? kubernetes, {
        ...{ taskQueue, namespaces: [namespace], backoff },
        ...options,
      });
      running.add(operator);
      return operator;
    },
    ...{ apply, get, edit, remove },
    inState: (name, state) =>
      eventually(`${name} to be ${state}`, async () => {
        const object = await get(name);
        return stateOf(object) === state && object;
      }),
    statesOf: (name) => states.get(name) ?? [],
  };
}

export function stateOf(object: CustomObject | undefined): string | undefined {
  return asText(asRecord(object?.status?.['applicationState'])['state']);
}

export function errorOf(object: CustomObject | undefined): string | undefined {
  return asText(asRecord(object?.status?.['applicationState'])['errorMessage']);
}
