import { shortName } from '../../find-execution.ts';
import type { TemporalFlags } from '../../flags.ts';
import { printableLine } from '../../output/printable.ts';
import { withTemporal, type Temporal } from '../../temporal.ts';

/** A person waits for it: for the connection, and then for the names. */
const TIMEOUT_MS = 1_000;
const LIMIT = 200;

interface Name {
  readonly value: string;
  readonly description: string;
}

/** The names that an argument may have, newest first; none where Temporal does not answer at once. */
export async function liveNames(argument: string, words: readonly string[]): Promise<readonly Name[]> {
  const flags = { ...temporalFlags(words), clientConnectTimeout: TIMEOUT_MS };
  try {
    return await withTemporal(flags, (temporal) => plainNames(temporal, argument));
  } catch {
    return [];
  }
}

/**
 * Anyone may start a workflow under an ID such as `$(command)`: only names that a shell reads as they are may become part
 * of a command line.
 */
const PLAIN = /^[\w.:/@%+=,-]+$/;

/** The names that need no quotes. @throws Error where Temporal does not answer in time */
export async function plainNames(
  temporal: Pick<Temporal, 'client' | 'spark'>,
  argument: string,
): Promise<readonly Name[]> {
  const read = () => namesOf(temporal, argument);
  const names = await temporal.client.withDeadline(Date.now() + TIMEOUT_MS, read);
  return names
    .filter(({ value }) => PLAIN.test(value))
    .map(({ value, description }) => ({ value, description: printableLine(description) }));
}

async function namesOf({ spark }: Pick<Temporal, 'spark'>, argument: string): Promise<readonly Name[]> {
  switch (argument) {
    case 'schedule':
      return (await spark.schedules.list({ limit: LIMIT })).map(({ scheduleId, paused }) => ({
        value: scheduleId,
        description: paused ? 'paused' : 'active',
      }));
    case 'application':
    case 'pipeline': {
      const kinds = argument === 'pipeline' ? (['pipelines'] as const) : (['applications', 'pipelines'] as const);
      const lists = await Promise.all(kinds.map((kind) => spark.list({ kind, limit: LIMIT })));
      return lists
        .flatMap(({ executions }) => executions)
        .map(({ workflowId, state, workflowStatus }) => ({
          value: shortName(workflowId),
          description: state ?? workflowStatus,
        }));
    }
    default:
      return [];
  }
}

/** Where Temporal is, as far as the words have it. */
function temporalFlags(words: readonly string[]): TemporalFlags {
  const valueOf = (flag: string): string | undefined => words[words.indexOf(flag) + 1 || words.length];
  const flags = {
    address: valueOf('--address'),
    temporalNamespace: valueOf('--temporal-namespace'),
    profile: valueOf('--profile'),
  };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}
