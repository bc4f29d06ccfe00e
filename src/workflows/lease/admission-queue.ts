import type { AdmissionLimits, AdmissionRequest, CarriedAdmission } from '../../protocol/index.ts';
import { LeaseQueue } from './lease-queue.ts';

/**
 * Admits next: of the applications with the highest priority, one of the namespace with the fewest holders; of
 * these the one that waits longest. A namespace at its own limit is skipped. An application whose driver does not fit
 * is not skipped: others would overtake it for ever.
 */
export class AdmissionQueue extends LeaseQueue<AdmissionRequest> {
  limits: AdmissionLimits;

  constructor({ limits, admitted, waiting }: CarriedAdmission = { limits: {}, admitted: [], waiting: [] }) {
    super(admitted, waiting);
    this.limits = limits;
  }

  ask(request: AdmissionRequest): boolean {
    if (this.granted.has(request.holder)) return true;
    // An application makes one attempt at a time: another is left over from a run that was terminated.
    for (const other of [...this.granted.values(), ...this.applicants.values()]) {
      if (other.workflowId === request.workflowId && other.holder !== request.holder) this.release(other);
    }
    if (!this.applicants.has(request.holder)) this.applicants.set(request.holder, request);
    return false;
  }

  grant(): AdmissionRequest[] {
    const line = new Line(this.applicants.values(), this.granted.values());
    const admitted: AdmissionRequest[] = [];
    while (this.granted.size < (this.limits.maxApplications ?? Infinity)) {
      const next = line.next(this.limits.maxApplicationsPerNamespace);
      if (next === undefined || !this.hasRoomFor(next)) break;
      this.applicants.delete(next.holder);
      this.granted.set(next.holder, next);
      admitted.push(next);
    }
    return admitted;
  }

  waiting(): AdmissionRequest[] {
    const line = new Line(this.applicants.values(), this.granted.values());
    return Array.from({ length: this.applicants.size }, () => line.next()!);
  }

  /** A driver that is larger than the limit is admitted alone, rather than never. */
  private hasRoomFor({ requests }: AdmissionRequest): boolean {
    const { drivers } = this.limits;
    if (drivers === undefined || this.granted.size === 0) return true;
    const taken = { cpu: 0, memory: 0 };
    for (const holder of this.granted.values()) {
      taken.cpu += holder.requests.cpu;
      taken.memory += holder.requests.memory;
    }
    return taken.cpu + requests.cpu <= drivers.cpu && taken.memory + requests.memory <= drivers.memory;
  }
}

/** Applicants by namespace, and how many of each namespace hold a place. */
class Line {
  private readonly lanes = new Map<string, AdmissionRequest[]>();
  private readonly counts = new Map<string, number>();

  constructor(applicants: Iterable<AdmissionRequest>, holders: Iterable<AdmissionRequest>) {
    for (const request of applicants) {
      const lane = this.lanes.get(request.namespace);
      if (lane === undefined) this.lanes.set(request.namespace, [request]);
      else lane.push(request);
    }
    // The last of a lane is its first in line: that is cheap to take off.
    for (const lane of this.lanes.values()) lane.sort((one, other) => -inOrder(one, other));
    for (const { namespace } of holders) this.counts.set(namespace, this.count(namespace) + 1);
  }

  next(limitPerNamespace = Infinity): AdmissionRequest | undefined {
    let first: AdmissionRequest | undefined;
    for (const [namespace, lane] of this.lanes) {
      const head = lane.at(-1);
      if (head === undefined || this.count(namespace) >= limitPerNamespace) continue;
      if (first === undefined || this.isBefore(head, first)) first = head;
    }
    if (first === undefined) return undefined;
    this.lanes.get(first.namespace)!.pop();
    this.counts.set(first.namespace, this.count(first.namespace) + 1);
    return first;
  }

  private isBefore(one: AdmissionRequest, other: AdmissionRequest): boolean {
    const order =
      other.priority - one.priority || this.count(one.namespace) - this.count(other.namespace) || inOrder(one, other);
    return order < 0;
  }

  private count(namespace: string): number {
    return this.counts.get(namespace) ?? 0;
  }
}

function inOrder(one: AdmissionRequest, other: AdmissionRequest): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  if (one.since !== other.since) return one.since < other.since ? -1 : 1;
  return one.holder < other.holder ? -1 : 1;
}
