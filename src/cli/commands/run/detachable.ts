import type { FollowOutput } from '../../output/follow-output.ts';

/** What is followed, and the command that stops it. */
export interface Followed {
  readonly workflowIds: readonly string[];
  readonly stop: 'kill' | 'pipeline cancel';
}

/** Does the work; Ctrl-C ends only the output, and prints what keeps running. */
export async function detachable<T>(followed: Followed, output: FollowOutput, work: () => Promise<T>): Promise<T> {
  // One for all: Node warns of a leak where an event has more than ten listeners.
  const detach = () => {
    output.end();
    output.print(detachedText(followed));
    process.exit(130);
  };
  process.once('SIGINT', detach);
  try {
    return await work();
  } finally {
    process.off('SIGINT', detach);
    output.end();
  }
}

function detachedText({ workflowIds, stop }: Followed): string {
  const remains = workflowIds.length === 1 ? 'it keeps running' : `all ${workflowIds.length} keep running`;
  const commands = workflowIds.flatMap((id) => [
    `  To see it:   temporal-spark describe ${id}`,
    `  To stop it:  temporal-spark ${stop} ${id}`,
  ]);
  return ['', `Detached; ${remains}.`, ...commands].join('\n');
}
