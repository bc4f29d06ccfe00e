import { setTimeout as delay } from 'node:timers/promises';
import { SparkApplicationFailedError, type SparkApplicationHandle } from '../../../client/index.ts';
import { remedyOf, type SparkApplicationResult } from '../../../protocol/index.ts';
import { CliError, ExitCode } from '../../exit-code.ts';
import { withColour } from '../../output/colour.ts';
import type { FollowOutput } from '../../output/follow-output.ts';
import { printable } from '../../output/printable.ts';
import { helpFor, remedyFor, symptomOf } from '../../output/symptom.ts';
import { noWorker } from '../../silence.ts';
import type { Temporal } from '../../temporal.ts';
import { applicationLine } from './moving-line.ts';
import { Story } from './story.ts';

const POLL_MS = 1_000;
const NO_WORKER_AFTER_MS = 5_000;

export interface StartedApplication {
  readonly handle: SparkApplicationHandle;
  /** It was running already. */
  readonly isAttached: boolean;
  /** Attempts of its restart policy; absent where it restarts without end. */
  readonly attemptsAtMost?: number;
}

/** Shows each change until the end. */
export async function follow(
  temporal: Temporal,
  { handle, attemptsAtMost }: StartedApplication,
  several: boolean,
  { print, move }: FollowOutput,
): Promise<SparkApplicationResult | undefined> {
  const begun = Date.now();
  const show = (line: string) => {
    const elapsed = `${((Date.now() - begun) / 1000).toFixed(0)} s`.padStart(6);
    print(`${elapsed}  ${several ? `${handle.workflowId}  ` : ''}${line}`);
  };
  const over = new AbortController();
  const outcome = handle
    .result()
    .catch((error: unknown) => {
      if (error instanceof SparkApplicationFailedError) return error;
      throw error;
    })
    .finally(() => over.abort());
  const views = { story: new Story(attemptsAtMost), show, move, over: over.signal };
  const changes = showChanges(temporal, handle, views).finally(() => move(handle.workflowId, undefined));
  // Together: whichever fails first, the failure of the other is not left unhandled.
  const [ended] = await Promise.all([outcome, changes]);
  if (!(ended instanceof SparkApplicationFailedError)) {
    showEnd(ended, handle.workflowId, show, print);
    return ended;
  }
  if (ended.result === undefined) throw new CliError(ExitCode.Failed, `${handle.workflowId}: ${ended.message}`, ended);
  showEnd(ended.result, handle.workflowId, show, print);
  return ended.result;
}

interface Views {
  readonly story: Story;
  readonly show: (line: string) => void;
  readonly move: FollowOutput['move'];
  readonly over: AbortSignal;
}

async function showChanges(
  { client }: Temporal,
  handle: SparkApplicationHandle,
  { story, show, move, over }: Views,
): Promise<void> {
  const { pollersOf } = await import('../../../client/pollers.ts');
  const begun = Date.now();
  let warned = false;
  while (!over.aborted) {
    const description = await handle.describe();
    if (!over.aborted) {
      for (const line of story.changes(description)) show(line);
      move(handle.workflowId, applicationLine(description, Date.now()));
    }
    if (!warned && description.status === undefined && Date.now() - begun > NO_WORKER_AFTER_MS) {
      warned = true;
      const { size } = await pollersOf(client, description.taskQueue);
      if (size === 0) show(`Waiting: ${noWorker(description.taskQueue)}`);
    }
    await delay(POLL_MS, undefined, { signal: over }).catch(() => undefined);
  }
}

function showEnd(
  result: SparkApplicationResult,
  workflowId: string,
  show: (line: string) => void,
  printLine: (line: string) => void,
): void {
  const print = (text: string) => printLine(printable(text));
  const { state, exitCode, reason, message, failure, logTail, driverPodName, problem } = result;
  const facts = [
    failure?.cause.replace(/\.$/, ''),
    exitCode === undefined ? undefined : `exit code ${exitCode}`,
    reason,
  ];
  // The cause of a driver without a log has them.
  const isNamed = (fact: string | undefined, index: number): boolean =>
    fact !== undefined && (index === 0 || failure?.cause.includes(fact) !== true);
  show(withColour(printable(`${state}  ${facts.filter(isNamed).join(', ')}`), state));
  if (state === 'COMPLETED') return;
  for (const frame of failure?.frames ?? []) print(`  at ${frame}`);
  if (problem !== undefined && problem.reason !== reason)
    print(`${problem.reason}: ${problem.message ?? ''}`.trimEnd());
  // The log has the exception that it repeats.
  if (message !== undefined && logTail === undefined) print(message.trimEnd());
  if (logTail !== undefined) print(`--- end of the log of ${driverPodName}\n${logTail.trimEnd()}\n---`);
  const remedy = remedyOf(failure) ?? remedyFor[reason ?? ''];
  if (remedy !== undefined) print(remedy);
  const symptom = symptomOf(reason, problem?.reason, failure?.kind);
  if (symptom !== undefined) print(`  Help:             ${helpFor(symptom)}`);
  print(`  To see it:        temporal-spark describe ${workflowId}`);
  print(`  To run it again:  temporal-spark retry ${workflowId}`);
}
