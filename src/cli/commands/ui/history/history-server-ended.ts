import { viewDriver } from '../../../../activities/watch/driver-observation.ts';
import type { Pod } from '../../../../kubernetes/index.ts';

/** A history server that did not start, did not find its event log, or has ended. */
export class HistoryServerEnded extends Error {
  override readonly name = 'HistoryServerEnded';
}

/** How the pod of a history server ended, after its name; undefined where it did not. */
export function endText(pod: Pod | undefined): string | undefined {
  if (pod === undefined) return 'was deleted.';
  const view = viewDriver(pod);
  if (view.phase !== 'ended') return undefined;
  const { reason, exitCode, message } = view.outcome;
  const how = `has ended: ${[reason, exitCode === undefined ? undefined : `exit code ${exitCode}`].filter(Boolean).join(', ')}`;
  if (message === undefined || message.trim() === '') return `${how}.`;
  const lines = message.trim().split('\n').slice(-LINES);
  return `${how}. The end of its log:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}

const LINES = 20;
