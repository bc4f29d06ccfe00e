import type { SparkApplicationDescription } from '../../../client/index.ts';
import type { AttemptSummary } from '../../../protocol/index.ts';
import { withColour } from '../../output/colour.ts';
import { printable } from '../../output/printable.ts';
import { shortDuration } from '../../../validation/duration.ts';

/**
 * Reports the changes of an application from one observation to the next: its states, the attempts that ended, why its driver
 * does not start, and what an activity fails with.
 */
export class Story {
  private readonly attemptsAtMost: number | undefined;
  private readonly shown = new Map<string, string>();
  private lastAttempt = 0;

  /** @param attemptsAtMost of the restart policy, where it has a limit */
  constructor(attemptsAtMost?: number) {
    this.attemptsAtMost = attemptsAtMost;
  }

  /** The lines of what is new since the last observation. */
  changes({ status, driver, pending }: SparkApplicationDescription, now = Date.now()): readonly string[] {
    const failing = pending.find(({ lastFailure }) => lastFailure !== undefined);
    const ended = (status?.attemptHistory ?? []).filter(({ attempt }) => attempt > this.lastAttempt);
    this.lastAttempt = ended.at(-1)?.attempt ?? this.lastAttempt;
    const problem =
      status?.problem ?? (driver?.reason === undefined ? undefined : { ...driver, reason: driver.reason });
    // The end is shown with the result.
    const isOver = status?.finishedAt !== undefined && status.nextAttemptAt === undefined;
    const state = isOver ? undefined : this.once('state', status && stateLine(status, this.attemptOf(status.attempts)));
    const lines = [
      ...ended.map((attempt) => this.attemptLine(attempt, status?.nextAttemptAt, now)),
      state && withColour(state, status!.state),
      isOver ? undefined : this.once('warning', status?.placement?.warnings?.join(' ')),
      isOver
        ? undefined
        : this.once('problem', problem && [problem.reason, problem.message].filter(Boolean).join(': ')),
      this.once('pending', failing && `attempt ${failing.attempt} of ${failing.activity}: ${failing.lastFailure}`),
    ];
    return lines.filter((line) => line !== undefined);
  }

  private attemptLine(attempt: AttemptSummary, nextAt: string | undefined, now: number): string {
    const { exitCode, reason, state } = attempt;
    const why = [exitCode === undefined ? undefined : `exit code ${exitCode}`, reason].filter(Boolean).join(', ');
    const next = nextAt === undefined ? '' : `; next in ${shortDuration(Date.parse(nextAt) - now)}`;
    const how = state === 'SUSPENDED' || state === 'INVALIDATING' ? 'was stopped on request' : `ended ${state}: ${why}`;
    return printable(`${this.attemptOf(attempt.attempt)} ${how}${next}`);
  }

  private attemptOf(attempt: number): string {
    const { attemptsAtMost = 0 } = this;
    return attemptsAtMost >= attempt ? `attempt ${attempt} of ${attemptsAtMost}` : `attempt ${attempt}`;
  }

  /** The text, unless it is the same as the last one of its kind. */
  private once(kind: string, text: string | undefined): string | undefined {
    const before = this.shown.get(kind);
    if (text === undefined || text === '') this.shown.delete(kind);
    else this.shown.set(kind, text);
    return text === undefined || text === before || text === '' ? undefined : printable(text);
  }
}

function stateLine(
  { state, attempts, namespace, driverPodName }: NonNullable<SparkApplicationDescription['status']>,
  attempt: string,
): string {
  const driver = driverPodName === undefined ? '' : `  driver ${namespace}/${driverPodName}`;
  return `${state}${attempts > 1 ? `  ${attempt}` : ''}${driver}`;
}
