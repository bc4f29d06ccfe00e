import { isKubernetesError, KubernetesErrorType, type KubernetesError } from '../kubernetes/index.ts';
import { RefusalReason, SubmissionRefused } from '../spark/index.ts';
import { SubmitterError } from '../submitters/index.ts';
import { redacted } from '../submitters/spark-submit/redacted.ts';
import { ErrorCode, ProtocolError } from './protocol.ts';

/** The response to the operator for any failure; `args` may contain secrets, which are removed from it. */
export function explainFailure(error: unknown, args: readonly string[] = []): ProtocolError {
  if (error instanceof ProtocolError) return error;
  const { status, code, retryAfterSeconds } = classify(error);
  const message = isKnown(error) ? error.message : 'The submission failed unexpectedly; see the log of the server.';
  const text = redacted(message, { conf: pairsOf(args), arguments: [] }).replaceAll(/\s+/g, ' ');
  return new ProtocolError(status, code, text, retryAfterSeconds);
}

const isKnown = (error: unknown): error is Error =>
  error instanceof SubmissionRefused || error instanceof SubmitterError || isKubernetesError(error);

interface Classification {
  readonly status: number;
  readonly code: ErrorCode;
  readonly retryAfterSeconds?: number;
}

const INTERNAL: Classification = { status: 500, code: ErrorCode.InternalServerError };
const INVALID_ARGS: Classification = { status: 400, code: ErrorCode.InvalidSparkSubmitArgs };
const INVALID_POD: Classification = { status: 422, code: ErrorCode.InvalidPodTemplate };

function classify(error: unknown): Classification {
  if (error instanceof SubmissionRefused) {
    // As the API server's own refusal, which it pre-empts.
    return error.reason === RefusalReason.InvalidPod ? INVALID_POD : INVALID_ARGS;
  }
  return isKubernetesError(error) ? classifyKubernetes(error) : INTERNAL;
}

/** The operator's codes have no policy or quota: failures that a retry cannot fix are 4xx, the rest are retried. */
function classifyKubernetes({ type, status, retryAfterMs = 1_000 }: KubernetesError): Classification {
  switch (type) {
    case KubernetesErrorType.Invalid:
    case KubernetesErrorType.AdmissionDenied:
    case KubernetesErrorType.ServiceAccountNotFound:
      return INVALID_POD;
    case KubernetesErrorType.BadRequest:
      // A field whose type is not that of Kubernetes.
      return status === 400 ? INVALID_POD : INTERNAL;
    case KubernetesErrorType.NamespaceNotFound:
    case KubernetesErrorType.NamespaceTerminating:
      return INVALID_ARGS;
    case KubernetesErrorType.TooManyRequests:
      return {
        status: 503,
        code: ErrorCode.SubmitterOverloaded,
        retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)),
      };
    case KubernetesErrorType.InvalidConfiguration:
    case KubernetesErrorType.CredentialsUnavailable:
    case KubernetesErrorType.Unreachable:
    case KubernetesErrorType.UntrustedServer:
    case KubernetesErrorType.ConnectionLost:
    case KubernetesErrorType.Timeout:
    case KubernetesErrorType.ResponseTooLarge:
    case KubernetesErrorType.ClientClosed:
    case KubernetesErrorType.Unauthorized:
    case KubernetesErrorType.Forbidden:
    case KubernetesErrorType.ServerNotReady:
    case KubernetesErrorType.NotServed:
    case KubernetesErrorType.QuotaExceeded:
    case KubernetesErrorType.NotFound:
    case KubernetesErrorType.AlreadyExists:
    case KubernetesErrorType.Conflict:
    case KubernetesErrorType.Expired:
    case KubernetesErrorType.ServerError:
      return INTERNAL;
    default:
      return type satisfies never;
  }
}

/** Whatever looks like `key=value` among the arguments. */
function pairsOf(args: readonly string[]): Record<string, string> {
  const pairs = args.map((arg) => /^(?:--conf=)?([^=\s]+)=([^]*)$/.exec(arg));
  return Object.fromEntries(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1]!, pair[2]!]])));
}
