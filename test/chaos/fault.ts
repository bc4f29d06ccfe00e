import type { Point } from './points.ts';

/** What is broken. */
export const Fault = {
  KillWorker: 'kill worker',
  KillTemporal: 'kill temporal',
  KillApiServer: 'kill kube-apiserver',
  KillEtcd: 'kill etcd',
  /** Nothing passes any more, and nobody is told. */
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
  readonly link?: Point['link'];
}

const NETWORK = [Fault.Drop, Fault.Delay, Fault.Reset, Fault.HalfClose];

export const BLOWS: readonly Blow[] = [
  ...[Fault.KillWorker, Fault.KillTemporal, Fault.KillApiServer, Fault.KillEtcd].map((fault) => ({ fault })),
  ...(['kubernetes', 'temporal'] as const).flatMap((link) => NETWORK.map((fault) => ({ fault, link }))),
];

export function blowName({ fault, link }: Blow): string {
  return link === undefined ? fault : `${fault} (${link})`;
}

/** Whether a blow can fall at a point: one of the network needs a call on that link. */
export function falls({ link }: Blow, point: Point): boolean {
  return link === undefined || link === point.link;
}

/** Whether it hits the whole lab, and so all that runs there. */
export function isCommon({ fault }: Blow): boolean {
  return fault === Fault.KillTemporal || fault === Fault.KillApiServer || fault === Fault.KillEtcd;
}
