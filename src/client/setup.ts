import { isDeepStrictEqual } from 'node:util';
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleUpdateOptions,
} from '@temporalio/client';
import {
  DEFAULT_TASK_QUEUE,
  HOUSEKEEPING_SCHEDULE_ID,
  HOUSEKEEPING_WORKFLOW,
  SearchAttribute,
  type HousekeepingOptions,
} from '../protocol/index.ts';

export interface SetupOptions {
  /** Task queue of the workers. @default "temporal-spark" */
  readonly taskQueue?: string;
  /** How often housekeeping runs, in milliseconds. @default 300000 */
  readonly everyMs?: number;
  readonly housekeeping?: HousekeepingOptions;
}

export interface SetupStep {
  /** Such as `schedule temporal-spark-housekeeping`. */
  readonly what: string;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'failed';
  /** Why it failed, and what to do. */
  readonly problem?: string;
}

/** `INDEXED_VALUE_TYPE_KEYWORD`, the type of all our search attributes. */
const KEYWORD = 2;

/** Runs of housekeeping that were missed while the server was down are not repeated: the next one does all the work. */
const CATCHUP_WINDOW_MS = 60_000;

/**
 * Prepares a namespace of Temporal: the schedule of housekeeping, and the search attributes. A repeated call changes
 * only what has other settings; a paused schedule stays paused.
 *
 * @throws ServiceError where Temporal is unreachable
 */
export async function setUp(client: Client, options: SetupOptions = {}): Promise<readonly SetupStep[]> {
  return [await setUpSchedule(client, options), ...(await setUpSearchAttributes(client))];
}

async function setUpSchedule(
  client: Client,
  { taskQueue = DEFAULT_TASK_QUEUE, everyMs = 300_000, housekeeping = {} }: SetupOptions,
): Promise<SetupStep> {
  const what = `schedule ${HOUSEKEEPING_SCHEDULE_ID}`;
  const wanted = {
    spec: { intervals: [{ every: everyMs }] },
    action: {
      type: 'startWorkflow',
      workflowType: HOUSEKEEPING_WORKFLOW,
      workflowId: HOUSEKEEPING_SCHEDULE_ID,
      taskQueue,
      args: [housekeeping],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: CATCHUP_WINDOW_MS },
  } satisfies Partial<ScheduleUpdateOptions>;
  const schedule = client.schedule.getHandle(HOUSEKEEPING_SCHEDULE_ID);
  const existing = await schedule.describe().catch((error: unknown) => {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  });
  if (existing === undefined) {
    try {
      await client.schedule.create({ scheduleId: HOUSEKEEPING_SCHEDULE_ID, ...wanted });
      return { what, outcome: 'created' };
    } catch (error) {
      // Another client created it first; compare with that one.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      return setUpSchedule(client, { taskQueue, everyMs, housekeeping });
    }
  }
  if (isDeepStrictEqual(settingsOf(existing), wanted)) return { what, outcome: 'unchanged' };
  await schedule.update(({ state }) => ({ ...wanted, state }));
  return { what, outcome: 'updated' };
}

/** The fields of a schedule that we set. */
function settingsOf({ spec, action, policies }: ScheduleDescription): unknown {
  return {
    spec: {
      intervals: spec.intervals?.map(({ every, offset }) => (offset ? { every, offset } : { every })),
      ...(spec.calendars?.length ? { calendars: spec.calendars } : {}),
    },
    action: {
      type: action.type,
      workflowType: action.workflowType,
      workflowId: action.workflowId,
      taskQueue: action.taskQueue,
      args: action.args,
    },
    policies: { overlap: policies.overlap, catchupWindow: policies.catchupWindow },
  };
}

async function setUpSearchAttributes(client: Client): Promise<SetupStep[]> {
  const { operatorService } = client.connection;
  const { namespace } = client.options;
  const { customAttributes = {} } = await operatorService.listSearchAttributes({ namespace });
  return Promise.all(
    Object.values(SearchAttribute).map(async ({ name }): Promise<SetupStep> => {
      const what = `search attribute ${name}`;
      const existing = customAttributes?.[name];
      if ((existing as number | undefined) === KEYWORD) return { what, outcome: 'unchanged' };
      if (existing !== undefined) {
        return { what, outcome: 'failed', problem: 'It exists with another type; it must be a Keyword.' };
      }
      try {
        await operatorService.addSearchAttributes({ namespace, searchAttributes: { [name]: KEYWORD } });
        return { what, outcome: 'created' };
      } catch (error) {
        // Not every server allows this to a client; Temporal Cloud has its own tools.
        const problem = `${(error as Error).message} Add it as a Keyword with the tools of the Temporal server.`;
        return { what, outcome: 'failed', problem };
      }
    }),
  );
}
