import { describe, expect, it } from 'vitest';
import {
  ApplicationState,
  PipelineState,
  StageState,
  type SparkApplicationStatus,
} from '../../../src/protocol/index.ts';
import { currentDetails } from '../../../src/workflows/application/current-details.ts';
import { admissionDetails } from '../../../src/workflows/lease/admission-details.ts';
import { code, wrappingCode } from '../../../src/workflows/markdown.ts';
import { pipelineDetails } from '../../../src/workflows/pipeline/pipeline-details.ts';

const hostile = '![x](https://a.example/p.png) [log in](https://b.example) <img src="c"> https://d.example `| x';
const at = '2026-01-01T00:00:00Z';

/** What of a text the UI renders: without code. */
const rendered = (text: string): string => text.replaceAll(/`[^`]*`/g, '');
const isHarmless = (text: string): boolean => !/example|<img/.test(rendered(text));

describe('the words of a driver, a cluster or a user are shown as code, in which no link or image is rendered', () => {
  it('in the details of an application', () => {
    const counts = { completed: 0, running: 1, failed: 0, total: 1 };
    const runningStages = [{ id: 0, name: hostile, tasks: counts }];
    const status = {
      ...{ state: ApplicationState.Failed, namespace: 'default', name: 'pi', attempts: 2 },
      ...{ reason: hostile, message: hostile, problem: { reason: hostile, message: hostile } },
      progress: { jobs: 1, stages: counts, tasks: counts, runningStages, observedAt: at },
      attemptHistory: [{ attempt: 1, state: ApplicationState.Failed, reason: hostile, finishedAt: at }],
    } as unknown as SparkApplicationStatus;
    const text = currentDetails(status, { workflowId: 'spark/default/pi' });
    expect(text).toContain('a.example');
    expect(isHarmless(text)).toBe(true);
  });

  it('in the details of a pipeline', () => {
    const stages = [{ name: 'a', state: StageState.Failed, reason: hostile }];
    const run = { namespace: 'default', name: 'etl', run: 'x', parameters: {}, scheduleTime: at, timeZone: 'UTC' };
    const status = { ...run, state: PipelineState.Paused, note: hostile, stages, startedAt: at };
    expect(isHarmless(pipelineDetails(status, 'pipeline/etl/x'))).toBe(true);
  });

  it('in the details of a queue', () => {
    const request = { holder: 'a', workflowId: hostile, runId: 'r', namespace: hostile, since: hostile };
    const waiting = [{ ...request, priority: 0, requests: { cpu: 1, memory: 1 } }];
    expect(isHarmless(admissionDetails({ maxApplications: 1 }, [], waiting))).toBe(true);
  });
});

it('code stays in its cell and within its limit', () => {
  expect(code('a | b\n`c`', 80)).toBe("`a \\| b 'c'`");
  expect(code(' ', 80)).toBe('');
  expect(code('|'.repeat(9), 4)).toBe('`\\|…`');
});

it('code of a message wraps at marks of long words, and never between a bar and its escape', () => {
  const wrapped = (text: string) => wrappingCode(text, 500).split('`\u200b`');
  const long = (length: number) => 'a'.repeat(length);
  expect(wrapped('at org.apache.spark.sql.AnalysisException: orders_by_customer_and_region')).toEqual([
    '`at org.apache.spark.sql.',
    'AnalysisException: orders_by_customer_and_',
    'region`',
  ]);
  expect(wrapped(`of ${long(60)} at`)).toEqual([`\`of ${long(28)}`, long(28), `${long(4)} at\``]);
  expect(wrapped(`${long(27)}|bc`)).toEqual([`\`${long(27)}`, '\\|bc`']);
  expect(wrapped(`[${long(25)}]`)).toHaveLength(1);
  expect(wrappingCode(' ', 80)).toBe('');
});
