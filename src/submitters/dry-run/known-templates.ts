/** How long an answer counts, in milliseconds: policies and limits of a namespace may change. */
const LIFETIME_MS = 10 * 60_000;
/** The oldest go first. */
const MOST = 1_000;

/** Templates that an API server took in a dry run, for ten minutes each and at most a thousand of them. */
export class KnownTemplates {
  /** When each was learned, by `performance.now()`, the oldest first. */
  private readonly learned = new Map<string, number>();

  has(key: string): boolean {
    const at = this.learned.get(key);
    return at !== undefined && performance.now() - at < LIFETIME_MS;
  }

  add(key: string): void {
    this.learned.delete(key);
    this.learned.set(key, performance.now());
    if (this.learned.size <= MOST) return;
    const [oldest] = this.learned.keys();
    this.learned.delete(oldest!);
  }
}
