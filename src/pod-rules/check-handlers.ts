import type { Container, PodSpec } from '../kubernetes/objects.ts';
import type { ProblemPath } from '../validation/problem.ts';
import { portNameFault } from './names.ts';
import { items, type PodProblems } from './pod-problem.ts';

type Probe = NonNullable<Container['livenessProbe']>;
type Handler = Probe & NonNullable<NonNullable<Container['lifecycle']>['preStop']>;

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const DEFAULT_GRACE_PERIOD_S = 30;

/** Probes and hooks of a container that stays; an init container that ends has none. */
export function checkHandlers(problems: PodProblems, container: Container, pod: PodSpec, at: ProblemPath): void {
  for (const kind of probes) {
    const probe = container[kind];
    if (probe !== undefined) checkProbe(problems, probe, kind, pod, [...at, kind]);
  }
  const { postStart, preStop, stopSignal } = container.lifecycle ?? {};
  if (postStart !== undefined) checkHandler(problems, postStart, pod, [...at, 'lifecycle', 'postStart']);
  if (preStop !== undefined) checkHandler(problems, preStop, pod, [...at, 'lifecycle', 'preStop']);
  if (stopSignal !== undefined && pod.os === undefined) {
    problems.forbidden([...at, 'lifecycle', 'stopSignal'], 'may not be set for containers with empty `spec.os.name`');
  }
}

/** What an init container that ends must not have. */
export function checkNoHandlers(problems: PodProblems, container: Container, at: ProblemPath): void {
  for (const kind of ['lifecycle', ...probes] as const) {
    if (container[kind] === undefined) continue;
    problems.forbidden([...at, kind], 'may not be set for init containers without restartPolicy=Always');
  }
}

function checkProbe(
  problems: PodProblems,
  probe: Probe,
  kind: (typeof probes)[number],
  pod: PodSpec,
  at: ProblemPath,
): void {
  checkHandler(problems, probe, pod, at);
  const counts = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const;
  for (const field of counts) {
    const count = probe[field];
    if (count !== undefined && count < 0) problems.invalid([...at, field], count, 'must be greater than or equal to 0');
  }
  const { successThreshold, terminationGracePeriodSeconds: grace } = probe;
  if (kind !== 'readinessProbe' && successThreshold !== undefined && successThreshold > 1) {
    problems.invalid([...at, 'successThreshold'], successThreshold, 'must be 1');
  }
  const place = [...at, 'terminationGracePeriodSeconds'];
  if (grace === undefined) return;
  if (kind === 'readinessProbe') problems.invalid(place, grace, 'must not be set for readinessProbes');
  else if (grace <= 0) problems.invalid(place, grace, 'must be greater than 0');
}

/** Exactly one way to look or to act. */
function checkHandler(problems: PodProblems, handler: Partial<Handler>, pod: PodSpec, at: ProblemPath): void {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const given = Object.entries({ exec, httpGet, tcpSocket, grpc, sleep }).filter(([, value]) => value !== undefined);
  if (given.length === 0) problems.required(at, 'must specify a handler type');
  for (const [kind] of given.slice(1)) {
    problems.forbidden([...at, kind], 'may not specify more than 1 handler type');
  }
  switch (given[0]?.[0]) {
    case 'exec':
      if (!Array.isArray(exec?.command) || exec.command.length === 0) problems.required([...at, 'exec', 'command']);
      break;
    case 'httpGet':
      checkPort(problems, httpGet?.port, [...at, 'httpGet', 'port']);
      problems.oneOf([...at, 'httpGet', 'scheme'], httpGet?.scheme, ['HTTP', 'HTTPS']);
      for (const [, { name }] of items(httpGet?.httpHeaders)) {
        problems.check([...at, 'httpGet', 'httpHeaders'], name, headerFault);
      }
      break;
    case 'tcpSocket':
      checkPort(problems, tcpSocket?.port, [...at, 'tcpSocket', 'port']);
      break;
    case 'grpc':
      checkPort(problems, grpc?.port, [...at, 'grpc', 'port']);
      break;
    case 'sleep': {
      const seconds = sleep?.seconds ?? 0;
      const grace = pod.terminationGracePeriodSeconds ?? DEFAULT_GRACE_PERIOD_S;
      if (seconds < 0 || seconds > grace) {
        const detail = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
        problems.invalid([...at, 'sleep'], seconds, detail);
      }
      break;
    }
    case undefined:
    default:
  }
}

function checkPort(problems: PodProblems, port: string | number | undefined, at: ProblemPath): void {
  if (typeof port === 'string') problems.check(at, port, portNameFault);
  else problems.inRange(at, port ?? 0, 1, 65_535);
}

const headerFault = (name: string): string | undefined =>
  /^[-A-Za-z0-9]+$/.test(name) ? undefined : "a valid HTTP header must consist of alphanumeric characters or '-'";
