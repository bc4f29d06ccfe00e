import {
  KubernetesError,
  KubernetesErrorType,
  PatchType,
  type CustomObject,
  type KubernetesClient,
  type Resource,
} from '../../src/kubernetes/index.ts';
import { valueAt } from '../../src/validation/problems.ts';
import { isRecord } from '../../src/validation/unknown-data.ts';
import { noKubernetes } from './no-kubernetes.ts';

type Kind = Pick<Resource, 'kind'>;
type Listener = (key: string, object: CustomObject | undefined) => void;
interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** Objects of an API server that is a map: no schemas, no garbage collection. Views see a change at once. */
export class MemoryCluster {
  private readonly objects = new Map<string, CustomObject>();
  private readonly listeners = new Map<string, Set<Listener>>();
  private version = 0;
  /** Writes, as `verb Kind name`. */
  readonly writes: string[] = [];
  /** By kind: why none of it can be created. */
  readonly refusals = new Map<string, KubernetesErrorType>();

  client(getFromPod: KubernetesClient['getFromPod']): KubernetesClient {
    const own: Partial<KubernetesClient> = {
      getFromPod,
      create: async (kind, object) => this.create(kind, object) as never,
      get: async (kind, namespace, name) => this.get(kind, namespace ?? '', name) as never,
      patch: async (kind, namespace, name, type, patch) =>
        this.patch(kind, namespace ?? '', name, type, patch) as never,
      delete: async (kind, namespace, name, options) => this.delete(kind, namespace ?? '', name, options?.uid),
      watch: (kind, namespace, selector) => this.watch(kind, namespace, selector) as never,
    };
    return { ...noKubernetes(), ...own };
  }

  get({ kind }: Kind, namespace: string, name: string): CustomObject | undefined {
    return this.objects.get(`${kind} ${namespace}/${name}`);
  }

  /** Writes an object as its owner does, unconditionally. */
  put(kind: Kind, object: CustomObject): CustomObject {
    const { namespace = '', name = '' } = object.metadata ?? {};
    const before = this.get(kind, namespace, name);
    const generation = (before?.metadata?.generation ?? 0) + (sameSpec(before, object) ? 0 : 1);
    const resourceVersion = String((this.version += 1));
    const uid = before?.metadata?.uid ?? object.metadata?.uid ?? `uid-${resourceVersion}`;
    const stored = { ...object, metadata: { ...object.metadata, generation, resourceVersion, uid } };
    this.objects.set(`${kind.kind} ${namespace}/${name}`, stored);
    this.tell(kind, namespace, name, stored);
    return stored;
  }

  remove(kind: Kind, namespace: string, name: string): void {
    this.objects.delete(`${kind.kind} ${namespace}/${name}`);
    this.tell(kind, namespace, name, undefined);
  }

  private tell({ kind }: Kind, namespace: string, name: string, object: CustomObject | undefined): void {
    for (const listener of this.listeners.get(kind) ?? []) listener(`${namespace}/${name}`, object);
  }

  private create(kind: Kind, object: CustomObject): CustomObject {
    const { namespace = '', name = '' } = object.metadata ?? {};
    this.writes.push(`create ${kind.kind} ${name}`);
    const refusal = this.refusals.get(kind.kind);
    if (refusal !== undefined) throw refused(refusal);
    if (this.get(kind, namespace, name) !== undefined) throw refused(KubernetesErrorType.AlreadyExists);
    return this.put(kind, object);
  }

  private patch(kind: Kind, namespace: string, name: string, type: PatchType, patch: unknown): CustomObject {
    this.writes.push(`patch ${kind.kind} ${name}`);
    const found = this.get(kind, namespace, name);
    if (found === undefined) throw refused(KubernetesErrorType.NotFound);
    if (type === PatchType.Merge) return this.put(kind, merged(found, patch) as CustomObject);
    const copy = structuredClone(found);
    for (const { op, path, value } of patch as Operation[]) {
      const steps = path.split('/').slice(1);
      if (op !== 'test') Object.assign(valueAt(copy, steps.slice(0, -1)) as object, { [steps.at(-1)!]: value });
      else if (valueAt(copy, steps) !== value) throw refused(KubernetesErrorType.Invalid);
    }
    return this.put(kind, copy);
  }

  private delete(kind: Kind, namespace: string, name: string, uid?: string): boolean {
    this.writes.push(`delete ${kind.kind} ${name}`);
    const found = this.get(kind, namespace, name);
    if (found === undefined || (uid !== undefined && found.metadata?.uid !== uid)) return false;
    this.remove(kind, namespace, name);
    return true;
  }

  private watch({ kind }: Kind, namespace: string | undefined, selector: string) {
    const matches = ({ metadata }: CustomObject) => selector === '' || selector in (metadata?.labels ?? {});
    const all = () =>
      [...this.objects].filter(([key, object]) => key.startsWith(`${kind} ${namespace ?? ''}`) && matches(object));
    const listeners = this.listeners.get(kind) ?? new Set();
    this.listeners.set(kind, listeners);
    const keyOf = (key: string) => (namespace === undefined ? key : key.slice(namespace.length + 1));
    return {
      ready: Promise.resolve(),
      get: (name: string) => all().find(([key]) => keyOf(key.slice(kind.length + 1)) === name)?.[1],
      list: (where?: { label: string; value: string }) =>
        all()
          .map(([, object]) => object)
          .filter(({ metadata }) => where === undefined || metadata?.labels?.[where.label] === where.value),
      subscribe: (listener: Listener) => {
        const mine: Listener = (key, object) => {
          if (namespace !== undefined && !key.startsWith(`${namespace}/`)) return;
          if (object === undefined || matches(object)) listener(keyOf(key), object);
        };
        listeners.add(mine);
        return () => void listeners.delete(mine);
      },
      release: () => undefined,
    };
  }
}

const sameSpec = (a: CustomObject | undefined, b: CustomObject): boolean =>
  JSON.stringify(a?.spec) === JSON.stringify(b.spec);

function refused(type: KubernetesErrorType): KubernetesError {
  return new KubernetesError({ type, message: `refused: ${type}` });
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const result: Record<string, unknown> = { ...(isRecord(target) ? target : {}) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}
