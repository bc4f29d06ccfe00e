import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Lab } from '../../lab/contract.ts';
import type { Environment } from '../support/environment.ts';
import type { BlowLog } from './blow-log.ts';
import { Fault, type Blow } from './fault.ts';
import { Verdict, type Call, type Side } from './http2-proxy.ts';
import { LaneProcess } from './lane-process.ts';
import { startLaneProcess, type LaneWorker, type LaneWorkerOptions } from './lane-worker.ts';
import { changeAtOnce } from './resource-life.ts';
import type { Step } from './step.ts';
import type { Subject } from './subject.ts';
import type { RelayedConnection } from './tcp-relay.ts';
import type { WorkerProxies } from './worker-proxies.ts';

/** Who makes a call. */
export type Caller = 'worker' | 'operator';

/** A call at the point of its application, and how to settle what becomes of it. */
export interface Held {
  readonly subject: Subject;
  readonly step: Step;
  readonly side: Side;
  /** Absent where it is no call over the proxies. */
  readonly call: Call | undefined;
  readonly by: Caller;
  readonly resolve: (verdict: Verdict) => void;
}

/** What a blow can hit. */
export interface Target {
  readonly lab: Lab;
  readonly env: Environment;
  readonly blow: Blow;
  readonly worker: LaneWorker;
  readonly proxies: WorkerProxies;
  /** Where one serves resources next to the worker. */
  readonly operator?: LaneProcess;
  readonly operatorProxies?: WorkerProxies;
  /** Of a worker that reaches the servers themselves. */
  readonly other: Pick<LaneWorkerOptions, 'kubeconfig' | 'temporalAddress' | 'taskQueue' | 'env' | 'clocks'>;
}

const DOWNTIME_MS = 1_500;
const PAUSE_MS = 15_000;
const DELAY_MS = 4_000;
/** The API server's client gives a silent connection up after 20 s; Temporal's would take longer than this. */
const DROP_MS = 30_000;
/** Longer than the heartbeat timeout: Temporal gives the work to another worker. */
const PARTITION_MS = 40_000;
/** After the first task of a workflow, in which it starts its first activity or child. */
const FIRST_TASK = 4;

/**
 * Breaks what is to be broken while these calls are held, and settles them. Resolves when the next blow may fall; what
 * lasts longer ends by itself, and is in the logs until then.
 */
export async function strike(target: Target, held: readonly Held[], logs: readonly BlowLog[]): Promise<void> {
  const ends = logs.map((log) => log.begin());
  const ended = () => ends.forEach((end) => end());
  let lasting: Promise<unknown> = Promise.resolve();
  try {
    ({ lasting = lasting } = await fall(target, held));
  } finally {
    void lasting.catch(() => undefined).then(ended);
  }
}

interface Fallen {
  /** What lasts longer than the call. */
  readonly lasting?: Promise<unknown>;
}

async function fall(target: Target, held: readonly Held[]): Promise<Fallen> {
  const { blow, worker, proxies, operator, env } = target;
  const { client } = env;
  const settle = (verdict: (held: Held) => Verdict) =>
    held.forEach((each) => {
      each.resolve(verdict(each));
      each.subject.released = true;
    });
  const all = (verdict: Verdict) => settle(() => verdict);
  switch (blow.fault) {
    case Fault.None:
      all(Verdict.Pass);
      break;
    case Fault.KillWorker:
      // A client of Spark in a Job lives on.
      await worker.kill(() => settle(lostOf('worker')));
      break;
    case Fault.KillOperator:
      await operator!.kill(() => settle(lostOf('operator')));
      break;
    case Fault.ChangeMeanwhile:
      await changeAll(env, held).finally(() => all(Verdict.Pass));
      break;
    case Fault.ChangeWhileAway: {
      const change = async () => {
        all(Verdict.Lost);
        await changeAll(env, held);
      };
      await worker.kill(() => (operator === undefined ? change() : operator.kill(change)));
      break;
    }
    case Fault.ExpireWatches:
      for (const each of [proxies, target.operatorProxies]) each?.kubernetes.expire(RESOURCES);
      await changeAll(env, held).finally(() => all(Verdict.Pass));
      break;
    case Fault.UpgradeWorker:
      await worker.upgrade(() => all(Verdict.Pass));
      break;
    case Fault.KillTemporal:
      await killComponent(target, 'temporal', () => settle(lostAfter('temporal')));
      break;
    case Fault.KillApiServer:
      await killComponent(target, 'kube-apiserver', () => settle(lostAfter('kubernetes')));
      break;
    case Fault.KillEtcd:
      await killComponent(target, 'etcd', () => all(Verdict.Pass));
      break;
    case Fault.PauseEtcd:
      await pauseEtcd(target, () => all(Verdict.Pass));
      break;
    // While they are held: what has ended by then would be run again, as a reset asks for.
    case Fault.ResetWorkflow:
      await Promise.all(held.map(({ subject }) => resetToLastTask(client, subject.workflowId))).finally(() =>
        all(Verdict.Pass),
      );
      break;
    case Fault.ResetPipeline:
      await Promise.all(held.map(({ subject }) => resetPipeline(client, subject))).finally(() => all(Verdict.Pass));
      break;
    case Fault.Partition:
      proxies[blow.link!].relay.cut(PARTITION_MS);
      settle(({ step }) => (step.link === blow.link ? Verdict.Lost : Verdict.Pass));
      return { lasting: workElsewhere(target) };
    case Fault.LateRequest:
      all(Verdict.Late);
      break;
    case Fault.Drop:
      connectionsOf(held).forEach((connection) => connection.drop(DROP_MS));
      all(Verdict.Lost);
      return { lasting: delay(DROP_MS) };
    case Fault.Delay:
      await delay(DELAY_MS);
      all(Verdict.Pass);
      break;
    case Fault.Reset:
      connectionsOf(held).forEach((connection) => connection.reset());
      all(Verdict.Lost);
      break;
    case Fault.HalfClose:
      connectionsOf(held).forEach((connection) => connection.halfClose());
      settle(({ side }) => (side === 'before' ? Verdict.Pass : Verdict.Lost));
      break;
    default:
      return blow.fault satisfies never;
  }
  return {};
}

const connectionsOf = (held: readonly Held[]): Set<RelayedConnection> =>
  new Set(held.flatMap(({ call }) => call?.connection ?? []));

/** Of resources. */
const RESOURCES = /\/sparkapplications\?/;

/** What a user does, at once. */
const changeAll = (env: Environment, held: readonly Held[]): Promise<unknown> =>
  Promise.all(held.map(({ subject }) => changeAtOnce(env, subject)));

/** What it calls when it is killed; a client of Spark in a Job lives on. */
function lostOf(killed: Caller): (held: Held) => Verdict {
  return ({ step, by }) => (by === killed && step.link !== 'submitter' ? Verdict.Lost : Verdict.Pass);
}

/** What a server that dies has answered does not arrive any more. */
function lostAfter(link: Step['link']): (held: Held) => Verdict {
  return ({ step, side }) => (step.link === link && side === 'after' ? Verdict.Lost : Verdict.Pass);
}

async function killComponent({ lab }: Target, name: string, settle: () => void): Promise<void> {
  const component = lab.components[name]!;
  await component.kill('SIGKILL');
  settle();
  await delay(DOWNTIME_MS);
  await component.start();
}

/** Neither the API server nor its clients are notified: requests wait, and time out. */
async function pauseEtcd({ lab }: Target, settle: () => void): Promise<void> {
  const { pid } = lab.components['etcd']!;
  process.kill(pid!, 'SIGSTOP');
  try {
    settle();
    await delay(PAUSE_MS);
  } finally {
    process.kill(pid!, 'SIGCONT');
  }
}

/** Another worker reaches both servers while ours does not, and takes its work. */
async function workElsewhere({ other, worker }: Target): Promise<void> {
  const end = Date.now() + PARTITION_MS;
  const elsewhere = new LaneProcess('another worker', () => startLaneProcess(other));
  await elsewhere.run();
  await delay(Math.max(0, end - Date.now()));
  await elsewhere.stop();
  worker.violations.push(...elsewhere.violations);
}

async function resetToLastTask(client: Client, workflowId: string): Promise<void> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const done = (events ?? []).findLast(({ workflowTaskCompletedEventAttributes: task }) => task != null);
  if (done?.eventId != null) await reset(client, workflowId, Number(done.eventId));
}

/** A call of the pipeline that is held keeps no stage from its end: then the run has not come to its point. */
async function resetPipeline(client: Client, subject: Subject): Promise<void> {
  const { status } = (await client.workflow.getHandle(subject.workflowId).describe().catch(ifMissing)) ?? {};
  if (status === undefined || status.name === 'RUNNING') await reset(client, subject.parentId!, FIRST_TASK);
  else subject.struck = false;
}

/** A stage that is yet to start. */
function ifMissing(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

async function reset(client: Client, workflowId: string, taskFinishEventId: number): Promise<void> {
  await client.workflowService.resetWorkflowExecution({
    namespace: client.options.namespace,
    workflowExecution: { workflowId, runId: '' },
    reason: 'chaos',
    workflowTaskFinishEventId: taskFinishEventId as never,
    requestId: randomUUID(),
  });
}
