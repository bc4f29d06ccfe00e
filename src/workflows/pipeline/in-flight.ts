import type { SemaphorePlace } from '../../protocol/index.ts';

/** The work under way in this run. */
export class InFlight {
  /** Units that count against the limit. */
  active = 0;
  private readonly granted: Set<string>;
  private busy = 0;
  private woken = false;

  /** @param granted as `carried` gave it to the run that continues */
  constructor(granted: readonly string[] = []) {
    this.granted = new Set(granted);
  }

  get isWoken(): boolean {
    return this.woken;
  }

  /** No work is under way whose effect must be known before the run may continue as new. */
  get isQuiet(): boolean {
    return this.busy === 0;
  }

  /** Makes the run decide again what to do. */
  wake(): void {
    this.woken = true;
  }

  sleep(): void {
    this.woken = false;
  }

  /** Runs work that must end before this run may continue as new. */
  async counted<T>(work: () => Promise<T>): Promise<T> {
    this.busy += 1;
    try {
      return await work();
    } finally {
      this.busy -= 1;
    }
  }

  /** A semaphore has granted a place that is still wanted. */
  grant(place: SemaphorePlace): void {
    this.granted.add(placeKey(place));
  }

  isGranted(place: SemaphorePlace): boolean {
    return this.granted.has(placeKey(place));
  }

  forget(place: SemaphorePlace): void {
    this.granted.delete(placeKey(place));
  }

  /** The granted places, for the run that continues this one. */
  carried(): string[] {
    return [...this.granted];
  }
}

const placeKey = ({ holder, ticket = 0 }: SemaphorePlace): string => `${holder}#${ticket}`;
