import { expect, it } from 'vitest';
import { pictureOfPipeline } from '../../../src/cli/commands/describe/describe-pipeline.ts';
import type { Temporal } from '../../../src/cli/temporal.ts';

it('shows the texts of a pipeline run without what controls a terminal, a stage in one line', async () => {
  const failed = { name: 'load', state: 'FAILED', reason: 'a\u001b[2J', message: '\u009b2Jb\r\nc' };
  const status = {
    ...{ state: 'PAUSED', note: '\u001bcwait', parameters: { day: '\u0085' }, scheduleTime: 'now', timeZone: 'UTC' },
    ...{ startedAt: '2026-01-01T00:00:00Z', stages: [failed] },
  };
  const spark = { pipelines: { get: () => ({ status: () => Promise.resolve(status) }) } };
  const client = {
    workflow: { getHandle: () => ({ describe: () => Promise.resolve({ status: { name: 'RUNNING' }, runId: 'r' }) }) },
  };
  const temporal = { spark, client, namespace: 'default' } as unknown as Temporal;
  const picture = await pictureOfPipeline(temporal, 'pipeline/p', { uiUrl: 'http://ui/' });
  const text = picture.text(Date.parse('2026-01-01T00:01:00Z'));
  expect(text).toMatch(/^State {14}PAUSED: {2}cwait\n/);
  expect(text).toMatch(/\nload {2}FAILED {6}2Jb \(a \[2J\)\n/);
  expect(text).toContain('\nTemporal UI        http://ui/namespaces/default/workflows/pipeline%2Fp/r\n');
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
});
