import {
  Resources,
  type CustomObject,
  type KubernetesClient,
  type Namespace,
  type Resource,
  type WatchLease,
} from '../kubernetes/index.ts';
import type { ServedResources } from './operator-options.ts';
import { keyOf } from './resource.ts';

/** A view of the resources of one kind that are served, by key: `namespace/name`. */
export class ResourceViews {
  private readonly kubernetes: KubernetesClient;
  private readonly kind: Resource<CustomObject>;
  private readonly selector: string;
  /** By namespace, or one for all of them. */
  private readonly views: ReadonlyMap<string | undefined, WatchLease<CustomObject>>;
  private readonly namespaces: WatchLease<Namespace> | undefined;

  /** @param changed is called with the key of each resource that is new, changed or gone; then it is absent */
  constructor(
    kubernetes: KubernetesClient,
    kind: Resource<CustomObject>,
    { namespaces, namespaceSelector, selector = '' }: ServedResources,
    changed: (key: string, object: CustomObject | undefined) => void,
  ) {
    this.kubernetes = kubernetes;
    this.kind = kind;
    this.selector = selector;
    const names: readonly (string | undefined)[] = namespaces ?? [undefined];
    this.views = new Map(names.map((each) => [each, kubernetes.watch(kind, each, selector)] as const));
    for (const [namespace, view] of this.views) {
      view.subscribe((name, object) => changed(namespace === undefined ? name : keyOf({ namespace, name }), object));
    }
    if (namespaces !== undefined || namespaceSelector === undefined) return;
    this.namespaces = kubernetes.watch(Resources.namespaces, undefined, namespaceSelector);
    this.namespaces.subscribe((namespace, object) => {
      // What was there before its namespace was labelled.
      if (object === undefined) return;
      for (const found of this.list()) if (found.metadata?.namespace === namespace) changed(keyOfObject(found), found);
    });
  }

  /** Resolves once all of them were listed; may be asked again. @throws KubernetesError where that is refused */
  async ready(): Promise<void> {
    const listed = [...this.views.keys()].map(async (namespace) => {
      // A lease that was refused stays so.
      const lease = this.kubernetes.watch(this.kind, namespace, this.selector);
      await lease.ready.finally(() => lease.release());
    });
    await Promise.all([...listed, this.namespaces?.ready]);
  }

  /** Whether the resources of a namespace are served now. */
  serves(namespace: string): boolean {
    if (this.namespaces !== undefined) return this.namespaces.get(namespace) !== undefined;
    return this.views.has(undefined) || this.views.has(namespace);
  }

  get(namespace: string, name: string): CustomObject | undefined {
    if (!this.serves(namespace)) return undefined;
    const all = this.views.get(undefined);
    return all === undefined ? this.views.get(namespace)?.get(name) : all.get(keyOf({ namespace, name }));
  }

  /** All of them, or those of a namespace that have this value of a label. */
  *list(where?: {
    readonly namespace: string;
    readonly label: string;
    readonly value: string;
  }): Iterable<CustomObject> {
    for (const view of this.views.values()) {
      for (const object of view.list(where)) {
        const { namespace = '' } = object.metadata ?? {};
        if (this.serves(namespace) && (where === undefined || where.namespace === namespace)) yield object;
      }
    }
  }

  *keys(): Iterable<string> {
    for (const object of this.list()) yield keyOfObject(object);
  }

  close(): void {
    for (const view of this.views.values()) view.release();
    this.namespaces?.release();
  }
}

const keyOfObject = ({ metadata: { namespace = '', name = '' } = {} }: CustomObject): string =>
  keyOf({ namespace, name });
