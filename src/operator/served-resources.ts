import {
  Resources,
  type CustomObject,
  type KubernetesClient,
  type Namespace,
  type WatchLease,
} from '../kubernetes/index.ts';
import type { ServedResources } from './operator-options.ts';
import { keyOf, readSparkApplication, type SparkApplicationResource } from './resource.ts';

/** A view of the resources that are served, by key: `namespace/name`. */
export class ResourceViews {
  /** By namespace, or one for all of them. */
  private readonly views: ReadonlyMap<string | undefined, WatchLease<CustomObject>>;
  private readonly namespaces: WatchLease<Namespace> | undefined;

  /** @param changed is called with the key of each resource that is new, changed or gone */
  constructor(
    kubernetes: KubernetesClient,
    { namespaces, namespaceSelector, selector = '' }: ServedResources,
    changed: (key: string) => void,
  ) {
    const kind = Resources.sparkApplications;
    const names: readonly (string | undefined)[] = namespaces ?? [undefined];
    this.views = new Map(names.map((each) => [each, kubernetes.watch(kind, each, selector)] as const));
    for (const [namespace, view] of this.views) {
      view.subscribe((name) => changed(namespace === undefined ? name : keyOf({ namespace, name })));
    }
    if (namespaces !== undefined || namespaceSelector === undefined) return;
    this.namespaces = kubernetes.watch(Resources.namespaces, undefined, namespaceSelector);
    this.namespaces.subscribe((namespace, object) => {
      // What was there before its namespace was labelled.
      if (object !== undefined) for (const key of this.keys()) if (key.startsWith(`${namespace}/`)) changed(key);
    });
  }

  /** Resolves once all of them were listed. @throws KubernetesError where that is refused */
  async ready(): Promise<void> {
    await Promise.all([...this.views.values()].map((view) => view.ready));
    await this.namespaces?.ready;
  }

  /** Whether the resources of a namespace are served now. */
  serves(namespace: string): boolean {
    if (this.namespaces !== undefined) return this.namespaces.get(namespace) !== undefined;
    return this.views.has(undefined) || this.views.has(namespace);
  }

  get(namespace: string, name: string): SparkApplicationResource | undefined {
    if (!this.serves(namespace)) return undefined;
    const all = this.views.get(undefined);
    const object = all === undefined ? this.views.get(namespace)?.get(name) : all.get(keyOf({ namespace, name }));
    return object === undefined ? undefined : readSparkApplication(object);
  }

  *keys(): Iterable<string> {
    for (const view of this.views.values()) {
      for (const { metadata: { namespace = '', name = '' } = {} } of view.list()) {
        if (this.serves(namespace)) yield keyOf({ namespace, name });
      }
    }
  }

  close(): void {
    for (const view of this.views.values()) view.release();
    this.namespaces?.release();
  }
}
