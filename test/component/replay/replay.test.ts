import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../support/workflow-bundle.ts';

Runtime.install({ logger: new DefaultLogger('ERROR') });
const directory = join(import.meta.dirname, 'histories');
const pipelines = [
  'pipeline-completed',
  'pipeline-failed',
  'pipeline-cancelled',
  'pipeline-continued',
  'pipeline-searchable',
  // Of before and after the patch `item-digits`.
  'pipeline-fan-out',
  'pipeline-item-digits',
  // Adopts its child.
  'pipeline-reset',
  // Of before and after the patch `semaphore-repeat`.
  'pipeline-semaphore',
];
const files = readdirSync(directory).filter((file) => file.endsWith('.json'));

function workflowIdOf(file: string): string {
  const [way = '', version = ''] = file.split('_');
  if (way === 'housekeeping') return way;
  if (way === 'admission') return 'admission/recorded';
  if (!pipelines.includes(way)) return `spark/default/${way}`;
  return version.startsWith('0.1.') ? `pipeline/${way}/recorded` : `pipeline/default/${way}/recorded`;
}

/** By file: why the workflow did something else than it had done; undefined where it did not. */
const problems = new Map<string, Error | undefined>();

// A worker takes longer to start than to replay a history, and replays one after the other, in their order.
beforeAll(async () => {
  const histories = files.map((file) => ({
    workflowId: workflowIdOf(file),
    history: JSON.parse(readFileSync(join(directory, file), 'utf8')) as unknown,
  }));
  const results = Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, histories);
  for (const file of files) {
    const result = await results.next();
    if (result.done === true) throw new Error(`The worker ended before it replayed ${file}`);
    problems.set(file, result.value.error);
  }
  await results.return?.(undefined);
});

describe('runs that began with an earlier version continue with this one', () => {
  it('has histories of each way to end', () => {
    for (const way of [
      'completed',
      // Of before and after the patch `cause-memo`.
      'failed',
      'restarted',
      'cancelled',
      'suspended',
      'updated',
      'unschedulable',
      'killed',
      'submission-failed',
      'vanished',
      'continued',
      'searchable',
      'housekeeping',
      'clusters',
      // Of one plan with both, the cluster and the queue.
      'planned',
      // Of before and after the patch `hold-name`.
      'half-made',
      // Of before and after the patch `hold-ended`.
      'held',
      'queued',
      'admission',
      // Of before the patch `refuse-retry-policy`.
      'retry-policy',
      ...pipelines,
    ]) {
      expect(files.some((file) => file.startsWith(`${way}_`))).toBe(true);
    }
  });

  it.each(files)('%s', (file) => {
    expect([...problems.keys()]).toContain(file);
    expect(problems.get(file)).toBeUndefined();
  });

  const textOf = (way: string): string =>
    readFileSync(
      join(
        directory,
        files.find((file) => file.startsWith(`${way}_`))!,
      ),
      'utf8',
    );

  it('repeats a submission whose plan it does not know where that was before the patch `plan-progress`', async () => {
    const base64 = (answer: object) => Buffer.from(JSON.stringify(answer)).toString('base64');
    const known = textOf('clusters');
    const unknown = known.replace(base64({ cluster: 'here' }), base64({ later: 'x' }));
    expect(unknown).not.toBe(known);
    const options = { workflowBundle: await workflowBundle() };
    await Worker.runReplayHistory(options, JSON.parse(unknown) as unknown, 'spark/default/clusters');
  });

  it('notices a workflow that does something else', async () => {
    const text = textOf('completed');
    const changed: unknown = JSON.parse(text.replaceAll('finalizeSparkApplication', 'somethingElse'));
    const options = { workflowBundle: await workflowBundle() };
    await expect(Worker.runReplayHistory(options, changed, 'spark/default/completed')).rejects.toThrow();
  });
});
