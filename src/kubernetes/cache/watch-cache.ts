import type { Resource, WatchLease } from '../client/kubernetes-client.ts';
import type { KubernetesObject } from '../objects.ts';
import { Reflector, type WatchSource } from './reflector.ts';
import type { WatchCacheOptions } from './watch-cache-options.ts';

/** The views of one client: one reflector for each resource, namespace and selector, shared by all watchers. */
export class WatchCaches {
  private readonly source: WatchSource;
  private readonly options: WatchCacheOptions;
  private readonly reflectors = new Map<string, Reflector<KubernetesObject>>();
  private closed = false;

  constructor(source: WatchSource, options: WatchCacheOptions) {
    this.source = source;
    this.options = options;
  }

  lease<T extends KubernetesObject>(
    resource: Resource<T>,
    namespace: string | undefined,
    labelSelector: string,
  ): WatchLease<T> {
    const key = JSON.stringify([resource.apiVersion, resource.plural, namespace, labelSelector]);
    let reflector = this.reflectors.get(key) as Reflector<T> | undefined;
    if (reflector === undefined) {
      const onIdle = () => this.reflectors.delete(key);
      reflector = new Reflector(this.source, { resource, namespace, labelSelector }, this.options, onIdle);
      this.reflectors.set(key, reflector as unknown as Reflector<KubernetesObject>);
    }
    if (this.closed) reflector.stop();
    return reflector.lease();
  }

  close(): void {
    this.closed = true;
    for (const reflector of [...this.reflectors.values()]) reflector.stop();
  }
}
