import { KubernetesError, KubernetesErrorType, type KubernetesClient } from '../../../src/kubernetes/index.ts';
import type { ReadLogOptions } from '../../../src/kubernetes/index.ts';

interface Line {
  readonly at: string;
  readonly text: string;
}

const FIRST = Date.parse('2026-11-30T12:00:00Z');

/** The log of one container, served as a kubelet does: what is followed ends with the container. */
export class SimulatedKubelet {
  /** Requests for the log, so far. */
  readonly reads: ReadLogOptions[] = [];
  /** How the container's log is answered for, once it is gone. */
  error = new KubernetesError({
    type: KubernetesErrorType.NotFound,
    message: 'pods "pi-driver" not found',
    ...{ verb: 'get', resource: 'pods/log', cluster: 'test' },
  });
  private lines: Line[] = [];
  private written = 0;
  private isOver = false;
  private isRemoved = false;
  private wake: (() => void)[] = [];
  private cut: (() => void)[] = [];

  /** Everything that the container ever wrote. */
  content = '';

  write(...texts: string[]): void {
    for (const text of texts) {
      // Two lines of each second and a half have the same time.
      const ms = FIRST + Math.floor(this.written / 2) * 1500;
      this.lines.push({ at: new Date(ms).toISOString().replace('Z', '000001Z'), text });
      this.written += 1;
      this.content += `${text}\n`;
    }
    this.notify();
  }

  end(): void {
    this.isOver = true;
    this.notify();
  }

  /** The container ends, and its log goes with it. */
  remove(): void {
    this.isRemoved = true;
    this.end();
  }

  /** Forgets the oldest lines. */
  rotate(count: number): void {
    this.lines = this.lines.slice(count);
  }

  /** Ends what is being read as if the log had ended, which it has not: an API server that loses the kubelet does so. */
  interrupt(): void {
    for (const cut of this.cut.splice(0)) cut();
  }

  readonly client = { readLog: (_: string, __: string, options: ReadLogOptions) => this.read(options) } as Pick<
    KubernetesClient,
    'readLog'
  > as KubernetesClient;

  /** Whether a reader has everything that was written, and waits for more. */
  get isDrained(): boolean {
    return this.wake.length > 0;
  }

  private async *read(options: ReadLogOptions): AsyncIterable<Buffer> {
    this.reads.push(options);
    const { sinceTime, follow, timestamps, signal } = options;
    signal?.throwIfAborted();
    if (this.isRemoved) throw this.error;
    let isCut = false;
    this.cut.push(() => {
      isCut = true;
      this.notify();
    });
    const since = sinceTime === undefined ? 0 : Date.parse(sinceTime);
    for (let next = 0; ;) {
      const line = this.lines[next];
      if (line !== undefined) {
        next += 1;
        if (Date.parse(line.at) < since) continue;
        const bytes = Buffer.from(`${timestamps === true ? `${line.at} ` : ''}${line.text}\n`);
        const middle = bytes.length >> 1;
        yield bytes.subarray(0, middle);
        signal?.throwIfAborted();
        yield bytes.subarray(middle);
        signal?.throwIfAborted();
      } else if (isCut || this.isOver || follow !== true) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.wake.push(resolve);
          signal?.addEventListener('abort', () => resolve(), { once: true });
        });
        signal?.throwIfAborted();
      }
    }
  }

  private notify(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
