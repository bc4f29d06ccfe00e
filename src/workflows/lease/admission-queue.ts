import type { AdmissionLimits, AdmissionRequest, CarriedAdmission } from '../../protocol/index.ts';
import { LeaseQueue, type LeaseRequest } from './lease-queue.ts';

/**
 * Admits next: of the applications with the highest priority, one of the namespace with the fewest holders; of
 * these the one that waits longest. A namespace at its own limit is skipped. An application whose driver does not fit
 * is not skipped: others would overtake it for ever.
 */
export class AdmissionQueue extends LeaseQueue<AdmissionRequest> {
  limits: AdmissionLimits;
  /** Holders of places and of waiting requests, by workflow. */
  private readonly attempts: Map<string, string>;

  constructor({ limits, admitted, waiting }: CarriedAdmission = { limits: {}, admitted: [], waiting: [] }) {
    super(admitted, waiting);
    this.limits = limits;
    this.attempts = new Map([...admitted, ...waiting].map(({ workflowId, holder }) => [workflowId, holder]));
  }

  ask(request: AdmissionRequest): boolean {
    const { holder, workflowId } = request;
    if (this.granted.has(holder)) return true;
    // An application makes one attempt at a time: another is left over from a run that was terminated.
    const other = this.attempts.get(workflowId);
    if (other !== undefined && other !== holder) this.release({ holder: other });
    this.attempts.set(workflowId, holder);
    if (!this.applicants.has(holder)) this.applicants.set(holder, request);
    return false;
  }

  override release({ holder }: LeaseRequest): void {
    const { workflowId = '' } = this.granted.get(holder) ?? this.applicants.get(holder) ?? {};
    if (this.attempts.get(workflowId) === holder) this.attempts.delete(workflowId);
    super.release({ holder });
  }

  grant(): AdmissionRequest[] {
    const { maxApplications = Infinity, maxApplicationsPerNamespace = Infinity } = this.limits;
    const admitted: AdmissionRequest[] = [];
    if (this.granted.size >= maxApplications) return admitted;
    const taken = new Taken(this.granted.values());
    for (const { request, turn } of this.line()) {
      if (turn >= maxApplicationsPerNamespace) continue;
      if (this.granted.size >= maxApplications || !this.hasRoomFor(request, taken)) break;
      this.applicants.delete(request.holder);
      this.granted.set(request.holder, request);
      taken.add(request);
      admitted.push(request);
    }
    return admitted;
  }

  waiting(): AdmissionRequest[] {
    return this.line().map(({ request }) => request);
  }

  /** A driver that is larger than the limit is admitted alone, rather than never. */
  private hasRoomFor({ requests }: AdmissionRequest, taken: Taken): boolean {
    const { drivers } = this.limits;
    if (drivers === undefined || this.granted.size === 0) return true;
    return taken.cpu + requests.cpu <= drivers.cpu && taken.memory + requests.memory <= drivers.memory;
  }

  /** The waiting requests, in order. */
  private line(): Turn[] {
    const counts = new Map<string, number>();
    for (const { namespace } of this.granted.values()) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    const turns = [...this.applicants.values()].sort(inOrder).map((request) => {
      const turn = counts.get(request.namespace) ?? 0;
      counts.set(request.namespace, turn + 1);
      return { request, turn };
    });
    return turns.sort(
      (one, other) =>
        other.request.priority - one.request.priority || one.turn - other.turn || inOrder(one.request, other.request),
    );
  }
}

interface Turn {
  readonly request: AdmissionRequest;
  /** How many of its namespace hold a place when it is admitted, if all before it are. */
  readonly turn: number;
}

/** What the drivers of admitted applications request together. */
class Taken {
  cpu = 0;
  memory = 0;

  constructor(holders: Iterable<AdmissionRequest>) {
    for (const holder of holders) this.add(holder);
  }

  add({ requests: { cpu, memory } }: AdmissionRequest): void {
    this.cpu += cpu;
    this.memory += memory;
  }
}

function inOrder(one: AdmissionRequest, other: AdmissionRequest): number {
  if (one.priority !== other.priority) return other.priority - one.priority;
  if (one.since !== other.since) return one.since < other.since ? -1 : 1;
  return one.holder < other.holder ? -1 : 1;
}
