import { isGrpcServiceError, ScheduleNotFoundError, type Client } from '@temporalio/client';
import { pollersOf, TaskQueueType } from '../../../client/pollers.ts';
import { HOUSEKEEPING_SCHEDULE_ID, SearchAttribute } from '../../../protocol/index.ts';
import { failed, ok, warning, type Finding } from './finding.ts';

const SETUP = 'run temporal-spark setup';
const KEYWORD = 2;
/** The gRPC status. */
const NOT_FOUND = 5;
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
    const remedy = 'create it (temporal operator namespace create), or set another with --temporal-namespace';
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
  const [workflows, activities] = await Promise.all(
    [TaskQueueType.Workflow, TaskQueueType.Activity].map((type) => pollersOf(client, taskQueue, type)),
  );
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
