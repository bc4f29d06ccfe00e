/** Makes a `KubernetesError` of whatever went wrong between the caller and the API server. @module */
import type { IncomingHttpHeaders } from 'node:http';
import {
  KubernetesError,
  KubernetesErrorType,
  type KubernetesCall,
  type KubernetesErrorCause,
} from './kubernetes-error.ts';
import { readStatus, type ReadStatus } from './status-body.ts';
import type { Status } from '../objects.ts';
import { present } from '../../validation/present.ts';
import { withoutTrailing } from '../../validation/trim.ts';

/** What there is of an answer that is not a success. */
export interface FailedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How far a request came before it failed without an answer. */
export const FailurePoint = {
  /** No connection took it. */
  BeforeSending: 'BeforeSending',
  /** It was on its way or being answered. */
  AfterSending: 'AfterSending',
  /** The deadline passed. */
  Deadline: 'Deadline',
  /** Its answer became longer than its limit. */
  TooLarge: 'TooLarge',
  /** The client was closed. */
  Closed: 'Closed',
} as const;
export type FailurePoint = (typeof FailurePoint)[keyof typeof FailurePoint];

const POINT_ELSEWHERE = 'start it, or name another cluster with KUBECONFIG or a kubeconfig context';

/** The failure that an API server, or something in front of it, answered. */
export function failureOfResponse(call: KubernetesCall, { status, headers, body }: FailedResponse): KubernetesError {
  const answer = readStatus(body);
  const problem = answer?.message ?? (status < 300 ? 'the response is not valid' : `HTTP ${status}`);
  const type = typeOf(status, answer, call);
  return new KubernetesError({
    ...call,
    type,
    status,
    message: sentence(call, withoutSecrets(call, problem), REMEDIES[type]?.(call, status, answer)),
    reason: answer?.reason,
    causes: (answer?.causes ?? []).map((cause) => safeCause(call, cause)),
    retryAfterMs: retryAfterMs(headers, answer),
    continueToken: answer?.continueToken,
  });
}

/**
 * The failure that a pod answered through the API server, or the API server in its place. Only the authorizer's words
 * count as a refusal of the API server; a pod that repeats them harms itself only. When to try again is not the pod's
 * to decide.
 */
export function failureOfPod(call: KubernetesCall, { status, body }: FailedResponse): KubernetesError {
  const { message = `HTTP ${status}` } = readStatus(body) ?? {};
  const other = status >= 500 ? KubernetesErrorType.ServerError : KubernetesErrorType.BadRequest;
  const type = status === 403 && AUTHORIZER.test(message) ? KubernetesErrorType.Forbidden : other;
  return new KubernetesError({
    ...call,
    type,
    status,
    message: sentence(call, message, REMEDIES[type]?.(call, status, undefined)),
  });
}

/** The failure of a watch, which arrives as an event inside a successful answer. */
export function failureOfStatus(call: KubernetesCall, status: Status): KubernetesError {
  return failureOfResponse(call, { status: status.code ?? 500, headers: {}, body: JSON.stringify(status) });
}

/** The failure of a request that got no answer. `address` is where the API server was looked for. */
export function failureWithoutResponse(
  call: KubernetesCall,
  point: FailurePoint,
  address: string,
  cause: unknown,
): KubernetesError {
  const reason = printable(messageOf(cause));
  const fail = (type: KubernetesErrorType, problem: string, remedy?: string) =>
    new KubernetesError({ ...call, type, message: sentence(call, problem, remedy), cause });
  switch (point) {
    case FailurePoint.Deadline:
      return fail(KubernetesErrorType.Timeout, `${address} did not answer within ${reason}`);
    case FailurePoint.TooLarge:
      return fail(KubernetesErrorType.ResponseTooLarge, `the response of ${address} exceeds the limit of ${reason}`);
    case FailurePoint.Closed:
      return fail(KubernetesErrorType.ClientClosed, 'the client was closed');
    case FailurePoint.AfterSending:
      return fail(KubernetesErrorType.ConnectionLost, `the connection to ${address} broke (${reason})`);
    case FailurePoint.BeforeSending:
      return isTlsFailure(cause)
        ? fail(
            KubernetesErrorType.UntrustedServer,
            `no trusted connection to ${address} (${reason})`,
            "check the cluster's server address, certificate-authority and tls-server-name in the kubeconfig",
          )
        : fail(
            KubernetesErrorType.Unreachable,
            `no API server can be reached at ${address} (${reason})`,
            POINT_ELSEWHERE,
          );
    default:
      return point satisfies never;
  }
}

/** The configuration, or what it names, does not give what is needed to connect. */
export function configurationFailure(
  type: typeof KubernetesErrorType.InvalidConfiguration | typeof KubernetesErrorType.CredentialsUnavailable,
  message: string,
  cause?: unknown,
): KubernetesError {
  const reason = cause === undefined ? '' : `: ${printable(messageOf(cause))}`;
  // Not passed on: it may quote a plugin's output or a line of the kubeconfig.
  return new KubernetesError({ type, message: `${message}${reason}.` });
}

/** What admission plugins answer until they have listed what they need. */
const NOT_READY =
  /not yet ready to handle request|no API token found for service account|error looking up service account/;

function isOfMissingServiceAccount(message: string): boolean {
  const at = message.indexOf('error looking up service account ');
  return at >= 0 && message.includes('not found', at);
}

const WEBHOOK = /^admission webhook .* denied the request/;
/** The authorizer's own words. A policy may state what a pod cannot do, too. */
const AUTHORIZER = /(?:^|\bforbidden: )User "(?:[^"\\]|\\.)*" cannot [a-z]+ (?:resource|path) /;

function typeOf(
  status: number,
  answer: ReadStatus | undefined,
  { verb, resource }: KubernetesCall,
): KubernetesErrorType {
  const message = answer?.message ?? '';
  const isNamespace = answer?.kind === 'namespaces' && !resource.startsWith('namespaces');
  switch (status) {
    case 401:
      return KubernetesErrorType.Unauthorized;
    case 403:
      if (answer?.causes.some(({ reason }) => reason === 'NamespaceTerminating')) {
        return KubernetesErrorType.NamespaceTerminating;
      }
      if (/exceeded quota|status unknown for quota/.test(message)) return KubernetesErrorType.QuotaExceeded;
      if (WEBHOOK.test(message)) return KubernetesErrorType.AdmissionDenied;
      if (isOfMissingServiceAccount(message)) return KubernetesErrorType.ServiceAccountNotFound;
      if (NOT_READY.test(message)) return KubernetesErrorType.ServerNotReady;
      // Any other 403 comes from an admission plugin.
      return answer === undefined || AUTHORIZER.test(message)
        ? KubernetesErrorType.Forbidden
        : KubernetesErrorType.AdmissionDenied;
    case 404:
      // Without a name it is not the object that is missing, but the resource, or an API server.
      if (answer?.name === undefined) return KubernetesErrorType.NotServed;
      return isNamespace ? KubernetesErrorType.NamespaceNotFound : KubernetesErrorType.NotFound;
    case 408:
    case 504:
      return KubernetesErrorType.Timeout;
    case 409:
      return answer?.reason === 'AlreadyExists' || (verb === 'create' && answer?.reason !== 'Conflict')
        ? KubernetesErrorType.AlreadyExists
        : KubernetesErrorType.Conflict;
    case 410:
      return KubernetesErrorType.Expired;
    case 422:
      return KubernetesErrorType.Invalid;
    case 429:
      return KubernetesErrorType.TooManyRequests;
    default:
      if (status >= 500 || status < 300) return KubernetesErrorType.ServerError;
      if (status < 400) return KubernetesErrorType.NotServed;
      return WEBHOOK.test(message) ? KubernetesErrorType.AdmissionDenied : KubernetesErrorType.BadRequest;
  }
}

type Remedy = (call: KubernetesCall, status: number, answer: ReadStatus | undefined) => string | undefined;

const REMEDIES: Partial<Record<KubernetesErrorType, Remedy>> = {
  [KubernetesErrorType.Unauthorized]: () => 'log in again or renew the credentials in the kubeconfig',
  [KubernetesErrorType.Forbidden]: ({ verb, resource, namespace }) =>
    namespace === undefined
      ? `grant the verb "${verb}" on "${resource}" with a ClusterRole`
      : `grant the verb "${verb}" on "${resource}" in namespace "${namespace}" with a Role`,
  [KubernetesErrorType.ServiceAccountNotFound]: ({ namespace }, _, answer) => {
    const [, name = ''] = /serviceaccounts? "([^"]+)" not found/.exec(answer?.message ?? '') ?? [];
    return `create service account "${name}" in namespace "${namespace ?? ''}", or name one that exists`;
  },
  [KubernetesErrorType.QuotaExceeded]: ({ namespace }) =>
    `wait for other objects of namespace "${namespace ?? ''}" to finish, ask for less, or raise the quota`,
  [KubernetesErrorType.NamespaceTerminating]: () => 'use another namespace, or create it again once it is gone',
  [KubernetesErrorType.NamespaceNotFound]: () => 'create the namespace, or name one that exists',
  [KubernetesErrorType.NotServed]: ({ resource }, status) =>
    status === 404
      ? `check that ${resource} are served there, and the server's address in the kubeconfig`
      : "it redirects, so it is not an API server: check the server's address in the kubeconfig",
};

function sentence(
  { verb, resource, name, namespace, cluster }: KubernetesCall,
  problem: string,
  remedy?: string,
): string {
  const what = `${resource}${name === undefined ? '' : ` "${name}"`}${namespace === undefined ? '' : ` in namespace "${namespace}"`}`;
  return `Cannot ${verb} ${what} on cluster "${cluster}": ${printable(problem)}${remedy === undefined ? '' : `; ${remedy}`}.`;
}

/** The header; some answers carry the same in the body only. */
function retryAfterMs(headers: IncomingHttpHeaders, answer: ReadStatus | undefined): number | undefined {
  const header = headers['retry-after'];
  if (header !== undefined) {
    const seconds = Number(header);
    const ms = Number.isNaN(seconds)
      ? Date.parse(header) - (Date.parse(headers.date ?? '') || Date.now())
      : seconds * 1000;
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  const seconds = answer?.retryAfterSeconds;
  return seconds === undefined || seconds === 0 ? undefined : seconds * 1000;
}

const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_)|_CERT(IFICATE)?(_|$)/;

function isTlsFailure(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && TLS_CODES.test(code);
}

/** The most specific message: a failed race over a host's addresses has no message itself. */
function messageOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.errors.length > 0) {
    return [...new Set(cause.errors.map(messageOf))].join(', ');
  }
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ((cause as { code?: string }).code ?? cause.name);
}

const MAX_MESSAGE_LENGTH = 500;
/** What is looked at: masks are shorter than what they replace. */
const MAX_SEARCHED_LENGTH = 4_096;

/**
 * One line fit for logs and histories. The API server's first line states the problem; what follows may be a dump of a
 * whole pod. Bearer tokens, JWTs and the passwords of URLs, which plugins and proxies like to repeat, are masked.
 */
function printable(text: string): string {
  const [line = ''] = text.trimStart().slice(0, MAX_SEARCHED_LENGTH).trimEnd().split('\n', 1);
  const masked = line
    .replace(/(bearer\s+)\S+/gi, '$1***')
    .replace(/\beyJ[\w.-]+/g, '***')
    .replace(/(:\/\/[^/\s:@]*:)[^/\s@]+@/g, '$1***@');
  const short = masked.length > MAX_MESSAGE_LENGTH ? `${masked.slice(0, MAX_MESSAGE_LENGTH)}…` : masked;
  return withoutTrailing(short, '.');
}

/** Validation repeats the value it refuses. */
function withoutSecrets({ resource }: KubernetesCall, text: string): string {
  return resource === 'secrets'
    ? text.replace(/(Invalid|Unsupported|Duplicate) value: (?:"(?:[^"\\]|\\.)*"|[^\s:]+)/g, '$1 value')
    : text;
}

function safeCause(call: KubernetesCall, { reason, message, field }: KubernetesErrorCause): KubernetesErrorCause {
  const shown = message === undefined ? undefined : printable(withoutSecrets(call, message));
  return present({ reason, message: shown, field });
}
