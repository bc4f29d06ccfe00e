import { FailureType } from '../../protocol/failure-type.ts';
import { CliError, ExitCode } from '../exit-code.ts';
import { helpFor, Symptom } from './symptom.ts';

/** The message and the exit code of an error. Errors are matched by name, so that no command's libraries are loaded. */
export function explainError(error: unknown): { exitCode: ExitCode; message: string } {
  if (error instanceof CliError) return { exitCode: error.exitCode, message: error.message };
  if (!(error instanceof Error)) return { exitCode: ExitCode.Failed, message: String(error) };
  switch (error.name) {
    case 'ClustersConfigurationError':
    case 'ComparisonError':
    case 'DefaultsConfigurationError':
    case 'ManifestError':
    case 'ParameterError':
    case 'SearchAttributesMissingError':
    case 'SubmissionRefused':
    case 'PlacementConfigurationError':
    case 'PlacementRefused':
    case 'SubmittersConfigurationError':
    case 'TenancyConfigurationError':
    case 'TenancyRefused':
    case 'TlsFilesError':
    case 'WorkerConfigurationError':
      return { exitCode: ExitCode.BadInput, message: error.message };
    case 'KubernetesError':
      return { exitCode: kubernetesExitCode((error as Error & { type?: string }).type), message: error.message };
    case 'PipelineRerunError':
    case 'RetryError':
      return { exitCode: ExitCode.BadInput, message: error.message };
    case 'LogsError':
      return {
        exitCode: logsExitCode((error as Error & { type?: string }).type),
        message: withHelp(error, error.message),
      };
    case 'LogNotFoundError':
      return { exitCode: ExitCode.Failed, message: error.message };
    case 'ApplicationRequestError':
    case 'PipelineRequestError':
    case 'QueueRequestError':
      return {
        exitCode: requestExitCode((error as Error & { type?: string }).type),
        message: withHelp(error, withNamesOfCommands(error.message)),
      };
    case 'WorkflowExecutionAlreadyStartedError':
      return { exitCode: ExitCode.BadInput, message: alreadyStarted(error as Error & { workflowId?: string }) };
    case 'WorkflowNotFoundError':
      return {
        exitCode: ExitCode.BadInput,
        message: `Workflow ${(error as Error & { workflowId?: string }).workflowId} does not exist, or it has ended.\nTo list what exists: temporal-spark list, or temporal-spark list pipelines`,
      };
    case 'NamespaceNotFoundError':
      return {
        exitCode: ExitCode.BadInput,
        message: `Temporal namespace "${(error as Error & { namespace?: string }).namespace}" does not exist. Set another with --temporal-namespace or TEMPORAL_NAMESPACE.`,
      };
    case 'SparkApplicationFailedError':
    case 'SparkPipelineFailedError':
      return { exitCode: ExitCode.Failed, message: error.message };
    default:
      return { exitCode: ExitCode.Failed, message: withCauses(error) };
  }
}

const withHelp = (error: Error & { type?: string }, message: string): string =>
  error.type === 'NoAnswer' ? `${message}\nHelp: ${helpFor(Symptom.NoWorker)}` : message;

/** A request that is allowed has the name of its command. */
function withNamesOfCommands(message: string): string {
  const at = message.indexOf('allowed: ');
  return at < 0 ? message : message.slice(0, at) + message.slice(at).replace(/\bupdateManifest\b/, 'update');
}

function kubernetesExitCode(type: string | undefined): ExitCode {
  const unreachable = ['Unreachable', 'UntrustedServer', 'ConnectionLost', 'Timeout', 'CredentialsUnavailable'];
  if (unreachable.includes(type ?? '')) return ExitCode.Unreachable;
  return type === 'InvalidConfiguration' ? ExitCode.BadInput : ExitCode.Failed;
}

function logsExitCode(type: string | undefined): ExitCode {
  if (type === 'NoAnswer') return ExitCode.Unreachable;
  return type === 'NotStarted' ? ExitCode.Failed : ExitCode.BadInput;
}

function requestExitCode(type: string | undefined): ExitCode {
  if (type === 'NoAnswer') return ExitCode.Unreachable;
  return type === FailureType.RequestRefused ? ExitCode.Failed : ExitCode.BadInput;
}

function alreadyStarted({ workflowId = '' }: { workflowId?: string }): string {
  const isPipeline = workflowId.startsWith('pipeline/');
  const attach = 'To attach:    repeat the command with --follow --conflict attach';
  const lines = isPipeline
    ? [
        `Pipeline run ${workflowId} is already running, or has completed: a run of that name is not repeated.`,
        `To see it:    temporal-spark describe ${workflowId}`,
        attach,
        'To run it under another name: repeat the command with --run NAME',
      ]
    : [
        `Workflow ${workflowId} is already running.`,
        `To see it:    temporal-spark describe ${workflowId} --watch`,
        attach,
        `To stop it:   temporal-spark kill ${workflowId}`,
      ];
  return lines.join('\n');
}

/** The messages of an error and its causes, each once. */
function withCauses(error: Error): string {
  const messages: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (!messages.some((message) => message.includes(cause.message))) messages.push(cause.message);
  }
  return messages.join(': ');
}
