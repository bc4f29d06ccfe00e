import type { PodTemplate } from '../kubernetes/objects.ts';

/** Where the operator posts submissions to. */
export const SUBMIT_PATH = '/api/v1/spark-submit';

/** The error codes of the operator's protocol: it tries again after the last two, and after no answer at all. */
export const ErrorCode = {
  /** Malformed JSON, a field missing or of the wrong type; and errors without their own code (404, 413). */
  BadRequest: 'BAD_REQUEST',
  /** spark-submit would refuse the arguments, or they require what cannot be done here. */
  InvalidSparkSubmitArgs: 'INVALID_SPARK_SUBMIT_ARGS',
  MethodNotAllowed: 'METHOD_NOT_ALLOWED',
  UnsupportedMediaType: 'UNSUPPORTED_MEDIA_TYPE',
  /** A pod of that name exists, of another submission. */
  DriverPodAlreadyExists: 'DRIVER_POD_ALREADY_EXISTS',
  /** A pod template is not valid, or the API server rejects the resulting pod. */
  InvalidPodTemplate: 'INVALID_POD_TEMPLATE',
  InternalServerError: 'INTERNAL_SERVER_ERROR',
  /** At capacity, or shutting down. */
  SubmitterOverloaded: 'SUBMITTER_OVERLOADED',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** An error response. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  /** HTTP status. */
  readonly status: number;
  readonly code: ErrorCode;
  /** Seconds, for the header `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, code: ErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What the operator posts; other fields than these mean nothing. */
export interface SubmitRequest {
  readonly submission_id: string;
  readonly spark_submit_args: readonly string[];
  readonly driver_pod_template?: PodTemplate;
  readonly executor_pod_template?: PodTemplate;
}

/** The driver that exists: 201 where it was created, 200 where it was there. */
export interface SubmitResponse {
  readonly submission_id: string;
  readonly app_name: string;
  readonly message: string;
  /** When the driver pod was created, RFC 3339. */
  readonly submitted_at: string;
  readonly spark_app_id: string;
  readonly driver_pod_name: string;
  readonly driver_pod_uid: string;
  readonly namespace: string;
  readonly duplicate_submission: boolean;
}

export interface SubmitErrorResponse {
  readonly submission_id: string;
  readonly status: number;
  readonly error_code: ErrorCode;
  readonly message: string;
  readonly timestamp: string;
}
