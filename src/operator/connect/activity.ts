import type { KubernetesClient, Pod } from '../../kubernetes/index.ts';
import { restAddressOf, restPath } from '../../spark/driver/endpoint.ts';
import { asList, asRecord, asText } from '../../validation/unknown-data.ts';

/** What a server reports about its queries. */
export interface Activity {
  readonly isBusy: boolean;
  /** When the last one ended, in milliseconds since the epoch; absent before the first. */
  readonly endedAtMs?: number;
}

const DEADLINE_MS = 5_000;
/** Spark keeps 1,000 by default; without plans and details each takes some hundred bytes. */
const QUERIES = 'sql?details=false&planDescription=false&length=2147483647';

/**
 * Asks a server, through the API server, what runs and what ran last. Jobs and SQL executions are asked for: a command
 * such as CREATE VIEW has no job. Connections of clients do not count: notebooks keep them open for days.
 *
 * @throws KubernetesError where the server does not answer
 * @throws TypeError or SyntaxError where its answer is malformed
 */
export async function readActivity(kubernetes: KubernetesClient, pod: Pod): Promise<Activity> {
  const address = restAddressOf(pod);
  if (address === undefined) throw new TypeError('The server pod has no port of a Spark UI.');
  const ask = async (path: string): Promise<readonly unknown[]> => {
    const url = restPath(address, path);
    const options = { timeoutMs: DEADLINE_MS };
    return asList(JSON.parse(await kubernetes.getFromPod(address.namespace, address.pod, address.port, url, options)));
  };
  const [jobs, queries] = await Promise.all([ask('jobs'), ask(QUERIES)]);
  const ends = [...jobs.map(endOfJob), ...queries.map(endOfQuery)];
  return activityOf(ends);
}

type End = number | 'running';

function activityOf(ends: readonly End[]): Activity {
  const times = ends.filter((end) => end !== 'running');
  const isBusy = times.length < ends.length;
  return times.length === 0 ? { isBusy } : { isBusy, endedAtMs: Math.max(...times) };
}

function endOfJob(job: unknown): End {
  const { status, completionTime, submissionTime } = asRecord(job);
  if (asText(status) === 'RUNNING') return 'running';
  return timeOf(completionTime ?? submissionTime);
}

function endOfQuery(query: unknown): End {
  const { status, submissionTime, duration } = asRecord(query);
  if (asText(status) === 'RUNNING') return 'running';
  return timeOf(submissionTime) + (typeof duration === 'number' ? duration : 0);
}

/** @throws TypeError where it is not a time as Spark writes it: `2026-11-30T12:00:00.000GMT` */
function timeOf(value: unknown): number {
  const time = Date.parse(asText(value)?.replace(/GMT$/, 'Z') ?? '');
  if (Number.isNaN(time)) throw new TypeError(`The server answered ${JSON.stringify(value)} where a time is expected.`);
  return time;
}
