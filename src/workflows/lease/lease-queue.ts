/** What every request for a place has. */
export interface LeaseRequest {
  readonly holder: string;
}

/**
 * The holders of places and the waiting requests, independent of Temporal. A subclass decides which request is next,
 * and what a repeated request changes.
 */
export abstract class LeaseQueue<Request extends LeaseRequest> {
  /** By holder, in the order in which the places were granted. */
  protected readonly granted: Map<string, Request>;
  /** By holder, in the order in which they asked. */
  protected readonly applicants: Map<string, Request>;

  constructor(holders: readonly Request[], waiting: readonly Request[]) {
    this.granted = new Map(holders.map((request) => [request.holder, request]));
    this.applicants = new Map(waiting.map((request) => [request.holder, request]));
  }

  get isEmpty(): boolean {
    return this.granted.size + this.applicants.size === 0;
  }

  get holders(): readonly Request[] {
    return [...this.granted.values()];
  }

  get waitingCount(): number {
    return this.applicants.size;
  }

  /** @returns whether it holds a place already: it asks again because it missed the answer */
  abstract ask(request: Request): boolean;

  /** Grants the free places, and returns the new holders. */
  abstract grant(): Request[];

  /**
   * The waiting requests, in the order in which they would get a place if one holder after the other released its own.
   */
  abstract waiting(): Request[];

  /** Gives a waiting request the place that a run which was lost has granted it; does nothing where none waits. */
  hold({ holder }: LeaseRequest): void {
    const request = this.applicants.get(holder);
    if (request === undefined) return;
    this.applicants.delete(holder);
    this.granted.set(holder, request);
  }

  /** Removes a holder or a waiting request; does nothing where it is neither. */
  release({ holder }: LeaseRequest): void {
    this.granted.delete(holder);
    this.applicants.delete(holder);
  }
}
