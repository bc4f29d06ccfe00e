import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Lab } from '../../lab/contract.ts';
import { eventually, passes } from '../../lab/eventually.ts';
import { sparkHome } from '../../lab/spark-home.ts';
import { SparkClient } from '../../src/index.ts';
import { present } from '../../src/validation/present.ts';
import type { Environment } from '../support/environment.ts';
import { RUN_FOREVER, sparkPi } from '../support/manifests.ts';
import { PodProcesses } from '../support/pod-processes.ts';
import { BlowLog } from './blow-log.ts';
import type { Caller, Held, Target } from './blows.ts';
import { follow } from './disturbance.ts';
import { Fault, type Blow } from './fault.ts';
import { HostileTenant } from './hostile-tenant.ts';
import type { Call, Side, Verdict } from './http2-proxy.ts';
import { startLaneOperator } from './lane-operator.ts';
import type { Violation } from './invariants.ts';
import type { LaneProcess } from './lane-process.ts';
import { LaneWorker } from './lane-worker.ts';
import { Servers, SlowSubmitter, type Setting } from './setting.ts';
import { StandInSpark } from './stand-in-spark.ts';
import type { Step } from './step.ts';
import type { Subject } from './subject.ts';
import { startProxies, type WorkerProxies } from './worker-proxies.ts';

export interface LaneOptions {
  readonly lab: Lab;
  readonly env: Environment;
  readonly blow: Blow;
  readonly setting: Setting;
  /** Differs between the lanes of a matrix. */
  readonly name: string;
  /** Of the worker's service account. */
  readonly kubeconfig: string;
  /** Of the lane alone. */
  readonly namespace: string;
}

const CLIENT_MS = 4_000;
const HOSTILE_BYTES = 200_000;

/** A worker behind proxies of its own, and the applications that it runs, into which one kind of blow falls. */
export class Lane {
  readonly blows = new BlowLog();
  private readonly options: LaneOptions;
  private readonly taskQueue: string;
  private readonly spark: SparkClient;
  private readonly subjects = new Map<string, Subject>();
  private readonly calls = new WeakMap<Call, number>();
  private current: readonly Subject[] = [];
  private readonly held: Held[] = [];
  private lastHeldAt = 0;
  private firstHeldAt = 0;
  /** Absent until it has begun. */
  private proxies: WorkerProxies | undefined;
  private worker: LaneWorker | undefined;
  /** Where one serves resources: next to the worker, and behind proxies of its own. */
  private operator: { readonly process: LaneProcess; readonly proxies: WorkerProxies } | undefined;
  private environment: Readonly<Record<string, string>> = {};
  /** Stopped in the opposite order. */
  private readonly surroundings: (() => unknown)[] = [];
  private readonly unstopped: Violation[] = [];

  private constructor(options: LaneOptions) {
    this.options = options;
    this.taskQueue = `chaos-${options.name}`;
    this.spark = new SparkClient(options.env.client, { taskQueue: this.taskQueue });
  }

  static async start(options: LaneOptions): Promise<Lane> {
    const lane = new Lane(options);
    try {
      await lane.begin();
      return lane;
    } catch (error) {
      await lane.stop();
      throw error;
    }
  }

  /** Runs the applications to their ends, or to the deadline; what comes to its point waits until it is struck. */
  async run(subjects: readonly Subject[]): Promise<void> {
    const { env } = this.options;
    this.current = subjects;
    for (const subject of subjects) {
      this.subjects.set(`${subject.namespace}/${subject.application}`, subject);
      subject.blows = this.blows;
    }
    // A Temporal server that is busy refuses, with all sorts of reasons.
    await Promise.all(
      subjects.map((subject) => eventually(`the start of ${subject.workflowId}`, () => subject.start(env, this.spark))),
    );
    await Promise.all(subjects.map((subject) => follow(env, subject)));
  }

  /** Whether an application may still come to its point, or waits at it. */
  get isOpen(): boolean {
    return this.held.length > 0 || !this.isComplete;
  }

  /** Whether every application has come to its point, or is over. */
  get isComplete(): boolean {
    return this.current.every(({ struck, over }) => struck || over);
  }

  /** When calls began to be held, the first and the last of them; undefined where none is. */
  get heldSince(): { readonly first: number; readonly last: number } | undefined {
    return this.held.length === 0 ? undefined : { first: this.firstHeldAt, last: this.lastHeldAt };
  }

  /** The calls that are held, for the blow to settle. */
  take(): Held[] {
    return this.held.splice(0);
  }

  /** What the blow can hit. */
  get target(): Target {
    const { options, taskQueue, environment } = this;
    const [worker, proxies] = [this.worker!, this.proxies!];
    const { lab, env, blow, kubeconfig, setting } = options;
    const temporalAddress = lab.temporal!.address;
    const other = { kubeconfig, temporalAddress, taskQueue, env: environment, clocks: setting.clocks };
    const ofOperator = present({ operator: this.operator?.process, operatorProxies: this.operator?.proxies });
    return { lab, env, blow, worker, proxies, other, ...ofOperator };
  }

  /** Times the worker, or the operator next to it, ended by itself and was started again. */
  get workerExits(): number {
    return this.worker!.exits + (this.operator?.process.exits ?? 0);
  }

  /** Of its processes, so far. */
  get violations(): readonly Violation[] {
    const ofProcesses = [this.worker, this.operator?.process].flatMap((each) => each?.violations ?? []);
    return [...ofProcesses, ...this.unstopped];
  }

  /** Paths of the streams of events that the worker still reads; those of an operator last as long as it does. */
  get watches(): string[] {
    return this.proxies!.kubernetes.open.filter(
      (path) => !/\/((scheduled)?sparkapplications|sparkconnects)\?/.test(path),
    );
  }

  /** What cannot be stopped is a violation: an error here would end all other lanes. */
  async stop(): Promise<void> {
    await this.calm().catch((error: unknown) => {
      this.unstopped.push({ harm: 'stuck', what: `its neighbours could not be stopped: ${String(error)}` });
    });
    await Promise.all([this.worker?.stop(), this.operator?.process.stop()]);
    this.proxies?.close();
    this.operator?.proxies.close();
  }

  /** Applications of others, and tenants, that share the worker no longer. */
  async calm(): Promise<void> {
    for (const end of this.surroundings.splice(0).toReversed()) await end();
  }

  /** Runs housekeeping on this lane's worker; resolves with how many drivers it released. */
  async keepHouse(): Promise<number> {
    const { released } = (await this.options.env.client.workflow.execute('sparkHousekeeping', {
      workflowId: `housekeeping-${this.options.name}`,
      taskQueue: this.taskQueue,
      args: [{ graceMs: 0 }],
    })) as { released: number };
    return released;
  }

  private async begin(): Promise<void> {
    const { lab, env, name, kubeconfig, setting, blow, namespace } = this.options;
    const gateOf = (by: Caller) => (step: Step, side: Side, call?: Call) => this.gate(step, side, { call, by });
    this.proxies = await startProxies(lab, { name, kubeconfig, gate: gateOf('worker'), clocks: setting.clocks });
    this.environment = { ...(await this.prepare(gateOf('worker'))), ...this.served };
    this.worker = await LaneWorker.start({
      kubeconfig: this.proxies.kubeconfig,
      temporalAddress: this.proxies.temporalAddress,
      taskQueue: this.taskQueue,
      versioned: blow.fault === Fault.UpgradeWorker,
      env: this.environment,
      clocks: setting.clocks,
      client: env.client,
    });
    if (setting.resources === Servers.Operator || setting.resources === Servers.Both) {
      const proxies = await startProxies(lab, { name: `${name}-operator`, kubeconfig, gate: gateOf('operator') });
      const { taskQueue } = this;
      const process = await startLaneOperator({ ...proxies, taskQueue, namespaces: [namespace] });
      this.operator = { process, proxies };
    }
    await this.surround();
  }

  /** The worker's environment, where it serves resources. */
  private get served(): Readonly<Record<string, string>> {
    const { setting, namespace } = this.options;
    if (setting.resources === undefined || setting.resources === Servers.Operator) return {};
    return { TEMPORAL_SPARK_OPERATOR: 'true', TEMPORAL_SPARK_OPERATOR_NAMESPACES: namespace };
  }

  /** What there must be before the worker starts; resolves with its environment. */
  private async prepare(
    gate: (step: Step, side: Side) => Promise<Verdict> | undefined,
  ): Promise<Record<string, string>> {
    const { lab, env, setting, namespace, name } = this.options;
    const { submitter, slots, clientMs = CLIENT_MS } = setting;
    const environment: Record<string, string> = {};
    if (slots !== undefined) environment['TEMPORAL_SPARK_MAX_CONCURRENT_ACTIVITIES'] = String(slots);
    if (submitter === undefined) return environment;
    const directory = join(lab.directory, `lane-${name}`);
    await mkdir(directory, { recursive: true });
    let home: string;
    if (submitter === SlowSubmitter.Jvm) {
      home = await sparkHome('4.1.4');
    } else {
      const subjectOf = (of: string, application: string) => this.subjects.get(`${of}/${application}`);
      const spark = await StandInSpark.start({ directory, gate, subjectOf, clientMs });
      this.surroundings.push(() => spark.stop());
      home = spark.home;
    }
    if (submitter === SlowSubmitter.Job) {
      const { kubernetes, kubeconfig } = env;
      const pods = new PodProcesses({ kubernetes, kubeconfig, namespace, sparkHome: home });
      this.surroundings.push(() => pods[Symbol.asyncDispose]());
    }
    const file = join(directory, 'submitters.yaml');
    const configuration =
      submitter === SlowSubmitter.Job
        ? { default: submitter, sparkSubmitJob: { image: 'temporal-spark:chaos' } }
        : { default: 'spark-submit', sparkSubmit: { home, maxConcurrent: 20 } };
    await writeFile(file, stringify(configuration));
    return { ...environment, TEMPORAL_SPARK_SUBMITTERS_FILE: file };
  }

  /** What happens around the applications. */
  private async surround(): Promise<void> {
    const { env, setting, namespace } = this.options;
    const { waits = 0, hostileTenant = false } = setting;
    const names = Array.from({ length: waits }, (_, index) => `other-${index + 1}`);
    const others = await Promise.all(
      names.map((name) => this.spark.start(sparkPi({ name, namespace, annotations: RUN_FOREVER }))),
    );
    this.surroundings.push(() =>
      Promise.all(
        others.map(async (other) => {
          // Temporal may have been struck just now.
          await eventually(
            'a neighbour to be killed',
            passes(() => other.kill()),
          );
          await other.result().catch(() => undefined);
        }),
      ),
    );
    if (!hostileTenant) return;
    const tenant = new HostileTenant(env.client, { taskQueue: this.taskQueue, bytes: HOSTILE_BYTES });
    this.surroundings.push(() => tenant.stop());
  }

  private gate(
    step: Step,
    side: Side,
    { call, by }: { readonly call: Call | undefined; readonly by: Caller },
  ): Promise<Verdict> | undefined {
    const subject = this.find(step);
    if (subject === undefined) return undefined;
    const nth = this.nth(subject, step, side, call);
    subject.note(step, nth, side);
    if (subject.struck || !subject.isAt(step, nth, side)) return undefined;
    subject.struck = true;
    return new Promise((resolve) => {
      this.lastHeldAt = Date.now();
      if (this.held.length === 0) this.firstHeldAt = Date.now();
      this.held.push({ subject, step, side, call, by, resolve });
    });
  }

  /** Which call of its name it is. */
  private nth(subject: Subject, step: Step, side: Side, call: Call | undefined): number {
    // Of a process it is known which side of it has come.
    if (call === undefined) return side === 'before' ? subject.count(step) : subject.countOf(step);
    let nth = this.calls.get(call);
    if (nth === undefined) this.calls.set(call, (nth = subject.count(step)));
    return nth;
  }

  private find({ namespace, application }: Step): Subject | undefined {
    if (application !== undefined) {
      // A run of a schedule has its name, and the time that it was due.
      const schedule = application.replace(/^(app-\d+)-.*$/, '$1');
      return this.subjects.get(`${namespace}/${application}`) ?? this.subjects.get(`${namespace}/${schedule}`);
    }
    // Lists and watches are of a namespace; where it matters it has one application only.
    const there = [...this.subjects.values()].filter((subject) => subject.namespace === namespace);
    return there.length === 1 ? there[0] : undefined;
  }
}
