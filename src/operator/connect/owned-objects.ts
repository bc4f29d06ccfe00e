import {
  isKubernetesError,
  KubernetesErrorType,
  PatchType,
  resourceOf,
  type CustomObject,
  type KubernetesClient,
  type KubernetesObject,
  type Resource,
} from '../../kubernetes/index.ts';
import { ownerOf, Ownership, ownershipOf } from './ownership.ts';

type Written = KubernetesObject & { readonly spec?: object };

/** The objects of sessions besides their servers. What this process has written it does not write again. */
export class OwnedObjects {
  private readonly kubernetes: KubernetesClient;
  /** By kind, namespace and name: as it was written last. */
  private readonly written = new Map<string, string>();

  constructor(kubernetes: KubernetesClient) {
    this.kubernetes = kubernetes;
  }

  /** Writes everything again, whatever has become of it. */
  compare(): void {
    this.written.clear();
  }

  /** Whether this process has written it since the last comparison. */
  hasWritten({ kind }: Resource, namespace: string, name: string): boolean {
    return this.written.has(`${kind} ${namespace}/${name}`);
  }

  /**
   * Creates the object of a session, or gives it what it lacks.
   *
   * @param cleared fields of the spec that it must not keep where the object has none
   * @returns whose object has its name; another's is left alone
   * @throws KubernetesError
   */
  async write(
    { metadata, ...object }: Written,
    session: CustomObject,
    cleared: Readonly<Record<string, null>> = {},
  ): Promise<Ownership> {
    const { uid = '' } = session.metadata ?? {};
    const { namespace = '', name = '', labels, annotations } = metadata ?? {};
    const owned = { ...object, metadata: { ...metadata, ownerReferences: [ownerOf(session)] } };
    const [key, text] = [`${object.kind} ${namespace}/${name}`, JSON.stringify(owned)];
    if (this.written.get(key) === text) return Ownership.Own;
    const kind = resourceOf<KubernetesObject>(object);
    try {
      await this.kubernetes.create(kind, owned);
    } catch (error) {
      if (!isKubernetesError(error, KubernetesErrorType.AlreadyExists)) throw error;
      const found = await this.kubernetes.get(kind, namespace, name);
      const ownership = found === undefined ? Ownership.Previous : ownershipOf(found, uid);
      if (ownership !== Ownership.Own) return ownership;
      const patch = { metadata: { labels, annotations }, spec: { ...cleared, ...object.spec } };
      await this.kubernetes.patch(kind, namespace, name, PatchType.Merge, patch);
    }
    this.written.set(key, text);
    return Ownership.Own;
  }

  /** Deletes the object of a session; another's of that name is left alone. @throws KubernetesError */
  async remove(kind: Resource, name: string, { metadata }: CustomObject): Promise<void> {
    const { namespace = '', uid = '' } = metadata ?? {};
    this.written.delete(`${kind.kind} ${namespace}/${name}`);
    const found = await this.kubernetes.get(kind, namespace, name);
    if (found?.metadata?.uid === undefined || ownershipOf(found, uid) !== Ownership.Own) return;
    await this.kubernetes.delete(kind, namespace, name, { uid: found.metadata.uid });
  }
}
