import { styleText } from 'node:util';

/** Green for success, red for failure, yellow for what waits or was stopped. States of applications, pipelines, stages. */
const colours: Readonly<Record<string, 'green' | 'red' | 'yellow' | 'cyan'>> = {
  COMPLETED: 'green',
  SUCCEEDED: 'green',
  RUNNING: 'cyan',
  FAILED: 'red',
  SUBMISSION_FAILED: 'red',
  FAILING: 'red',
  TERMINATED: 'red',
  TIMED_OUT: 'red',
  CANCELLED: 'yellow',
  SUSPENDED: 'yellow',
  PENDING_RERUN: 'yellow',
  QUEUED: 'yellow',
  UNKNOWN: 'yellow',
  PAUSED: 'yellow',
  STOPPING: 'yellow',
};

/** A line in which the state, which it contains, is coloured: on a terminal only, and not where NO_COLOR is set. */
export function withColour(line: string, state: string): string {
  const colour = colours[state];
  if (colour === undefined) return line;
  // A function: a state is text, not a replacement pattern.
  return line.replace(state, () => styleText(colour, state, { stream: process.stdout }));
}
