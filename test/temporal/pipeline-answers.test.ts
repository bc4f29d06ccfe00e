import { describe, expect, it } from 'vitest';
import { eventually } from '../../lab/eventually.ts';
import { inProcess } from '../support/in-process-cli.ts';
import { pipelineFailureOf, pipelineOf, step } from '../support/pipelines.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('pipeline-answers', { worker: {} });

/** An exit code, and what the answer must have. */
type Answer = readonly [code: number, ...parts: (RegExp | string)[]];

interface Answers {
  readonly describe: Answer;
  readonly manifest: Answer;
  readonly 'graph -o dot': Answer;
  readonly 'pipeline pause': Answer;
  readonly 'pipeline resume': Answer;
  readonly 'pipeline cancel': Answer;
  readonly 'pipeline cancel-stage': Answer;
  readonly 'pipeline rerun': Answer;
  readonly 'pipeline rerun --dry-run': Answer;
  readonly kill: Answer;
  readonly ui: Answer;
}

const all = (answer: Answer): Answers => ({
  ...{
    describe: answer,
    manifest: answer,
    'graph -o dot': answer,
    'pipeline pause': answer,
    'pipeline resume': answer,
  },
  ...{ 'pipeline cancel': answer, 'pipeline cancel-stage': answer, 'pipeline rerun': answer, kill: answer },
  'pipeline rerun --dry-run': answer,
  ui: answer,
});

const missing: Answer = [2, 'does not exist', 'temporal-spark list pipelines'];
const nowhere: Answer = [3, 'connection refused', 'TEMPORAL_ADDRESS'];
const unanswered: Answer = [3, 'no worker polls task queue "nobody', 'TEMPORAL_SPARK_TASK_QUEUE=nobody'];
const isPipeline: Answer = [2, 'it is a pipeline run; use:  temporal-spark pipeline cancel pipeline/'];
/** Its stages have drivers. */
const ofStages: Answer = [
  2,
  'is a pipeline run, which has no driver of its own. Its stages:',
  /temporal-spark ui \S+\/one\/(?:work|STAGE)/,
];
const ended = (state: string): Answer => [2, new RegExp(`it is ${state}; it ended`), 'temporal-spark pipeline rerun'];
const printed: Answer = [0, 'kind: SparkPipeline'];
const planned: Answer = [0, /work +runs again/, 'Nothing was started'];
const drawn: Answer = [0, 'digraph'];

const closed = (state: string, described: Answer, rerun: Answer): Answers => ({
  ...all(ended(state)),
  'pipeline rerun --dry-run': rerun[0] === 0 ? planned : rerun,
  ...{ describe: described, manifest: printed, 'graph -o dot': drawn, 'pipeline rerun': rerun, kill: isPipeline },
  ui: ofStages,
});

const table = {
  'never started': all(missing),
  'no Temporal': all(nowhere),
  'no worker': {
    ...all(unanswered),
    manifest: [0, 'no worker answered', 'kind: SparkPipeline'],
    'pipeline cancel': [0, 'will be cancelled when a worker runs: no worker polls'],
    'pipeline rerun': [2, 'again while it is running'],
    'pipeline rerun --dry-run': [2, 'again while it is running'],
    kill: isPipeline,
    ui: ofStages,
  },
  running: {
    ...all([0, / is /]),
    ...{ describe: [0, /State +RUNNING/], manifest: printed, 'graph -o dot': drawn, kill: isPipeline },
    'pipeline cancel-stage': [0, /^Stage work of pipeline\/\S+ is being cancelled$/m],
    'pipeline rerun': [2, 'again while it is running'],
    'pipeline rerun --dry-run': [2, 'again while it is running'],
    ui: ofStages,
  },
  terminated: closed('TERMINATED', [0, /State +TERMINATED, was RUNNING/, 'pipeline rerun'], [0, 'Started pipeline/']),
  completed: closed('COMPLETED', [0, /State +COMPLETED/], [2, 'all its stages have completed']),
  failed: closed('FAILED', [0, /State +FAILED/, /To see why +temporal-spark describe/], [0, 'Started pipeline/']),
} as const satisfies Readonly<Record<string, Answers>>;

type State = keyof typeof table;

/** @returns its name and its run */
async function bring(state: State, name: string): Promise<void> {
  const { spark, client, namespace, taskQueue } = temporal.env;
  if (state === 'never started' || state === 'no Temporal') return;
  const behaviour = state === 'completed' ? {} : state === 'failed' ? { fail: 'no luck' } : { hold: true };
  const pipeline = pipelineOf(name, [step('work', behaviour)], {}, namespace);
  if (state === 'no worker') {
    const workflowId = `pipeline/${namespace}/${name}/one`;
    await client.workflow.start('sparkPipeline', { workflowId, taskQueue: `nobody-${taskQueue}`, args: [pipeline] });
    return;
  }
  const run = await spark.pipelines.start(pipeline, { run: 'one' });
  if (state === 'completed') return void (await run.result());
  if (state === 'failed') return void (await pipelineFailureOf(run.result()));
  await eventually('it to run', async () => (await run.status()).stages[0]!.state === 'RUNNING');
  if (state === 'terminated') await client.workflow.getHandle(run.workflowId).terminate('by hand');
}

describe.each(Object.keys(table) as State[])('a pipeline run that is %s', (state) => {
  it.each(Object.keys(table[state]) as (keyof Answers)[])('gets a true answer from %s', async (command) => {
    const { namespace, temporalAddress, client } = temporal.env;
    const name = `${command}-${state}`.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    await bring(state, name);
    const [first = '', second = '', ...flags] = command.split(' ');
    const words = second.startsWith('-') ? [first] : [first, second].filter(Boolean);
    const given = second.startsWith('-') ? [second, ...flags] : flags;
    const stage = command === 'pipeline cancel-stage' ? ['work'] : [];
    const address = state === 'no Temporal' ? '127.0.0.1:1' : temporalAddress;
    const { code, stdout, stderr } = await inProcess([
      ...[...words, `${name}/one`, ...stage, '-n', namespace, ...given, '--address', address, '--answer-timeout', '1s'],
    ]);
    const said = `${stdout}\n${stderr}`;
    const [expected, ...parts]: Answer = table[state][command];
    for (const part of parts) expect(said).toMatch(part);
    expect({ code, said }).toEqual({ code: expected, said });
    if (state !== 'no Temporal' && first !== 'graph') expect(said).toContain(name);
    await client.workflow
      .getHandle(`pipeline/${namespace}/${name}/one`)
      .terminate()
      .catch(() => undefined);
  });
});
