/** When things were broken: what must happen within a time need not happen while anything is. */
export class BlowLog {
  private readonly blows: { readonly from: number; until: number }[] = [];

  /** @returns what to call when all is well again */
  begin(): () => void {
    const blow = { from: Date.now(), until: Infinity };
    this.blows.push(blow);
    return () => (blow.until = Date.now());
  }

  get count(): number {
    return this.blows.length;
  }

  /** When a time that begins at `from` is over, where it begins again at the end of each blow that falls within it. */
  after(from: number, ms: number): number {
    let deadline = from + ms;
    for (const blow of this.blows) {
      if (blow.until >= from && blow.from <= deadline) deadline = Math.max(deadline, blow.until + ms);
    }
    return deadline;
  }
}
