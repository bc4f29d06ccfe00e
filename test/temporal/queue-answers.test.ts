import { afterAll, describe, expect, it } from 'vitest';
import { ADMISSION_WORKFLOW, admissionWorkflowId } from '../../src/protocol/index.ts';
import { inProcess } from '../support/in-process-cli.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('queue-answers', { worker: {} });

/** An exit code, and what the answer must have. */
type Answer = readonly [code: number, ...parts: (RegExp | string)[]];

const table = {
  'of no pool': [0, /No application is in queue \S+: it is empty, or no pool has this name\./],
  'of no Temporal': [3, 'connection refused', 'TEMPORAL_ADDRESS', 'temporal-spark doctor'],
  'of no worker': [
    3,
    'no worker polls task queue "nobody',
    /TEMPORAL_SPARK_TASK_QUEUE=nobody\S* temporal-spark worker/,
  ],
  'with one application': [0, /Queue \S+: 1 admitted, 0 waiting; limits: 1 applications/, 'spark/etl/nightly'],
} as const satisfies Readonly<Record<string, Answer>>;

type State = keyof typeof table;

const opened: string[] = [];
afterAll(() => Promise.all(opened.map((id) => temporal.env.client.workflow.getHandle(id).terminate())));

async function bring(state: State, pool: string): Promise<void> {
  if (state === 'of no pool' || state === 'of no Temporal') return;
  const { client, namespace, taskQueue } = temporal.env;
  const admitted = {
    ...{ holder: 'a', workflowId: 'spark/etl/nightly', runId: 'a', namespace: 'etl', priority: 0, notified: 1 },
    ...{ requests: { cpu: 1, memory: 1_476_395_008 }, since: '2026-12-01T03:00:00.000Z' },
  };
  const line = { limits: { maxApplications: 1 }, admitted: [admitted], timings: { admissionReviewMs: 3_600_000 } };
  const { workflowId } = await client.workflow.start(ADMISSION_WORKFLOW, {
    ...{ workflowId: admissionWorkflowId(pool), args: [pool, line] },
    taskQueue: state === 'of no worker' ? `nobody-${namespace}` : taskQueue,
  });
  opened.push(workflowId);
}

describe.each(Object.keys(table) as State[])('a queue %s', (state) => {
  it.each(['text', 'json'] as const)('gets a true answer from queue -o %s', async (output) => {
    const { namespace, temporalAddress } = temporal.env;
    const pool = `${state.replaceAll(' ', '-').toLowerCase()}-${output}-${namespace}`;
    await bring(state, pool);
    const address = state === 'of no Temporal' ? '127.0.0.1:1' : temporalAddress;
    const { code, stdout, stderr } = await inProcess(['queue', pool, '-o', output, '--address', address]);
    const said = `${stdout}\n${stderr}`;
    const [expected, ...parts]: Answer = table[state];
    if (output === 'text' || expected !== 0) for (const part of parts) expect(said).toMatch(part);
    else expect(JSON.parse(stdout)).toHaveLength(state === 'of no pool' ? 0 : 1);
    expect({ code, said }).toEqual({ code: expected, said });
  });
});
