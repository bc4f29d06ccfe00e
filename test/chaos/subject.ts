import { EXPECTED, type Expected, type Point } from './points.ts';
import type { Side } from './http2-proxy.ts';
import type { Step } from './step.ts';

/** One application, and the point of its run at which something is broken. */
export class Subject {
  readonly point: Point;
  readonly namespace: string;
  readonly application: string;
  /** The blow has fallen. */
  struck = false;
  /** The workflow is over, or the harness has given up waiting for that. */
  over = false;
  runId: string | undefined;
  private readonly counts = new Map<string, number>();
  private readonly seen = new Set<string>();

  constructor(point: Point, namespace: string, application: string) {
    this.point = point;
    this.namespace = namespace;
    this.application = application;
  }

  get workflowId(): string {
    return `spark/${this.namespace}/${this.application}`;
  }

  get expected(): Expected {
    return EXPECTED[this.point.shape];
  }

  /** Counts a call; returns which one of its name it is. */
  count({ name }: Step): number {
    const nth = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, nth);
    return nth;
  }

  note(step: Step, nth: number, side: Side): void {
    this.seen.add(`${step.name} #${nth} ${side}`);
  }

  has(call: string): boolean {
    return this.seen.has(call);
  }

  isAt({ link, name }: Step, nth: number, side: Side): boolean {
    const { point } = this;
    return point.link === link && point.step === name && point.nth === nth && point.side === side;
  }
}
