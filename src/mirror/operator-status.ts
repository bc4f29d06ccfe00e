import { ApplicationState, type MirroredAttempt, type MirroredStatus } from '../protocol/index.ts';
import { present } from '../validation/present.ts';

/** `status` of a SparkApplication, as the operator writes it. Times are RFC 3339, to the millisecond. */
export interface OperatorStatus {
  readonly applicationState: { readonly state: string; readonly errorMessage?: string };
  readonly driverInfo: DriverInfo;
  readonly executionAttempts?: number;
  readonly lastSubmissionAttemptTime: string | null;
  readonly sparkApplicationId?: string;
  readonly submissionAttempts?: number;
  readonly submissionID?: string;
  readonly terminationTime: string | null;
}

interface DriverInfo {
  readonly podName?: string;
  readonly webUIServiceName?: string;
  readonly webUIPort?: number;
  readonly webUIAddress?: string;
  readonly webUIIngressName?: string;
  readonly webUIIngressAddress?: string;
}

/** Our states that the operator does not have, as clients of it expect them. */
const operatorStates: Readonly<Partial<Record<ApplicationState, string>>> = {
  // The operator has no status before the first submission.
  [ApplicationState.New]: '',
  [ApplicationState.Queued]: '',
  [ApplicationState.Cancelled]: ApplicationState.Failed,
};

const MESSAGE_LIMIT = 5_000;

/** The operator's word for a state of ours; empty before the first submission. */
export const operatorState = (state: ApplicationState): string => operatorStates[state] ?? state;

/** The operator's status for what is mirrored. Pure. */
export function operatorStatus({
  state,
  attempt,
  submissions,
  executions,
  message,
  namespace,
}: MirroredStatus): OperatorStatus {
  const errorMessage = [attempt && failureMessage(attempt), message].filter(Boolean).join('; ');
  return {
    applicationState: {
      state: operatorState(state),
      ...present({
        errorMessage: errorMessage === '' ? undefined : errorMessage.slice(0, MESSAGE_LIMIT).toWellFormed(),
      }),
    },
    driverInfo: attempt === undefined ? {} : driverInfo(attempt, namespace),
    // The operator leaves out what is zero.
    ...(executions === 0 ? {} : { executionAttempts: executions }),
    lastSubmissionAttemptTime: attempt?.begunAt ?? null,
    ...(attempt?.submitted === true ? { sparkApplicationId: attempt.sparkApplicationId } : {}),
    ...(submissions === 0 ? {} : { submissionAttempts: submissions }),
    ...present({ submissionID: attempt?.submissionId }),
    terminationTime: attempt?.ending?.finishedAt ?? null,
  };
}

function driverInfo({ driverPodName: podName, ui, sparkUi }: MirroredAttempt, namespace: string): DriverInfo {
  if (ui === undefined) return { podName };
  const { service, port, ingress } = ui;
  return {
    ...{ podName, webUIServiceName: service, webUIPort: port },
    // The operator has the address of the Service; its name leads to the same.
    webUIAddress: `${service}.${namespace}.svc:${port}`,
    ...present({ webUIIngressName: ingress, webUIIngressAddress: ingress && sparkUi }),
  };
}

/** Begins as the operator's messages do, on which tools match; the cause follows. */
function failureMessage({ ending, submitted }: MirroredAttempt): string | undefined {
  if (ending === undefined || ending.succeeded) return undefined;
  const { exitCode, reason = 'Unknown', message } = ending;
  const cause = message === undefined || message === '' ? reason : `${reason}: ${message}`;
  if (!submitted) {
    return reason === 'DriverNameConflict'
      ? `driver pod already exist: ${cause}`
      : `failed to run spark-submit: ${cause}`;
  }
  if (exitCode !== undefined) {
    const known = `driver container failed with ExitCode: ${exitCode}, Reason: ${reason}`;
    return message === undefined || message === '' ? known : `${known}; ${message}`;
  }
  return reason === 'DriverVanished' || reason === 'Deleted'
    ? `driver pod not found: ${cause}`
    : `driver container status missing: ${cause}`;
}
