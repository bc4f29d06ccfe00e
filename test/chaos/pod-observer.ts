import { Resources, type KubernetesClient, type WatchLease } from '../../src/kubernetes/index.ts';
import type { Pod } from '../../src/kubernetes/objects.ts';
import { DRIVER_FINALIZER, Label } from '../../src/spark/metadata.ts';
import type { SeenPod } from './invariants.ts';

const DRIVER_CONTAINER = 'spark-kubernetes-driver';

/** Remembers every driver pod of a namespace, over a watch that goes through no proxy. */
export class PodObserver {
  private readonly pods = new Map<string, SeenPod & { readonly application: string; readonly name: string }>();
  private readonly lease: WatchLease<Pod>;

  constructor(kubernetes: KubernetesClient, namespace: string, onDriver: (pod: Pod) => void) {
    this.lease = kubernetes.watch(Resources.pods, namespace, `${Label.SubmissionId},spark-role=driver`);
    this.lease.subscribe((name, pod) => {
      this.see(name, pod);
      if (pod !== undefined) onDriver(pod);
    });
  }

  get ready(): Promise<void> {
    return this.lease.ready;
  }

  podsOf(application: string): SeenPod[] {
    return [...this.pods.values()].filter((pod) => pod.application === application);
  }

  stop(): void {
    this.lease.release();
  }

  private see(name: string, pod: Pod | undefined): void {
    if (pod === undefined) {
      for (const seen of this.pods.values()) if (seen.name === name) this.goes(seen.uid);
      return;
    }
    const { uid, labels = {}, finalizers = [] } = pod.metadata!;
    // A namesake that replaces another unseen means that the other is gone.
    for (const seen of this.pods.values()) if (seen.name === name && seen.uid !== uid) this.goes(seen.uid);
    if (!this.pods.has(uid!)) {
      const submissionId = labels[Label.SubmissionId]!;
      this.pods.set(uid!, { uid: uid!, submissionId, application: labels[Label.AppName]!, name });
    }
    if (!finalizers.includes(DRIVER_FINALIZER)) this.release(uid!);
    const driver = pod.status?.containerStatuses?.find(({ name: container }) => container === DRIVER_CONTAINER);
    const finishedAt = driver?.state?.terminated?.finishedAt;
    if (finishedAt !== undefined) this.end(uid!, Date.parse(finishedAt));
  }

  private goes(uid: string): void {
    this.release(uid);
    const seen = this.pods.get(uid)!;
    if (seen.goneAt === undefined) this.pods.set(uid, { ...seen, goneAt: Date.now() });
  }

  private end(uid: string, endedAt: number): void {
    const seen = this.pods.get(uid)!;
    if (seen.endedAt === undefined) this.pods.set(uid, { ...seen, endedAt });
  }

  private release(uid: string): void {
    const seen = this.pods.get(uid)!;
    if (seen.releasedAt === undefined) this.pods.set(uid, { ...seen, releasedAt: Date.now() });
  }
}
