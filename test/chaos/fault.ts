import type { Point } from './points.ts';
import { Shape } from './shapes.ts';

/** What is broken. */
export const Fault = {
  /** Nothing: what is unusual is all around. */
  None: 'nothing',
  KillWorker: 'kill worker',
  /** The replica of `temporal-spark operator`. */
  KillOperator: 'kill operator',
  /** The user changes the resource while the call is under way. */
  ChangeMeanwhile: 'change meanwhile',
  /** Worker and operator are killed, and the user changes the resource before they start again. */
  ChangeWhileAway: 'change while away',
  /** The watches of resources expire (410), and the user changes the resource meanwhile. */
  ExpireWatches: 'expire watches',
  /** Another version of the worker takes its place, as a rollout does it. */
  UpgradeWorker: 'upgrade worker',
  KillTemporal: 'kill temporal',
  KillApiServer: 'kill kube-apiserver',
  KillEtcd: 'kill etcd',
  /** The API server is there, and its etcd does not answer. */
  PauseEtcd: 'pause etcd',
  /** A user resets the workflow to its last task. */
  ResetWorkflow: 'reset workflow',
  /** A user resets the pipeline to its first task. */
  ResetPipeline: 'reset pipeline',
  /** The worker reaches one of its servers no more, and is not notified. Another worker does, and takes its work. */
  Partition: 'partition',
  /** The client sees an error at once, and the server carries the request out some seconds later. */
  LateRequest: 'late request',
  /** Nothing passes on the connection any more, and neither side is notified. */
  Drop: 'drop',
  /** What is under way arrives late. */
  Delay: 'delay',
  Reset: 'reset',
  /** The client sees the end of what it receives; what it sends still arrives. */
  HalfClose: 'half-close',
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

/** Those of the network hit the connections to one server; the others everything. */
export interface Blow {
  readonly fault: Fault;
  readonly link?: 'kubernetes' | 'temporal';
}

/** Of a worker's side of the network. */
const LINKS = ['kubernetes', 'temporal'] as const;

export const of = (...faults: readonly Fault[]): Blow[] => faults.map((fault) => ({ fault }));
/** On both links. */
export const between = (...faults: readonly Fault[]): Blow[] =>
  LINKS.flatMap((link) => faults.map((fault) => ({ fault, link })));

export function blowName({ fault, link }: Blow): string {
  return link === undefined ? fault : `${fault} (${link})`;
}

const WITHOUT_REQUESTS: readonly Shape[] = [Shape.Plain, Shape.Restarted, Shape.Accompanied, Shape.Deleted];
/** By a user, at a point that comes after the record of the submission, or at any where that may be under way. */
const CHANGED: readonly Shape[] = [Shape.Updated, Shape.Suspended, Shape.Removed, Shape.RemovedEarly, Shape.Replaced];
const isChanged = (_: Blow, { shape }: Point): boolean => CHANGED.includes(shape);
const onItsLink = ({ link }: Blow, point: Point): boolean => link === point.link;
const always = (): boolean => true;

/** Whether a blow can fall at a point. */
const FALLS: Readonly<Record<Fault, (blow: Blow, point: Point) => boolean>> = {
  [Fault.None]: always,
  [Fault.KillWorker]: always,
  [Fault.KillOperator]: always,
  [Fault.ChangeMeanwhile]: isChanged,
  [Fault.ChangeWhileAway]: isChanged,
  [Fault.ExpireWatches]: isChanged,
  [Fault.UpgradeWorker]: always,
  [Fault.KillTemporal]: always,
  [Fault.KillApiServer]: always,
  [Fault.KillEtcd]: always,
  [Fault.PauseEtcd]: (_, { link }) => link !== 'temporal',
  // Temporal needs a completed task to reset to, and does not apply a cancel request to the new run.
  [Fault.ResetWorkflow]: (_, { link, side, shape }) =>
    link === 'temporal' && side === 'after' && WITHOUT_REQUESTS.includes(shape),
  // A stage that has ended runs again after a reset, which is what a reset asks for.
  [Fault.ResetPipeline]: (_, { shape, step, nth, side }) =>
    shape === Shape.Staged &&
    !(step.startsWith('pipeline') && (nth === 3 || side === 'before')) &&
    !(step === 'RespondWorkflowTaskCompleted' && nth === 5),
  // Whatever the worker was about to do.
  [Fault.Partition]: always,
  [Fault.LateRequest]: (_, { link, step, side }) =>
    link === 'kubernetes' && side === 'before' && /^(create|delete|patch) /.test(step),
  [Fault.Drop]: onItsLink,
  [Fault.Delay]: onItsLink,
  [Fault.Reset]: onItsLink,
  [Fault.HalfClose]: onItsLink,
};

export function falls(blow: Blow, point: Point): boolean {
  return FALLS[blow.fault](blow, point);
}

const COMMON: readonly Fault[] = [Fault.KillTemporal, Fault.KillApiServer, Fault.KillEtcd, Fault.PauseEtcd];
const LONG: readonly Fault[] = [Fault.Partition, Fault.Drop];

/** Whether it hits the whole lab, and so all that runs there. */
export const isCommon = ({ fault }: Blow): boolean => COMMON.includes(fault);
/** Whether it lasts for so long that those who come to their points meanwhile would miss them. */
export const isLong = ({ fault }: Blow): boolean => LONG.includes(fault);
