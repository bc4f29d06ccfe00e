import type { Lab } from '../../lab/contract.ts';
import { startLab } from '../../lab/lab.ts';
import { connectEnvironment, type Environment } from '../support/environment.ts';
import { eventually } from '../../lab/eventually.ts';
import type { KubernetesClient, Pod } from '../../src/kubernetes/index.ts';
import { makeNamespace } from '../support/namespace.ts';
import { installCrds } from '../support/crds.ts';
import { readAuditLog } from './audit-log.ts';
import { gather, leftObjects } from './evidence.ts';
import { blowName, Fault, isCommon } from './fault.ts';
import { grouped } from './grouped.ts';
import { happenedIn, INVARIANTS, violations, type Violation } from './invariants.ts';
import { withSyncs } from './kubelet-syncs.ts';
import { keepUp } from '../support/keep-up.ts';
import { Lane } from './lane.ts';
import { LaneRights } from './lane-rights.ts';
import { ResourceObserver } from './resource-observer.ts';
import { PodObserver } from './pod-observer.ts';
import type { Point } from './points.ts';
import { faultPointName, plansOf, type FaultPoint, type LanePlan } from './scenarios.ts';
import { strikeAll } from './striking.ts';
import { Subject } from './subject.ts';

export interface Outcome extends FaultPoint {
  /** Whether the run came to the point at all; one that did not proves nothing. */
  readonly reached: boolean;
  readonly violations: readonly Violation[];
}

export interface LaneReport {
  readonly plan: LanePlan;
  /** Times the thing was broken; it hits all who are at their points at once. */
  readonly blows: number;
  readonly workerExits: number;
  readonly seconds: number;
}

export interface MatrixReport {
  readonly outcomes: readonly Outcome[];
  readonly lanes: readonly LaneReport[];
  readonly invariants: number;
  /** Points of the lanes that were not begun in time. */
  readonly left: readonly FaultPoint[];
  /** Of the harness as a whole, such as watches that stay open. */
  readonly violations: readonly Violation[];
}

export interface MatrixOptions {
  /** No lane begins after so many minutes. @default 50 */
  readonly minutes?: number;
  /** Lanes at once, of those that disturb only their own worker. @default 6 */
  readonly atOnce?: number;
  readonly onProgress?: (line: string) => void;
  /** A stranger, who sees each driver at each change. */
  readonly onDriver?: (kubernetes: KubernetesClient, driver: Pod) => Promise<void>;
}

/** Times a point is tried: a blow to its neighbours may keep a run from coming to it. */
const TRIES = 3;
/** On two cores: some lanes compute, others wait. */
const AT_ONCE = 6;

/** Breaks what is to be broken at each point, each in the run of an application of its own, and judges what became of it. */
export async function runMatrix(
  faultPoints: readonly FaultPoint[],
  options: MatrixOptions = {},
): Promise<MatrixReport> {
  const lab = await startLab({ mode: 'simulated', audit: true, persistTemporal: true, nodes: 10 });
  const stopKeepingUp = keepUp(lab, (name) => options.onProgress?.(`${name} is down, and is started again`));
  let env: Environment | undefined;
  try {
    env = await connectEnvironment({
      kubeconfig: lab.kubeconfig,
      temporalAddress: lab.temporal!.address,
      namespace: 'default',
    });
    await installCrds(env.kubernetes);
    const matrix = new Matrix(lab, env, await LaneRights.grant(lab), options);
    try {
      const plans = plansOf(faultPoints);
      const own = plans.filter(({ blow }) => !isCommon(blow));
      const common = plans.filter(({ blow }) => isCommon(blow));
      await matrix.runConvoys(
        own.map((plan) => [plan]),
        options.atOnce ?? AT_ONCE,
      );
      // What hits everything hits all lanes that it is to hit at once.
      await matrix.runConvoys(
        grouped(common, ({ blow }) => blowName(blow)),
        1,
      );
      return await matrix.judge();
    } finally {
      matrix.stop();
    }
  } finally {
    await stopKeepingUp();
    await lab.stop();
    // Last: what a lane that failed has left still asks Temporal, and a closed connection would end this process.
    await env?.close();
  }
}

/** A lane that runs. */
interface Entry {
  readonly plan: LanePlan;
  readonly lane: Lane;
  /** Of its applications. */
  readonly namespace: string;
  /** What no application has come to yet. */
  open: readonly Point[];
  subjects: readonly Subject[];
}

const nameOfLane = ({ scenario, blow }: LanePlan): string => `${scenario.name} | ${blowName(blow)}`;

class Matrix {
  private readonly lab: Lab;
  private readonly env: Environment;
  private readonly rights: LaneRights;
  private readonly options: MatrixOptions;
  private readonly begun = Date.now();
  private readonly lastBegin: number;
  private planned = 0;
  private readonly observers = new Map<string, PodObserver>();
  /** Of the namespaces whose applications are resources. */
  private readonly resources = new Map<string, ResourceObserver>();
  private readonly subjects: { readonly plan: LanePlan; readonly subject: Subject }[] = [];
  private readonly lanes: LaneReport[] = [];
  private readonly left: FaultPoint[] = [];
  private readonly violations: Violation[] = [];
  private invariants = 0;
  private count = 0;
  private laneCount = 0;

  constructor(lab: Lab, env: Environment, rights: LaneRights, options: MatrixOptions) {
    this.lab = lab;
    this.env = env;
    this.rights = rights;
    this.options = options;
    this.lastBegin = this.begun + (options.minutes ?? 50) * 60_000;
  }

  /** Lanes on which the same blows fall, and several such convoys at once. */
  async runConvoys(convoys: readonly (readonly LanePlan[])[], atOnce: number): Promise<void> {
    this.planned += convoys.flat().length;
    const queue = [...convoys];
    const work = async (): Promise<void> => {
      for (let plans = queue.shift(); plans !== undefined; plans = queue.shift()) {
        if (Date.now() <= this.lastBegin) await withSyncs(this.lab, plans[0]!.blow, () => this.runConvoy(plans));
        else this.leave(plans);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  }

  async judge(): Promise<MatrixReport> {
    const released = await this.keepHouse();
    const left = await leftObjects(this.env, [...this.observers.keys()]);
    const audited = await readAuditLog(this.lab.auditLog!);
    const outcomes: Outcome[] = [];
    for (const { plan, subject } of this.subjects) {
      const { scenario, blow } = plan;
      const { namespace, point, struck: reached } = subject;
      const [observer, resources] = [this.observers.get(namespace)!, this.resources.get(namespace)];
      const seen = { observer, resources, audited, left, released: released.has(subject) };
      this.invariants += INVARIANTS.length;
      // Temporal may have been restarted just now, and one run that cannot be judged does not void all others.
      const evidence = eventually('its evidence', () => gather(this.env, subject, seen), { timeoutMs: 60_000 });
      const found = await evidence.then(violations, (error) => [{ harm: 'stuck' as const, what: String(error) }]);
      outcomes.push({ scenario, blow, point, reached, violations: found });
    }
    // A run that did not come to its point was tried again.
    const last = new Set(new Map(outcomes.map((outcome) => [faultPointName(outcome), outcome])).values());
    const harmed = outcomes.filter((outcome) => outcome.violations.length > 0 && !last.has(outcome));
    const { lanes, invariants } = this;
    return { outcomes: [...last, ...harmed], lanes, invariants, left: this.left, violations: this.violations };
  }

  stop(): void {
    for (const observer of [...this.observers.values(), ...this.resources.values()]) observer.stop();
  }

  private async runConvoy(plans: readonly LanePlan[]): Promise<void> {
    const begun = Date.now();
    const entries: Entry[] = [];
    try {
      const started = await Promise.allSettled(plans.map((plan) => this.startLane(plan)));
      for (const result of started) if (result.status === 'fulfilled') entries.push(result.value);
      for (const result of started) if (result.status === 'rejected') throw result.reason;
      for (let tries = 1; tries <= TRIES && entries.some(({ open }) => open.length > 0); tries++) {
        for (const entry of entries) entry.subjects = await this.prepare(entry, tries);
        const runs = entries.map(({ lane, subjects }) => lane.run(subjects));
        await Promise.all([...runs, strikeAll(entries.map(({ lane }) => lane))]);
        for (const entry of entries) {
          this.subjects.push(...entry.subjects.map((subject) => ({ plan: entry.plan, subject })));
          entry.open = entry.subjects.filter(({ struck }) => !struck).map(({ point }) => point);
        }
      }
      for (const entry of entries) {
        await entry.lane.calm();
        await this.endOfWatches(entry);
        this.report(entry, (Date.now() - begun) / 1000);
      }
    } catch (error) {
      const what = `${plans.map(nameOfLane).join('; ')}: the lane failed: ${String(error)}`;
      this.violations.push({ harm: 'stuck', what });
      this.options.onProgress?.(what);
      this.leave(plans.filter((plan) => !this.lanes.some((lane) => lane.plan === plan)));
    } finally {
      await Promise.all(entries.map(({ lane }) => lane.stop()));
      for (const { lane, plan } of entries)
        this.violations.push(...lane.violations.map((each) => happenedIn(nameOfLane(plan), each)));
    }
  }

  private async startLane(plan: LanePlan): Promise<Entry> {
    const { setting } = plan.scenario;
    const namespace = await this.namespace(setting.resources !== undefined);
    const kubeconfig = await this.rights.of(setting, namespace);
    const { lab, env } = this;
    const given = { lab, env, blow: plan.blow, setting, name: `${(this.laneCount += 1)}`, kubeconfig, namespace };
    const lane = await Lane.start(given);
    return { plan, lane, namespace, open: plan.points, subjects: [] };
  }

  private leave(plans: readonly LanePlan[]): void {
    for (const { scenario, blow, points } of plans) {
      this.left.push(...points.map((point) => ({ scenario, blow, point })));
    }
  }

  private report({ plan, lane }: Entry, seconds: number): void {
    this.lanes.push({ plan, blows: lane.blows.count, workerExits: lane.workerExits, seconds });
    const done = `${this.lanes.length} of ${this.planned} after ${((Date.now() - this.begun) / 60_000).toFixed(1)} min`;
    const figures = `${plan.points.length} points, ${lane.blows.count} blows, ${seconds.toFixed(0)} s`;
    this.options.onProgress?.(`${done}: ${nameOfLane(plan)}: ${figures}`);
  }

  /** Applications that share no watch get a namespace of their own. */
  private async prepare({ open, plan, namespace: shared }: Entry, tries: number): Promise<Subject[]> {
    const { setting } = plan.scenario;
    return Promise.all(
      open.map(async (point) => {
        const namespace = /^(list|watch) /.test(point.step) ? await this.namespace() : shared;
        return new Subject({ point, setting, namespace, application: `app-${(this.count += 1)}`, tries });
      }),
    );
  }

  /** @param hasResources whether its applications are resources */
  private async namespace(hasResources = false): Promise<string> {
    const namespace = await makeNamespace(this.lab.kubeconfig, 'chaos');
    const { kubernetes } = this.env;
    const { onDriver } = this.options;
    const observer = new PodObserver(kubernetes, namespace, (pod) => void onDriver?.(kubernetes, pod));
    await observer.ready;
    this.observers.set(namespace, observer);
    if (hasResources) {
      const resources = new ResourceObserver(this.env, namespace);
      await resources.ready;
      this.resources.set(namespace, resources);
    }
    return namespace;
  }

  /** A worker that waits for nothing watches nothing. */
  private async endOfWatches({ lane, plan }: Entry): Promise<void> {
    this.invariants += 1;
    try {
      await eventually('the watches to end', () => lane.watches.length === 0, { timeoutMs: 60_000 });
    } catch {
      const what = `${lane.watches.length} watches are still open: ${lane.watches.join(' ')}`;
      this.violations.push(happenedIn(nameOfLane(plan), { harm: 'stuck', what }));
    }
  }

  /** Resolves with those whose drivers it released. */
  private async keepHouse(): Promise<ReadonlySet<Subject>> {
    const lane = await Lane.start({
      ...{ lab: this.lab, env: this.env, blow: { fault: Fault.None }, setting: {}, name: 'housekeeping' },
      ...{ kubeconfig: await this.rights.of({}, 'default'), namespace: 'default' },
    });
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
