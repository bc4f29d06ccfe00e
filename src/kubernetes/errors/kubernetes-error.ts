/** What a failure means for the same call, made again later without any change. */
export const Finality = {
  /** It may succeed. */
  Passing: 'passing',
  /**
   * A refusal, but API servers refuse like this also while they start, list their roles or change certificates. Final
   * only where it lasts and `opinionOn` it confirms.
   */
  Unproven: 'unproven',
  /** It fails again. */
  Final: 'final',
} as const;
export type Finality = (typeof Finality)[keyof typeof Finality];

/** Why a call to an API server failed. Closed: every failure is one of these. `finalityOf` has the finality of each. */
export const KubernetesErrorType = {
  /** No usable kubeconfig or context to connect with; the kubeconfig may be in the middle of being rewritten. */
  InvalidConfiguration: 'InvalidConfiguration',
  /** A credential plugin, a token file or an identity provider gave no credentials. */
  CredentialsUnavailable: 'CredentialsUnavailable',
  /** No connection: refused, no route, unknown host, proxy failure. The request was not processed. */
  Unreachable: 'Unreachable',
  /** The TLS handshake failed: the server's certificate is not trusted, or it is not a TLS server. */
  UntrustedServer: 'UntrustedServer',
  /** The connection broke after the request was sent; it may or may not have been processed. */
  ConnectionLost: 'ConnectionLost',
  /** No answer before the deadline, from the server or from what stands behind it; may have been processed. */
  Timeout: 'Timeout',
  /** The client was closed before or during the call; may have been processed. Try with another client. */
  ClientClosed: 'ClientClosed',
  /** The body of the response exceeds its limit in bytes (`BodyLimit`); may have been processed. */
  ResponseTooLarge: 'ResponseTooLarge',
  /** 401, also after the credentials were renewed. */
  Unauthorized: 'Unauthorized',
  /** 403: these credentials lack the permission. */
  Forbidden: 'Forbidden',
  /** 403 of an API server that starts: its admission plugins have not listed what they need. Not processed. */
  ServerNotReady: 'ServerNotReady',
  /** An admission policy, a limit range or a webhook refused the object. */
  AdmissionDenied: 'AdmissionDenied',
  /** The service account that a pod names does not exist, also in etcd: admission does not trust its cache there. */
  ServiceAccountNotFound: 'ServiceAccountNotFound',
  /** A resource quota is used up: other objects may finish. */
  QuotaExceeded: 'QuotaExceeded',
  /** The namespace is being deleted. */
  NamespaceTerminating: 'NamespaceTerminating',
  NamespaceNotFound: 'NamespaceNotFound',
  /** No object of this name. */
  NotFound: 'NotFound',
  /** 404 of a whole path, or a redirect: an unknown resource, a server that does not serve it yet, or not an API server. */
  NotServed: 'NotServed',
  /** An object of this name exists: adopt it or choose another name. */
  AlreadyExists: 'AlreadyExists',
  /** The object was changed meanwhile, or is another one than the precondition named. Retry after reading it again. */
  Conflict: 'Conflict',
  /** 422: the object or the patch is not valid; `causes` lists the fields. */
  Invalid: 'Invalid',
  /** The server does not take this: malformed or too large. */
  BadRequest: 'BadRequest',
  /** 410: the resource version or continue token is too old. Retry by starting over. */
  Expired: 'Expired',
  /** 429, also after waiting as long as the server asked, several times. */
  TooManyRequests: 'TooManyRequests',
  /** 5xx, or an invalid response. */
  ServerError: 'ServerError',
} as const;
export type KubernetesErrorType = (typeof KubernetesErrorType)[keyof typeof KubernetesErrorType];

const FINALITY: Readonly<Record<KubernetesErrorType, Finality>> = {
  InvalidConfiguration: Finality.Unproven,
  CredentialsUnavailable: Finality.Passing,
  Unreachable: Finality.Passing,
  UntrustedServer: Finality.Unproven,
  ConnectionLost: Finality.Passing,
  Timeout: Finality.Passing,
  ClientClosed: Finality.Passing,
  ResponseTooLarge: Finality.Passing,
  Unauthorized: Finality.Unproven,
  Forbidden: Finality.Unproven,
  ServerNotReady: Finality.Passing,
  AdmissionDenied: Finality.Final,
  ServiceAccountNotFound: Finality.Final,
  QuotaExceeded: Finality.Passing,
  NamespaceTerminating: Finality.Final,
  NamespaceNotFound: Finality.Final,
  NotFound: Finality.Final,
  NotServed: Finality.Unproven,
  AlreadyExists: Finality.Final,
  Conflict: Finality.Passing,
  Invalid: Finality.Final,
  BadRequest: Finality.Final,
  Expired: Finality.Passing,
  TooManyRequests: Finality.Passing,
  ServerError: Finality.Passing,
};

/** Of an error's type; undefined where it is not a `KubernetesErrorType`. */
export function finalityOf(type: string): Finality | undefined {
  return Object.hasOwn(FINALITY, type) ? FINALITY[type as KubernetesErrorType] : undefined;
}

/** One field that the server objects to. */
export interface KubernetesErrorCause {
  readonly reason?: string;
  readonly message?: string;
  /** Path in the object, for example `spec.containers[0].image`. */
  readonly field?: string;
}

/** What was attempted, for messages and for handling. */
export interface KubernetesCall {
  /** As RBAC spells it: `create`, `get`, `list`, `watch`, `patch`, `delete`. */
  readonly verb: string;
  /** Plural, with the subresource where there is one: `pods`, `pods/log`. */
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** The cluster as a person knows it. */
  readonly cluster: string;
}

export interface KubernetesErrorOptions extends Partial<KubernetesCall> {
  readonly type: KubernetesErrorType;
  readonly message: string;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly causes?: readonly KubernetesErrorCause[];
  readonly retryAfterMs?: number | undefined;
  readonly continueToken?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A call to an API server failed. The message states what was attempted, where, what the server answered and, where
 * one is known, the remedy; it never contains credentials or the content of a Secret.
 */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly type: KubernetesErrorType;
  /** Whether its finality is Passing: a refusal, even an unproven one, is worth reporting first. */
  readonly retryable: boolean;
  /** HTTP status; absent where there was no answer. */
  readonly status: number | undefined;
  readonly verb: string | undefined;
  readonly resource: string | undefined;
  readonly namespace: string | undefined;
  /** The object's name. */
  readonly objectName: string | undefined;
  readonly cluster: string | undefined;
  /** The server's machine-readable reason, for example `AlreadyExists`. */
  readonly reason: string | undefined;
  readonly causes: readonly KubernetesErrorCause[];
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Of a list that has Expired: token to continue it from the present state. */
  readonly continueToken: string | undefined;

  constructor({ type, message, cause, ...fields }: KubernetesErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.type = type;
    this.retryable = FINALITY[type] === Finality.Passing;
    this.status = fields.status;
    this.verb = fields.verb;
    this.resource = fields.resource;
    this.namespace = fields.namespace;
    this.objectName = fields.name;
    this.cluster = fields.cluster;
    this.reason = fields.reason;
    this.causes = fields.causes ?? [];
    this.retryAfterMs = fields.retryAfterMs;
    this.continueToken = fields.continueToken;
  }
}

/** Whether it is a `KubernetesError`, of one of the types where any are given. */
export function isKubernetesError(error: unknown, ...types: KubernetesErrorType[]): error is KubernetesError {
  return error instanceof KubernetesError && (types.length === 0 || types.includes(error.type));
}
