/**
 * A place between two bytes of a container's log. Times and lines, not an offset: a kubelet that rotates a log begins
 * it again, and gives only what was written since a time.
 */
export interface LogPosition {
  /** The latest time of any line before the place, as the kubelet writes it: RFC 3339 with nanoseconds. */
  readonly at: string;
  /** Whole lines before the place, counted from the first line of that time. */
  readonly lines: number;
  /** Bytes before the place of the line that follows them. */
  readonly bytes: number;
}

/** What came is not of the log: a kubelet writes the error that ends a log behind its last line. */
export class ForeignText extends Error {
  override readonly name = 'ForeignText';
}

/** Lines of stdout and stderr may stand in another order than their times, by much less than this. */
const DISORDER_MS = 5_000;
/** A time and a space are shorter. */
const LONGEST_PREFIX = 64;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
const NEWLINE = 0x0a;
const SPACE = 0x20;

/** From when to read a log that is known up to a place. Whole seconds, as the API server passes them on. */
export function sinceTimeOf({ at }: LogPosition): string {
  const { seconds } = instantOf(at)!;
  return new Date(seconds * 1000 - DISORDER_MS).toISOString().replace('.000Z', 'Z');
}

/**
 * Takes the times off the lines of a log that a kubelet gave with them, keeps the place, and drops what stands before
 * the place where reading continues. Keeps no line in memory.
 */
export class TimedLog {
  /** The kubelet no longer had the line at which reading continues: what was written between is missing. */
  hasGap = false;
  private readonly from: LogPosition | undefined;
  private state: 'searching' | 'skipping' | 'reading';
  private latest: Instant | undefined;
  private at = '';
  private lines = 0;
  private bytes = 0;
  private prefix = '';
  private inLine = false;
  private drops = false;

  /** @param from where reading continues. @default the beginning */
  constructor(from?: LogPosition) {
    this.from = from;
    this.state = from === undefined ? 'reading' : 'searching';
    this.latest = from === undefined ? undefined : instantOf(from.at);
  }

  /** Whether the line at which reading continues has come, or one behind it. */
  get isPlaced(): boolean {
    return this.state !== 'searching';
  }

  /** Behind all that was given out; undefined before the first line. */
  get position(): LogPosition | undefined {
    if (this.state !== 'reading') return this.from;
    return this.latest === undefined ? undefined : { at: this.at, lines: this.lines, bytes: this.bytes };
  }

  /**
   * What the container wrote, of the next bytes of the log.
   *
   * @throws ForeignText where a line begins without a time; what stands before it is in `taken`
   */
  push(chunk: Buffer, taken: (bytes: Buffer) => void): void {
    for (let rest = chunk; rest.length > 0;) {
      rest = this.inLine ? this.readLine(rest, taken) : this.readPrefix(rest);
    }
  }

  private readPrefix(chunk: Buffer): Buffer {
    const space = chunk.indexOf(SPACE);
    const end = space === -1 ? Math.min(chunk.length, LONGEST_PREFIX) : space;
    this.prefix += chunk.toString('latin1', 0, end);
    if (space === -1 && this.prefix.length < LONGEST_PREFIX) return chunk.subarray(chunk.length);
    const instant = instantOf(this.prefix);
    if (instant === undefined) throw new ForeignText(this.prefix + chunk.toString('utf8', end, end + 200));
    this.beginLine(instant, this.prefix);
    this.prefix = '';
    return chunk.subarray(space + 1);
  }

  private beginLine(instant: Instant, at: string): void {
    this.inLine = true;
    const order = this.latest === undefined ? 1 : compare(instant, this.latest);
    if (this.state === 'searching' && order >= 0) {
      this.state = order === 0 ? 'skipping' : 'reading';
      this.hasGap = order > 0;
      this.begin(instant, at);
    } else if (this.state !== 'searching' && order > 0) {
      // A time that is later than any before the place stands behind it.
      this.state = 'reading';
      this.begin(instant, at);
    }
    this.drops = this.state === 'searching' || (this.state === 'skipping' && this.isBefore());
    if (!this.drops && this.state === 'skipping' && this.skipBytes === 0) this.state = 'reading';
  }

  private begin(instant: Instant, at: string): void {
    this.latest = instant;
    this.at = at;
    this.lines = 0;
    this.bytes = 0;
  }

  /** Whether the whole line stands before the place where reading continues. */
  private isBefore(): boolean {
    return this.lines < this.from!.lines;
  }

  /** Bytes at the beginning of this line that stand before that place. */
  private get skipBytes(): number {
    return this.state === 'skipping' ? Math.max(0, this.from!.bytes - this.bytes) : 0;
  }

  private readLine(chunk: Buffer, taken: (bytes: Buffer) => void): Buffer {
    const newline = chunk.indexOf(NEWLINE);
    const end = newline === -1 ? chunk.length : newline + 1;
    const skipped = this.drops ? end : Math.min(end, this.skipBytes);
    if (this.state !== 'searching') this.bytes += end;
    if (skipped < end) {
      this.state = 'reading';
      taken(chunk.subarray(skipped, end));
    }
    if (newline !== -1) {
      this.inLine = false;
      if (this.state !== 'searching') {
        this.lines += 1;
        this.bytes = 0;
      }
    }
    return chunk.subarray(end);
  }
}

/** Exact to the nanosecond, which a number of milliseconds since the epoch is not. */
interface Instant {
  readonly seconds: number;
  readonly nanoseconds: number;
}

function instantOf(text: string): Instant | undefined {
  const [, second, fraction = '', zone] = TIME.exec(text) ?? [];
  if (second === undefined || zone === undefined) return undefined;
  const seconds = Date.parse(second + zone) / 1000;
  return Number.isNaN(seconds) ? undefined : { seconds, nanoseconds: Number(fraction.padEnd(9, '0')) };
}

function compare(one: Instant, other: Instant): number {
  return one.seconds - other.seconds || one.nanoseconds - other.nanoseconds;
}
