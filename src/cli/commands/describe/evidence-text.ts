import { shortDuration } from '../../../validation/duration.ts';
import { table } from '../../output/table.ts';
import type { DriverEvidence } from './driver-evidence.ts';
import type { DriverEvent } from './driver-events.ts';

const LONGEST_MESSAGE = 300;

/** The Events of the driver pod and the end of its log, a section each. */
export function evidenceSections({ driver, events, log }: DriverEvidence, now: number): readonly string[][] {
  const pod = `${driver.namespace}/${driver.podName}`;
  return [eventLines(pod, events, now), ...(log === undefined ? [] : [logLines(log)])];
}

function eventLines(pod: string, events: DriverEvidence['events'], now: number): string[] {
  if (typeof events === 'string') return [`Events of pod ${pod}: not read: ${events}`];
  if (events.length === 0) return [];
  const [, ...lines] = table(
    ['', '', '', ''],
    events.map((event) => eventCells(event, now)),
  );
  return [`Events of pod ${pod}`, ...lines.map((line) => `  ${line}`)];
}

function eventCells({ time, type, reason, message, count }: DriverEvent, now: number): string[] {
  const shown = message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
  const times = count > 1 ? `, ${count} times` : '';
  return [`${shortDuration(Math.max(0, now - Date.parse(time)))} ago${times}`, type, reason, shown];
}

const logLines = ({ location, lines }: NonNullable<DriverEvidence['log']>): string[] => [
  `End of its log (${location})`,
  ...lines.map((line) => `  ${line}`.trimEnd()),
];
