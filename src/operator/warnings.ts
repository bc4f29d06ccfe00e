import {
  aboutObject,
  recordEvent,
  type CustomObject,
  type KubernetesClient,
  type ObjectEvent,
  type Resource,
} from '../kubernetes/index.ts';
import type { OperatorLog } from './operator-options.ts';
import { keyOf } from './resource.ts';

/** The resource that an Event is about. */
export interface NamedResource {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Warnings about resources of one kind: each is logged and recorded once, until another follows or it is over. */
export class Warnings {
  private readonly kubernetes: KubernetesClient;
  private readonly kind: Resource<CustomObject>;
  private readonly log: OperatorLog;
  /** By key. */
  private readonly last = new Map<string, string>();

  constructor(kubernetes: KubernetesClient, kind: Resource<CustomObject>, log: OperatorLog) {
    this.kubernetes = kubernetes;
    this.kind = kind;
    this.log = log;
  }

  /** Replicas that report the same make one Event. */
  async record(resource: NamedResource, { reason, message }: Pick<ObjectEvent, 'reason' | 'message'>): Promise<void> {
    const key = keyOf(resource);
    if (this.last.get(key) === message) return;
    this.last.set(key, message);
    this.log('WARN', message, { key, reason });
    const about = aboutObject(this.kind, resource);
    await recordEvent(this.kubernetes, { about, type: 'Warning', reason, message, by: 'operator', once: true });
  }

  over(key: string): void {
    this.last.delete(key);
  }
}
