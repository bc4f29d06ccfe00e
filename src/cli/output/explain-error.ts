import { FailureType } from '../../protocol/failure-type.ts';
import { CliError, ExitCode } from '../exit-code.ts';

/** What a person is told about an error, and what a script is. Told by names: no command's libraries are loaded for it. */
export function explainError(error: unknown): { exitCode: ExitCode; message: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message };
  if (!(error instanceof Error)) return { exitCode: ExitCode.Failed, message: String(error) };
  switch (error.name) {
    case 'ClustersConfigurationError':
    case 'ComparisonError':
    case 'ManifestError':
    case 'ParameterError':
    case 'SearchAttributesMissingError':
    case 'SubmissionRefused':
    case 'PlacementConfigurationError':
    case 'PlacementRefused':
    case 'SubmittersConfigurationError':
    case 'TlsFilesError':
    case 'WorkerConfigurationError':
      return { exitCode: ExitCode.BadInput, message: error.message };
    case 'KubernetesError':
      return { exitCode: kubernetesExitCode((error as Error & { type?: string }).type), message: error.message };
    case 'ApplicationRequestError':
      return { exitCode: requestExitCode((error as Error & { type?: string }).type), message: error.message };
    case 'WorkflowExecutionAlreadyStartedError':
      return { exitCode: ExitCode.BadInput, message: alreadyStarted(error as Error & { workflowId?: string }) };
    case 'WorkflowNotFoundError':
      return {
        exitCode: ExitCode.BadInput,
        message: `There is no workflow with that id: ${error.message}\nAn application's workflow id is spark/<namespace>/<name>.`,
      };
    case 'NamespaceNotFoundError':
      return {
        exitCode: ExitCode.BadInput,
        message: `Temporal has no namespace "${(error as Error & { namespace?: string }).namespace}". Name another with --namespace or TEMPORAL_NAMESPACE.`,
      };
    case 'SparkApplicationFailedError':
    case 'SparkPipelineFailedError':
      return { exitCode: ExitCode.Failed, message: error.message };
    default:
      return { exitCode: ExitCode.Failed, message: withCauses(error) };
  }
}

function kubernetesExitCode(type: string | undefined): ExitCode {
  const unreachable = ['Unreachable', 'UntrustedServer', 'ConnectionLost', 'Timeout', 'CredentialsUnavailable'];
  if (unreachable.includes(type ?? '')) return ExitCode.Unreachable;
  return type === 'InvalidConfiguration' ? ExitCode.BadInput : ExitCode.Failed;
}

function requestExitCode(type: string | undefined): ExitCode {
  if (type === 'NoAnswer') return ExitCode.Unreachable;
  return type === FailureType.RequestRefused ? ExitCode.Failed : ExitCode.BadInput;
}

function alreadyStarted({ workflowId }: { workflowId?: string }): string {
  return (
    `The application already runs as workflow ${workflowId}.\n` +
    'Wait for it (temporal-spark run FILE --follow --conflict attach), or end it first (temporal-spark kill ID).'
  );
}

/** The messages of an error and of what caused it, each once. */
function withCauses(error: Error): string {
  const messages: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (!messages.some((message) => message.includes(cause.message))) messages.push(cause.message);
  }
  return messages.join(': ');
}
