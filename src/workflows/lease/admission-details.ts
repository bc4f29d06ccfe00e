import { describeLimits, type AdmissionLimits, type AdmissionRequest } from '../../protocol/index.ts';
import { code } from '../markdown.ts';

/** Together with the rest it stays under 4 KB. */
const SHOWN = 20;

/** Any client can have sent them, in a signal. */
const words = (text: string): string => code(text, 60);

/** The queue as Temporal's UI shows it on its page (GitHub-flavoured markdown). */
export function admissionDetails(
  limits: AdmissionLimits,
  admitted: readonly AdmissionRequest[],
  waiting: readonly AdmissionRequest[],
): string {
  const head = `**${admitted.length} in**, ${waiting.length} waiting. Limits: ${describeLimits(limits)}.`;
  if (waiting.length === 0) return head;
  const rows = waiting
    .slice(0, SHOWN)
    .map(
      ({ workflowId, namespace, priority, since }, index) =>
        `| ${index + 1} | ${words(workflowId)} | ${words(namespace)} | ${priority} | ${words(since)} |`,
    );
  const more = waiting.length > SHOWN ? [`| … | ${waiting.length - SHOWN} more | | | |`] : [];
  return [
    head,
    '',
    '| Place | Workflow | Namespace | Priority | Since |',
    '|---|---|---|---|---|',
    ...rows,
    ...more,
  ].join('\n');
}
