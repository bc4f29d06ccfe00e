import { ExitCode } from '../../exit-code.ts';
import type { OutputFlags } from '../../flags.ts';
import { followOutput, printFor } from '../../output/follow-output.ts';
import { timeAndAge } from '../../output/times.ts';
import { workflowLink } from '../../output/workflow-link.ts';
import type { Temporal } from '../../temporal.ts';
import { detachable, type Followed } from './detachable.ts';
import { follow, type StartedApplication } from './follow.ts';

export interface FollowFlags extends OutputFlags {
  readonly follow: boolean;
  readonly uiUrl?: string;
}

/**
 * Reports started applications; with `follow`, shows their state changes until they end, and ends as they do;
 * Ctrl-C ends only the output.
 */
export async function followStarted(
  temporal: Temporal,
  started: readonly StartedApplication[],
  { follow: isFollowed, uiUrl, output }: FollowFlags,
): Promise<ExitCode> {
  const print = printFor(output);
  for (const { handle, isAttached } of started) {
    const since = isAttached ? `, started ${timeAndAge((await handle.describe()).startTime)}` : '';
    print(`${isAttached ? 'Attached to' : 'Started'} ${handle.workflowId} (run ${handle.runId}${since})`);
    if (uiUrl !== undefined) print(`  ${workflowLink(uiUrl, temporal.namespace, handle)}`);
  }
  if (!isFollowed) {
    if (output === 'json')
      console.log(JSON.stringify(started.map(({ handle: { workflowId, runId } }) => ({ workflowId, runId }))));
    else for (const { handle } of started) print(`  To see it: temporal-spark describe ${handle.workflowId}`);
    return ExitCode.Ok;
  }
  const followed: Followed = { workflowIds: started.map(({ handle }) => handle.workflowId), stop: 'kill' };
  const out = await followOutput(output);
  const results = await detachable(followed, out, () =>
    Promise.all(started.map((each) => follow(temporal, each, started.length > 1, out))),
  );
  if (output === 'json') console.log(JSON.stringify(results.length === 1 ? results[0] : results));
  return results.every((result) => result?.state === 'COMPLETED') ? ExitCode.Ok : ExitCode.Failed;
}
