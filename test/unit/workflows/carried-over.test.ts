import { expect, it } from 'vitest';
import type { Ledger } from '../../../src/workflows/application/ledger.ts';
import {
  application,
  isFinalized,
  isSubmitted,
  outcomeOf,
  runningApplication,
  runs,
} from '../../support/stepped-application.ts';
import { completes } from '../../support/stepped-workflow.ts';

const RESTARTS = 40;

it('a run that restarts for ever carries over at most 16 KB, however long the report of each attempt', async () => {
  const workflow = await runningApplication(
    application({ restartPolicy: { type: 'Always', onFailureRetryInterval: 1 } }),
  );
  const outcome = { ...outcomeOf(1), message: 'x'.repeat(4096), logTail: 'y'.repeat(8192) };
  for (let attempt = 1; attempt <= RESTARTS; attempt += 1) {
    workflow.isContinueAsNewSuggested = attempt === RESTARTS;
    await workflow.task(completes('waitForSparkDriver', { state: 'ENDED', outcome }));
    await workflow.task(isFinalized);
    await workflow.passes(600_000);
    if (attempt === RESTARTS) break;
    await workflow.task(isSubmitted);
    await workflow.task(runs);
  }
  if (workflow.end?.kind !== 'continued')
    throw new Error(`Expected continue-as-new, got: ${JSON.stringify(workflow.end)}`);
  const carried = workflow.end.args[1] as Ledger;
  expect(carried).toMatchObject({ attempts: RESTARTS, failures: { application: RESTARTS } });
  expect(carried.attemptHistory.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 20 }, (_, i) => 21 + i));
  expect(JSON.stringify(carried).length).toBeLessThanOrEqual(16_000);
  await workflow.dispose();
});
