import type { CrdPaths } from './crd-paths.ts';

/** What `kubectl explain` shows of the status: fields by path. The names are the operator's. */
export const statusDescriptions: Readonly<Record<keyof CrdPaths, Readonly<Record<string, string>>>> = {
  SparkApplication: {
    'status.applicationState': 'The state of the application, and why it failed.',
    'status.applicationState.errorMessage':
      'Why the last attempt failed: first in the words of the Spark operator, then the cause.',
    'status.applicationState.state':
      'SUBMITTED, RUNNING, SUCCEEDING, COMPLETED, FAILING, FAILED, SUBMISSION_FAILED, PENDING_RERUN, INVALIDATING, SUSPENDING, SUSPENDED, RESUMING or UNKNOWN; empty before the first submission.',
    'status.driverInfo': 'The driver of the last attempt.',
    'status.driverInfo.podName': 'Name of the driver pod.',
    'status.driverInfo.webUIAddress': 'Host and port of the UI Service within the cluster.',
    'status.driverInfo.webUIIngressAddress': 'Host and path of the UI Ingress.',
    'status.driverInfo.webUIIngressName': 'Name of the UI Ingress.',
    'status.driverInfo.webUIPort': 'Port of the UI Service.',
    'status.driverInfo.webUIServiceName': 'Name of the UI Service.',
    'status.executionAttempts': 'Attempts whose submission succeeded, since the last edit of the spec.',
    'status.executorState': 'State of each executor, by the name of its pod.',
    'status.executorState.*': 'PENDING, RUNNING, COMPLETED, FAILED or UNKNOWN.',
    'status.lastSubmissionAttemptTime': 'When the last attempt began.',
    'status.sparkApplicationId': 'spark.app.id of the last attempt.',
    'status.submissionAttempts': 'Attempts begun since the last edit of the spec.',
    'status.submissionID': 'ID of the last attempt; a label of its pods.',
    'status.terminationTime': 'When the driver of the last attempt ended.',
  },
  ScheduledSparkApplication: {
    'status.lastRun': 'When the last run was created.',
    'status.lastRunName': 'Name of the SparkApplication of the last run.',
    'status.nextRun': 'When the next run is due; null while the schedule is paused.',
    'status.pastFailedRunNames': 'Names of the failed runs that are kept, newest first.',
    'status.pastSuccessfulRunNames': 'Names of the successful runs that are kept, newest first.',
    'status.reason': 'Why the schedule cannot be used.',
    'status.scheduleState': 'Scheduled, or FailedValidation.',
  },
  SparkConnect: {
    'status.conditions':
      'ServerPodReady: whether the server accepts connections, and why not. Idle: whether it is stopped because it was idle. Exposed: its address outside the cluster.',
    'status.executors': 'Number of executor pods, by their phase in lower case.',
    'status.lastUpdateTime': 'When the status last changed.',
    'status.server': 'The server pod and its Service.',
    'status.server.podIp': 'Address of the server pod.',
    'status.server.podName': 'Name of the server pod.',
    'status.server.serviceName': 'Name of the Service.',
    'status.startTime': 'When the session was first served.',
    'status.state': 'Provisioning, Ready, NotReady or Failed; empty before the session is served.',
  },
};
