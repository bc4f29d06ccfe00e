import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { Lab } from '../../lab/contract.ts';
import { eventually } from '../../lab/eventually.ts';
import { SparkClient, type SparkApplicationManifest } from '../../src/index.ts';
import { Resources } from '../../src/kubernetes/index.ts';
import type { Environment } from '../support/environment.ts';
import { ApplicationRequest } from '../../src/protocol/index.ts';
import { startWorkerProcess, type WorkerProcess } from '../../lab/worker-process.ts';
import { blowName, Fault, type Blow } from './fault.ts';
import type { Call, Side } from './http2-proxy.ts';
import { manifestOf, Shape } from './points.ts';
import type { Step } from './step.ts';
import type { Subject } from './subject.ts';
import { startProxies, type WorkerProxies } from './worker-proxies.ts';

interface Held {
  readonly subject: Subject;
  readonly step: Step;
  readonly side: Side;
  readonly call: Call;
  readonly resolve: (verdict: 'pass' | 'lost') => void;
}

/** The blow falls when nobody has come to a point for this long: one blow, and each is where it has to be. */
const QUIET_MS = 2_000;
/** But nobody is held for longer than this: a workflow task is given to another worker after ten seconds. */
const LONGEST_HOLD_MS = 6_000;
const DOWNTIME_MS = 1_500;
const DELAY_MS = 4_000;
/** The API server's client gives a silent connection up after 20 s; Temporal's would take longer than this. */
const DROP_MS = 30_000;
/** A driver that runs for this long is waited for, whether that was seen or not. */
const SEEN_MS = 20_000;
/** An application takes a few seconds; after a blow it may first have to be noticed that its worker is gone. */
const DEADLINE_MS = 180_000;
/** A request is answered when a worker has taken it; then it is asked again. */
const REQUEST_MS = 60_000;

/** A worker behind proxies of its own, and the applications that it runs, into which one kind of blow falls. */
export class Lane {
  readonly name: string;
  /** Times the blow fell: it hits all who wait at their points at once. */
  blows = 0;
  /** Times the worker ended by itself and was started again, as Kubernetes would. */
  workerExits = 0;
  private readonly lab: Lab;
  private readonly env: Environment;
  private readonly blow: Blow;
  private readonly taskQueue: string;
  private readonly subjects = new Map<string, Subject>();
  private readonly calls = new WeakMap<Call, number>();
  private held: Held[] = [];
  private lastBlowAt = 0;
  private lastHeldAt = 0;
  private firstHeldAt = 0;
  private proxies!: WorkerProxies;
  private worker!: WorkerProcess;
  private stopping = false;

  private constructor(lab: Lab, env: Environment, blow: Blow, name: string) {
    this.lab = lab;
    this.env = env;
    this.blow = blow;
    this.name = name;
    this.taskQueue = `chaos-${name}`;
  }

  static async start(lab: Lab, env: Environment, blow: Blow, id: string): Promise<Lane> {
    const lane = new Lane(lab, env, blow, id);
    lane.proxies = await startProxies(lab, id, (step, side, call) => lane.gate(step, side, call));
    await lane.startWorker();
    return lane;
  }

  /** Runs the applications to their ends, or to the deadline. */
  async run(subjects: readonly Subject[]): Promise<void> {
    for (const subject of subjects) this.subjects.set(`${subject.namespace}/${subject.application}`, subject);
    const spark = new SparkClient(this.env.client, { taskQueue: this.taskQueue });
    await Promise.all(
      subjects.map(async (subject) => {
        const { shape } = subject.point;
        const handle = await spark.start(manifestOf(shape, subject.application, subject.namespace));
        subject.runId = handle.runId;
      }),
    );
    await Promise.all([...subjects.map((subject) => this.follow(subject)), this.strikeAll(subjects)]);
  }

  /** Paths of the streams of events that the worker still reads. */
  get watches(): string[] {
    return this.proxies.kubernetes.open;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.worker.end('SIGTERM');
    this.proxies.close();
  }

  /** Runs housekeeping on this lane's worker; resolves with how many drivers it had to release. */
  async keepHouse(): Promise<number> {
    const { released } = (await this.env.client.workflow.execute('sparkHousekeeping', {
      workflowId: `housekeeping-${this.name}`,
      taskQueue: this.taskQueue,
      args: [{ graceMs: 0 }],
    })) as { released: number };
    return released;
  }

  private gate(step: Step, side: Side, call: Call): Promise<'pass' | 'lost'> | undefined {
    const subject = this.find(step);
    if (subject === undefined) return undefined;
    let nth = this.calls.get(call);
    if (nth === undefined) this.calls.set(call, (nth = subject.count(step)));
    subject.note(step, nth, side);
    if (subject.struck || !subject.isAt(step, nth, side)) return undefined;
    subject.struck = true;
    return new Promise((resolve) => {
      this.lastHeldAt = Date.now();
      if (this.held.length === 0) this.firstHeldAt = Date.now();
      this.held.push({ subject, step, side, call, resolve });
    });
  }

  private find({ namespace, application }: Step): Subject | undefined {
    if (application !== undefined) return this.subjects.get(`${namespace}/${application}`);
    // Lists and watches are of a namespace; where it matters it has one application only.
    const there = [...this.subjects.values()].filter((subject) => subject.namespace === namespace);
    return there.length === 1 ? there[0] : undefined;
  }

  /** Lets the blow fall until it has fallen at every point. */
  private async strikeAll(subjects: readonly Subject[]): Promise<void> {
    while (this.held.length > 0 || subjects.some(({ struck, over }) => !struck && !over)) {
      await delay(50);
      if (this.held.length === 0) continue;
      const now = Date.now();
      const all = subjects.every(({ struck, over }) => struck || over);
      if (!all && now - this.lastHeldAt < QUIET_MS && now - this.firstHeldAt < LONGEST_HOLD_MS) continue;
      const held = this.held;
      this.held = [];
      this.blows += 1;
      await this.strike(held);
      this.lastBlowAt = Date.now() + (this.blow.fault === Fault.Drop ? DROP_MS : 0);
    }
  }

  private async strike(held: readonly Held[]): Promise<void> {
    const { fault } = this.blow;
    const connections = new Set(held.flatMap(({ call: { connection } }) => connection ?? []));
    const settle = (verdict: (held: Held) => 'pass' | 'lost') => held.forEach((one) => one.resolve(verdict(one)));
    switch (fault) {
      case Fault.KillWorker:
        this.stopping = true;
        await this.worker.end('SIGKILL');
        settle(() => 'lost');
        this.stopping = false;
        return this.startWorker();
      case Fault.KillTemporal:
        return this.killComponent('temporal', () => settle(lostAfter('temporal')));
      case Fault.KillApiServer:
        return this.killComponent('kube-apiserver', () => settle(lostAfter('kubernetes')));
      case Fault.KillEtcd:
        return this.killComponent('etcd', () => settle(() => 'pass'));
      case Fault.Drop:
        for (const connection of connections) connection.drop(DROP_MS);
        return settle(() => 'lost');
      case Fault.Delay:
        await delay(DELAY_MS);
        return settle(() => 'pass');
      case Fault.Reset:
        for (const connection of connections) connection.reset();
        return settle(() => 'lost');
      case Fault.HalfClose:
        for (const connection of connections) connection.halfClose();
        return settle(({ side }) => (side === 'before' ? 'pass' : 'lost'));
      default:
        return fault satisfies never;
    }
  }

  private async killComponent(name: string, settle: () => void): Promise<void> {
    const component = this.lab.components[name]!;
    await component.kill('SIGKILL');
    settle();
    await delay(DOWNTIME_MS);
    await component.start();
    // A kubelet looks again at what it has; kwok forgets a pod whose next state it could not write, so that the driver
    // would run for ever (seen once in 848: kill etcd, before watch pods). What keeps up starts it again.
    if (name !== 'temporal') await this.lab.components['kwok']!.kill('SIGKILL');
  }

  private async startWorker(): Promise<void> {
    const { proxies, taskQueue } = this;
    const { kubeconfig, temporalAddress } = proxies;
    // A worker ends if it cannot reach its servers, and one of them may be what was just killed.
    const worker = await eventually(
      'a worker to start',
      () => startWorkerProcess({ kubeconfig, temporalAddress, taskQueue }),
      { intervalMs: 1_000 },
    );
    this.worker = worker;
    void worker.exited.then(() => {
      if (this.stopping || this.worker !== worker) return;
      this.workerExits += 1;
      return this.startWorker();
    });
  }

  /** Does what the shape asks for once the driver runs, and waits for the end. */
  private async follow(subject: Subject): Promise<void> {
    const begun = Date.now();
    // The blows of its neighbours hit it too: what counts is the time since the last of them.
    const deadline = () => Math.max(begun, this.lastBlowAt) + DEADLINE_MS;
    const { shape } = subject.point;
    if (shape !== Shape.Plain && shape !== Shape.Restarted) await this.interfere(subject, deadline);
    const workflow = this.env.client.workflow.getHandle(subject.workflowId, subject.runId);
    const ended = async (): Promise<void> => {
      while (Date.now() < deadline()) {
        try {
          await this.env.client.withDeadline(deadline(), () => workflow.result());
          return;
        } catch (error) {
          if (error instanceof WorkflowFailedError) return;
          await delay(500);
        }
      }
    };
    await ended();
    subject.over = true;
  }

  private async interfere(subject: Subject, deadline: () => number): Promise<void> {
    const uid = await this.tried(deadline, () => this.waitedForDriver(subject));
    if (uid !== undefined) await this.tried(deadline, () => this.disturb(subject, uid).then(() => true));
  }

  /** Until there is an answer: what was asked may be what was just killed. */
  private async tried<T>(deadline: () => number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
    while (Date.now() < deadline()) {
      const answer = await ask().catch(() => undefined);
      if (answer !== undefined) return answer;
      await delay(100);
    }
    return undefined;
  }

  /** UID of the driver, once it runs and the workflow waits for its end. */
  private async waitedForDriver(subject: Subject): Promise<string | undefined> {
    const { namespace, application } = subject;
    const options = { timeoutMs: 5_000 };
    const pod = await this.env.kubernetes.get(Resources.pods, namespace, `${application}-driver`, options);
    if (pod?.status?.phase !== 'Running') return undefined;
    // A blow may have kept us from seeing that the workflow waits.
    const waits = subject.has('RespondWorkflowTaskCompleted #3 after');
    return waits || Date.now() - Date.parse(pod.status.startTime!) >= SEEN_MS ? pod.metadata!.uid! : undefined;
  }

  /** What the shape says that happens to a running application; safe to repeat. */
  private async disturb({ point: { shape }, namespace, application, workflowId }: Subject, uid: string): Promise<void> {
    const { kubernetes, client } = this.env;
    const workflow = client.workflow.getHandle(workflowId);
    // The same ID asks the same thing: who asks again, because the answer was lost, gets the answer.
    const request = (name: ApplicationRequest, ...args: SparkApplicationManifest[]) =>
      client.withDeadline(Date.now() + REQUEST_MS, () =>
        workflow.executeUpdate(name, { args: args as [SparkApplicationManifest], updateId: name }),
      );
    const successor = manifestOf(Shape.Plain, application, namespace);
    switch (shape) {
      case Shape.Plain:
      case Shape.Restarted:
        return;
      case Shape.Cancelled:
        return workflow.cancel().then(() => undefined);
      case Shape.Deleted:
        await kubernetes.delete(Resources.pods, namespace, `${application}-driver`, { uid });
        return;
      case Shape.Updated:
        await request(ApplicationRequest.UpdateManifest, successor);
        return;
      case Shape.Suspended:
        await request(ApplicationRequest.Suspend);
        await request(ApplicationRequest.UpdateManifest, suspended(successor));
        await request(ApplicationRequest.Resume);
        return;
      default:
        return shape satisfies never;
    }
  }

  toString(): string {
    return `${this.name}: ${blowName(this.blow)}`;
  }
}

function suspended(manifest: SparkApplicationManifest): SparkApplicationManifest {
  return { ...manifest, spec: { ...manifest.spec, suspend: true } };
}

/** What a server that dies has answered does not arrive any more. */
function lostAfter(link: Step['link']): (held: Held) => 'pass' | 'lost' {
  return ({ step, side }) => (step.link === link && side === 'after' ? 'lost' : 'pass');
}
