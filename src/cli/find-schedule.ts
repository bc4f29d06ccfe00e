import { closest } from '../validation/closest.ts';
import { CliError, ExitCode } from './exit-code.ts';
import type { Temporal } from './temporal.ts';

/** Names that are compared for a suggestion. */
const COMPARED = 1_000;

/**
 * The id of the schedule that a name stands for: `nightly`, `etl/nightly`, or an id.
 *
 * @throws CliError where none exists, with the names that are similar, and where a name stands for two
 */
export async function findSchedule(
  { spark, namespace: temporalNamespace }: Temporal,
  given: string,
  namespace = 'default',
): Promise<string> {
  const path = given.includes('/') ? given : `${namespace}/${given}`;
  const isId = /^(?:spark|pipeline)\/[^/]+\/[^/]+$/.test(given);
  const candidates = isId ? [given] : [`spark/${path}`, `pipeline/${path}`];
  const exists = await Promise.all(
    candidates.map((id) =>
      spark.schedules.describe(id).then(
        () => true,
        (error: unknown) => {
          if (error instanceof Error && error.name === 'ScheduleNotFoundError') return false;
          throw error;
        },
      ),
    ),
  );
  const found = candidates.filter((_id, index) => exists[index]);
  if (found.length > 1) {
    throw new CliError(ExitCode.BadInput, `"${given}" is the name of two schedules; write ${found.join(' or ')}.`);
  }
  if (found[0] !== undefined) return found[0];
  const ids = await spark.schedules.list({ limit: COMPARED }).then(
    (schedules) => schedules.map(({ scheduleId }) => scheduleId),
    () => [],
  );
  const near =
    ids.find((id) => id.endsWith(`/${given}`)) ?? closest(candidates[0]!, ids) ?? closest(candidates.at(-1)!, ids);
  const suggestion = near === undefined ? '' : `\nDid you mean ${near}?`;
  throw new CliError(
    ExitCode.BadInput,
    `Schedule "${given}" does not exist in Temporal namespace "${temporalNamespace}".${suggestion}\nTo list all: temporal-spark schedule list`,
  );
}
