import type { KubernetesObject } from '../objects.ts';

export type ObjectListener<T> = (name: string, object: T | undefined) => void;

/** The name under which a view has an object. */
export type NameOf = (object: KubernetesObject) => string;

/** Objects by name and by the labels that are asked for, with listeners for all of them or for one name. */
export class ObjectStore<T extends KubernetesObject> {
  private readonly objects = new Map<string, T>();
  private readonly nameOf: NameOf;
  /** Names by label value, by label; made when a label is first asked for. */
  private readonly indexes = new Map<string, Map<string, Set<string>>>();
  /** By name; those for all objects are at `undefined`. */
  private readonly listeners = new Map<string | undefined, Set<ObjectListener<T>>>();

  constructor(nameOf: NameOf = ({ metadata }) => metadata!.name!) {
    this.nameOf = nameOf;
  }

  get(name: string): T | undefined {
    return this.objects.get(name);
  }

  list(where?: { readonly label: string; readonly value: string }): T[] {
    if (where === undefined) return [...this.objects.values()];
    const names = this.index(where.label).get(where.value) ?? [];
    return Array.from(names, (name) => this.objects.get(name)!);
  }

  set(name: string, object: T): void {
    this.put(name, object);
    this.notify(name, object);
  }

  delete(name: string): void {
    if (!this.objects.has(name)) return;
    this.put(name, undefined);
    this.notify(name, undefined);
  }

  /** Replaces all objects by these; listeners are notified of the differences once all are stored. */
  replace(objects: readonly T[]): void {
    const gone = new Set(this.objects.keys());
    const changed: string[] = [];
    for (const object of objects) {
      const name = this.nameOf(object);
      gone.delete(name);
      if (this.objects.get(name)?.metadata?.resourceVersion === object.metadata!.resourceVersion) continue;
      this.put(name, object);
      changed.push(name);
    }
    for (const name of gone) this.put(name, undefined);
    for (const name of [...gone, ...changed]) this.notify(name, this.objects.get(name));
  }

  /** Returns how to stop. */
  subscribe(listener: ObjectListener<T>, name?: string): () => void {
    const own: ObjectListener<T> = (...change) => listener(...change); // the same one may be given twice
    addTo(this.listeners, name, own);
    return () => removeFrom(this.listeners, name, own);
  }

  private put(name: string, object: T | undefined): void {
    const previous = this.objects.get(name);
    for (const [label, index] of this.indexes) {
      const [before, after] = [labelOf(previous, label), labelOf(object, label)];
      if (before === after) continue;
      if (before !== undefined) removeFrom(index, before, name);
      if (after !== undefined) addTo(index, after, name);
    }
    if (object === undefined) this.objects.delete(name);
    else this.objects.set(name, object);
  }

  private index(label: string): Map<string, Set<string>> {
    let index = this.indexes.get(label);
    if (index === undefined) {
      index = new Map();
      for (const [name, object] of this.objects) {
        const value = labelOf(object, label);
        if (value !== undefined) addTo(index, value, name);
      }
      this.indexes.set(label, index);
    }
    return index;
  }

  private notify(name: string, object: T | undefined): void {
    for (const key of [name, undefined]) {
      for (const listener of this.listeners.get(key) ?? []) {
        try {
          listener(name, object);
        } catch (error) {
          // One listener's mistake must not keep the change from the others.
          process.emitWarning(error as Error);
        }
      }
    }
  }
}

function labelOf(object: KubernetesObject | undefined, label: string): string | undefined {
  return object?.metadata?.labels?.[label];
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
