import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { connectEnvironment, type Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import type { KubernetesClient, Pod } from '../../src/kubernetes/index.ts';
import { makeNamespace } from '../support/namespace.ts';
import { readAuditLog } from './audit-log.ts';
import { gather, leftObjects } from './evidence.ts';
import { blowName, Fault, isCommon, type Blow } from './fault.ts';
import { INVARIANTS, violations, type Violation } from './invariants.ts';
import { keepUp } from '../support/keep-up.ts';
import { Lane } from './lane.ts';
import { PodObserver } from './pod-observer.ts';
import type { Point } from './points.ts';
import { Subject } from './subject.ts';

/** One thing broken at one moment. */
export interface FaultPoint {
  readonly blow: Blow;
  readonly point: Point;
}

export interface Outcome extends FaultPoint {
  /** Whether the run came to the point at all; one that did not proves nothing. */
  readonly reached: boolean;
  readonly violations: readonly Violation[];
}

export interface LaneReport {
  readonly blow: Blow;
  readonly points: number;
  /** Times the thing was broken; it hits all who are at their points at once. */
  readonly blows: number;
  readonly workerExits: number;
  readonly seconds: number;
}

export interface MatrixReport {
  readonly outcomes: readonly Outcome[];
  readonly lanes: readonly LaneReport[];
  readonly invariants: number;
  /** Of the harness as a whole: watches that stay open, say. */
  readonly violations: readonly Violation[];
}

export interface MatrixOptions {
  /** Lanes at once that disturb nobody but their own worker. @default 3 */
  readonly concurrency?: number;
  readonly onProgress?: (line: string) => void;
  /** A stranger, who sees each driver at each change. */
  readonly onDriver?: (kubernetes: KubernetesClient, driver: Pod) => Promise<void>;
}

/** Goes a point is given: an earlier blow to its neighbours may keep a run from coming to it. */
const GOES = 3;

/** Breaks what is to be broken at each point, each in the run of an application of its own, and looks what came of it. */
export async function runMatrix(
  faultPoints: readonly FaultPoint[],
  options: MatrixOptions = {},
): Promise<MatrixReport> {
  const { concurrency = 3 } = options;
  const lab = await startLab({ mode: 'simulated', audit: true, persistTemporal: true, nodes: 10 });
  const stopKeepingUp = keepUp(lab, (name) => options.onProgress?.(`${name} is down, and is started again`));
  try {
    const env = await connectEnvironment({
      kubeconfig: lab.kubeconfig,
      temporalAddress: lab.temporal!.address,
      namespace: 'default',
    });
    const matrix = new Matrix(lab, env, options);
    try {
      const blows = new Map(faultPoints.map(({ blow }) => [blowName(blow), blow]));
      const lanes = [...blows].map(([name, blow]) => ({
        blow,
        points: faultPoints.filter((one) => blowName(one.blow) === name).map(({ point }) => point),
      }));
      const common = lanes.filter(({ blow }) => isCommon(blow));
      const own = lanes.filter(({ blow }) => !isCommon(blow));
      await inParallel(own, concurrency, ({ blow, points }) => matrix.runLane(blow, points));
      for (const { blow, points } of common) await matrix.runLane(blow, points);
      return await matrix.judge();
    } finally {
      await matrix.stop();
      await env.close();
    }
  } finally {
    await stopKeepingUp();
    await lab.stop();
  }
}

class Matrix {
  private readonly lab: Lab;
  private readonly env: Environment;
  private readonly options: MatrixOptions;
  private readonly observers = new Map<string, PodObserver>();
  private readonly subjects: { readonly blow: Blow; readonly subject: Subject; readonly reached: boolean }[] = [];
  private readonly lanes: LaneReport[] = [];
  private readonly violations: Violation[] = [];
  private invariants = 0;
  private count = 0;

  constructor(lab: Lab, env: Environment, options: MatrixOptions) {
    this.lab = lab;
    this.env = env;
    this.options = options;
  }

  async runLane(blow: Blow, points: readonly Point[]): Promise<void> {
    const begun = Date.now();
    const id = `${blowName(blow)
      .replaceAll(/[^a-z]+/g, '-')
      .replace(/-$/, '')}`;
    const lane = await Lane.start(this.lab, this.env, blow, id);
    let open = [...points];
    for (let go = 1; open.length > 0 && go <= GOES; go++) {
      const subjects = await this.prepare(open);
      await lane.run(subjects);
      open = [];
      for (const subject of subjects) {
        if (!subject.struck && go < GOES) open.push(subject.point);
        this.subjects.push({ blow, subject, reached: subject.struck });
      }
    }
    await this.endOfWatches(lane);
    await lane.stop();
    const seconds = (Date.now() - begun) / 1000;
    const { blows, workerExits } = lane;
    this.lanes.push({ blow, points: points.length, blows, workerExits, seconds });
    this.options.onProgress?.(`${blowName(blow)}: ${points.length} points, ${blows} blows, ${seconds.toFixed(0)} s`);
  }

  async judge(): Promise<MatrixReport> {
    const released = await this.keepHouse();
    const left = await leftObjects(this.env, [...this.observers.keys()]);
    const audited = await readAuditLog(this.lab.auditLog!);
    const outcomes: Outcome[] = [];
    for (const { blow, subject, reached } of this.subjects) {
      const observer = this.observers.get(subject.namespace)!;
      const evidence = await gather(this.env, subject, { observer, audited, left, released: released.has(subject) });
      this.invariants += INVARIANTS.length;
      outcomes.push({ blow, point: subject.point, reached, violations: violations(evidence) });
    }
    // A run that did not come to its point was given another go.
    const last = new Map(
      outcomes.map((outcome) => [`${blowName(outcome.blow)} ${JSON.stringify(outcome.point)}`, outcome]),
    );
    const harmed = outcomes.filter((outcome) => outcome.violations.length > 0 && ![...last.values()].includes(outcome));
    const { lanes, invariants } = this;
    return { outcomes: [...last.values(), ...harmed], lanes, invariants, violations: this.violations };
  }

  async stop(): Promise<void> {
    for (const observer of this.observers.values()) observer.stop();
  }

  /** Applications that nobody shares a watch with get a namespace of their own. */
  private async prepare(points: readonly Point[]): Promise<Subject[]> {
    const shared = await this.namespace();
    return Promise.all(
      points.map(async (point) => {
        const alone = /^(list|watch) /.test(point.step);
        const application = `app-${(this.count += 1)}`;
        return new Subject(point, alone ? await this.namespace() : shared, application);
      }),
    );
  }

  private async namespace(): Promise<string> {
    const namespace = await makeNamespace(this.lab.kubeconfig, 'chaos');
    const { kubernetes } = this.env;
    const { onDriver } = this.options;
    const observer = new PodObserver(kubernetes, namespace, (pod) => void onDriver?.(kubernetes, pod));
    await observer.ready;
    this.observers.set(namespace, observer);
    return namespace;
  }

  /** A worker that waits for nothing watches nothing. */
  private async endOfWatches(lane: Lane): Promise<void> {
    this.invariants += 1;
    try {
      await eventually('the watches to end', () => lane.watches.length === 0, { timeoutMs: 60_000 });
    } catch {
      const { watches } = lane;
      const what = `${lane.toString()}: ${watches.length} watches are still open: ${watches.join(' ')}`;
      this.violations.push({ harm: 'stuck', what });
    }
  }

  /** Resolves with those whose drivers it had to release. */
  private async keepHouse(): Promise<ReadonlySet<Subject>> {
    const lane = await Lane.start(this.lab, this.env, { fault: Fault.Delay }, 'housekeeping');
    const held = await this.heldDrivers();
    await lane.keepHouse();
    await lane.stop();
    const stillHeld = await this.heldDrivers();
    return new Set([...held].filter((subject) => !stillHeld.has(subject)));
  }

  private async heldDrivers(): Promise<Set<Subject>> {
    const left = await leftObjects(this.env, [...this.observers.keys()]);
    return new Set(
      this.subjects.flatMap(({ subject }) => {
        const objects = left.get(`${subject.namespace}/${subject.application}`) ?? [];
        return objects.some(({ held }) => held) ? [subject] : [];
      }),
    );
  }
}

async function inParallel<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}
