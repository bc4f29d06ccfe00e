import type { AdmissionLimits, AdmissionRequest, CarriedAdmission } from '../../protocol/index.ts';

/**
 * Who comes in next: of those with the highest priority, one of the namespace that has the fewest in; of these the one
 * that waits longest. A namespace at its own limit is passed over. One whose driver is too large for what is left is
 * not: others would pass it for ever.
 */
export class AdmissionQueue {
  limits: AdmissionLimits;
  private readonly holders: Map<string, AdmissionRequest>;
  private readonly applicants: Map<string, AdmissionRequest>;

  constructor({ limits, admitted, waiting }: CarriedAdmission = { limits: {}, admitted: [], waiting: [] }) {
    this.limits = limits;
    this.holders = new Map(admitted.map((request) => [request.holder, request]));
    this.applicants = new Map(waiting.map((request) => [request.holder, request]));
  }

  get isEmpty(): boolean {
    return this.holders.size + this.applicants.size === 0;
  }

  get admitted(): readonly AdmissionRequest[] {
    return [...this.holders.values()];
  }

  get waitingCount(): number {
    return this.applicants.size;
  }

  /** @returns whether it is in already: it asks again because it missed the answer */
  ask(request: AdmissionRequest): boolean {
    if (this.holders.has(request.holder)) return true;
    // An application makes one attempt at a time: what is left of it is of a run that somebody terminated.
    for (const { holder, workflowId } of [...this.holders.values(), ...this.applicants.values()]) {
      if (workflowId === request.workflowId && holder !== request.holder) this.leave(holder);
    }
    if (!this.applicants.has(request.holder)) this.applicants.set(request.holder, request);
    return false;
  }

  leave(holder: string): void {
    this.holders.delete(holder);
    this.applicants.delete(holder);
  }

  /** Lets in who may come in, and says who that is. */
  admit(): AdmissionRequest[] {
    const line = new Line(this.applicants.values(), this.holders.values());
    const admitted: AdmissionRequest[] = [];
    while (this.holders.size < (this.limits.maxApplications ?? Infinity)) {
      const next = line.next(this.limits.maxApplicationsPerNamespace);
      if (next === undefined || !this.hasRoomFor(next)) break;
      this.applicants.delete(next.holder);
      this.holders.set(next.holder, next);
      admitted.push(next);
    }
    return admitted;
  }

  /** Those who wait, in the order in which they would come in if one after the other left. */
  waiting(): AdmissionRequest[] {
    const line = new Line(this.applicants.values(), this.holders.values());
    return Array.from({ length: this.applicants.size }, () => line.next()!);
  }

  /** One that is larger than all there is comes in alone, rather than never. */
  private hasRoomFor({ requests }: AdmissionRequest): boolean {
    const { drivers } = this.limits;
    if (drivers === undefined || this.holders.size === 0) return true;
    const taken = { cpu: 0, memory: 0 };
    for (const holder of this.holders.values()) {
      taken.cpu += holder.requests.cpu;
      taken.memory += holder.requests.memory;
    }
    return taken.cpu + requests.cpu <= drivers.cpu && taken.memory + requests.memory <= drivers.memory;
  }
}

/** Applicants by namespace, and how many of each namespace are in. */
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
