import { isGrpcServiceError, ScheduleNotFoundError, type Client } from '@temporalio/client';
import { HOUSEKEEPING_SCHEDULE_ID, SearchAttribute } from '../../../protocol/index.ts';
import { failed, ok, warning, type Finding } from './finding.ts';

const SETUP = 'run temporal-spark setup';
const KEYWORD = 2;
/** The gRPC status. */
const NOT_FOUND = 5;
/** Temporal lists pollers for some minutes after they have gone. */
const POLLING_MS = 120_000;

/** As Temporal numbers them: workflow tasks, activity tasks. */
const TASK_QUEUE_TYPES = [1, 2] as const;

/**
 * Checks Temporal: the server, the namespace, pollers of the task queue, and what `temporal-spark setup` prepares.
 *
 * @throws ServiceError where the server stops answering
 */
export async function checkTemporal(client: Client, taskQueue: string): Promise<Finding[]> {
  const { namespace } = client.options;
  const { serverVersion } = await client.workflowService.getSystemInfo({});
  const server = ok('Temporal', `version ${serverVersion || 'unknown'}`);
  try {
    await client.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!isGrpcServiceError(error) || (error.code as number) !== NOT_FOUND) throw error;
    const remedy = 'create it (temporal operator namespace create), or set another with --namespace';
    return [server, failed(`Temporal namespace ${namespace}`, 'does not exist', remedy)];
  }
  return [
    server,
    await checkPollers(client, taskQueue),
    ...(await checkSearchAttributes(client)),
    await checkHousekeeping(client),
  ];
}

async function checkPollers(client: Client, taskQueue: string): Promise<Finding> {
  const check = `task queue ${taskQueue}`;
  const pollersOf = async (taskQueueType: number) => {
    const { namespace } = client.options;
    const { pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType,
    });
    const since = Date.now() / 1000 - POLLING_MS / 1000;
    const fresh = pollers?.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) > since) ?? [];
    return new Set(fresh.map(({ identity }) => identity));
  };
  const [workflows, activities] = await Promise.all(TASK_QUEUE_TYPES.map(pollersOf));
  const count = Math.min(workflows!.size, activities!.size);
  return count > 0
    ? ok(check, `${count} ${count === 1 ? 'worker polls' : 'workers poll'}`)
    : failed(check, 'no worker polls it', 'start a worker (docs/deploy.md), or set its task queue with --task-queue');
}

async function checkSearchAttributes(client: Client): Promise<Finding[]> {
  const { operatorService } = client.connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace: client.options.namespace });
  const names = Object.values(SearchAttribute).map(({ name }) => name);
  const wrong = names.filter((name) => (customAttributes?.[name] as number | undefined) !== KEYWORD);
  if (wrong.length === 0) return [ok('search attributes', names.join(', '))];
  const remedy = `${SETUP}; if this client may not create them, have an administrator create them with type Keyword`;
  return [warning('search attributes', `missing, or not of type Keyword: ${wrong.join(', ')}`, remedy)];
}

async function checkHousekeeping(client: Client): Promise<Finding> {
  const check = `schedule ${HOUSEKEEPING_SCHEDULE_ID}`;
  try {
    const { state, info } = await client.schedule.getHandle(HOUSEKEEPING_SCHEDULE_ID).describe();
    if (state.paused) {
      const remedy = `temporal schedule toggle --unpause --schedule-id ${HOUSEKEEPING_SCHEDULE_ID}`;
      return warning(
        check,
        `is paused${state.note ? ` (${state.note})` : ''}: orphaned drivers are not released`,
        remedy,
      );
    }
    const last = info.recentActions.at(-1)?.takenAt;
    return ok(check, last === undefined ? 'has not run yet' : `last ran at ${last.toISOString()}`);
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    return failed(check, 'does not exist: drivers of terminated workflows are never released', SETUP);
  }
}
