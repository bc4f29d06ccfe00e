/**
 * Why a call to an API server failed. Closed: every failure is one of these. Each states whether the same call,
 * made again later without any change, may succeed (`retryable`).
 */
export const KubernetesErrorType = {
  /** No usable kubeconfig or context to connect with. Not retryable. */
  InvalidConfiguration: 'InvalidConfiguration',
  /** A credential plugin, a token file or an identity provider gave no credentials. Retryable. */
  CredentialsUnavailable: 'CredentialsUnavailable',
  /** No connection: refused, no route, unknown host, proxy failure. The request was not processed. Retryable. */
  Unreachable: 'Unreachable',
  /** The TLS handshake failed: the server's certificate is not trusted, or it is not a TLS server. Not retryable. */
  UntrustedServer: 'UntrustedServer',
  /** The connection broke after the request was sent; it may or may not have been processed. Retryable. */
  ConnectionLost: 'ConnectionLost',
  /** No answer before the deadline, from the server or from what stands behind it; may have been processed. Retryable. */
  Timeout: 'Timeout',
  /** The client was closed before or during the call; may have been processed. Retryable, with another client. */
  ClientClosed: 'ClientClosed',
  /** The body of the response exceeds its limit in bytes (`BodyLimit`); may have been processed. Retryable. */
  ResponseTooLarge: 'ResponseTooLarge',
  /** 401, also after the credentials were renewed. Not retryable. */
  Unauthorized: 'Unauthorized',
  /** 403: these credentials lack the permission. Not retryable. */
  Forbidden: 'Forbidden',
  /** An admission policy, a limit range or a webhook refused the object. Not retryable. */
  AdmissionDenied: 'AdmissionDenied',
  /** The service account that a pod names does not exist. Not retryable. */
  ServiceAccountNotFound: 'ServiceAccountNotFound',
  /** A resource quota is used up. Retryable: other objects may finish. */
  QuotaExceeded: 'QuotaExceeded',
  /** The namespace is being deleted. Not retryable. */
  NamespaceTerminating: 'NamespaceTerminating',
  /** Not retryable. */
  NamespaceNotFound: 'NamespaceNotFound',
  /** No object of this name. Not retryable. */
  NotFound: 'NotFound',
  /** An object of this name exists. Not retryable: adopt it or choose another name. */
  AlreadyExists: 'AlreadyExists',
  /** The object was changed meanwhile, or is another one than the precondition named. Retryable after reading it again. */
  Conflict: 'Conflict',
  /** 422: the object or the patch is not valid; `causes` lists the fields. Not retryable. */
  Invalid: 'Invalid',
  /** The server does not serve this: malformed, too large, an unknown resource, or not an API server. Not retryable. */
  BadRequest: 'BadRequest',
  /** 410: the resource version or continue token is too old. Retryable by starting over. */
  Expired: 'Expired',
  /** 429, also after waiting as long as the server asked, several times. Retryable. */
  TooManyRequests: 'TooManyRequests',
  /** 5xx, or an invalid response. Retryable. */
  ServerError: 'ServerError',
} as const;
export type KubernetesErrorType = (typeof KubernetesErrorType)[keyof typeof KubernetesErrorType];

const RETRYABLE: ReadonlySet<KubernetesErrorType> = new Set([
  KubernetesErrorType.CredentialsUnavailable,
  KubernetesErrorType.Unreachable,
  KubernetesErrorType.ConnectionLost,
  KubernetesErrorType.Timeout,
  KubernetesErrorType.ClientClosed,
  KubernetesErrorType.ResponseTooLarge,
  KubernetesErrorType.QuotaExceeded,
  KubernetesErrorType.Conflict,
  KubernetesErrorType.Expired,
  KubernetesErrorType.TooManyRequests,
  KubernetesErrorType.ServerError,
]);

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
  /** Whether the same call may succeed later without any change; follows from the type. */
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
    this.retryable = RETRYABLE.has(type);
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
