import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../../lab/eventually.ts';
import { inProcess } from '../support/in-process-cli.ts';
import { scheduledApplication } from '../support/schedules.ts';
import { useTemporal } from '../support/temporal-fixture.ts';

const temporal = useTemporal('schedule-answers');
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'temporal-spark-schedule-answers-'));
});
afterAll(async () => {
  const { schedule } = temporal.env.client;
  for await (const { scheduleId } of schedule.list()) {
    if (scheduleId.includes(temporal.env.namespace)) await schedule.getHandle(scheduleId).delete();
  }
  await rm(directory, { recursive: true, force: true });
});

/** An exit code, and what the answer must have. */
type Answer = readonly [code: number, ...parts: (RegExp | string)[]];

/** Every command that is about one schedule. */
interface Answers {
  readonly describe: Answer;
  readonly 'describe -o json': Answer;
  readonly pause: Answer;
  readonly resume: Answer;
  readonly trigger: Answer;
  readonly 'backfill --from 2026-11-01 --to 2026-11-02': Answer;
  readonly 'backfill --from 2026-11-02 --to 2026-11-01': Answer;
  readonly delete: Answer;
  readonly create: Answer;
}

const all = (answer: Answer): Answers => ({
  ...{ describe: answer, 'describe -o json': answer, pause: answer, resume: answer, trigger: answer },
  'backfill --from 2026-11-01 --to 2026-11-02': answer,
  'backfill --from 2026-11-02 --to 2026-11-01': answer,
  ...{ delete: answer, create: answer },
});

/** Both that are not closed to requests. */
const existing = {
  ...{
    pause: [0, 'is paused'],
    resume: [0, 'is active'],
    trigger: [0, 'has started a run'],
    delete: [0, 'is deleted'],
  },
  'backfill --from 2026-11-01 --to 2026-11-02': [0, 'is being backfilled'],
  'backfill --from 2026-11-02 --to 2026-11-01': [2, 'ends (2026-11-01) before it begins (2026-11-02)'],
} as const satisfies Partial<Answers>;

const table = {
  'never created': { ...all([2, 'does not exist', 'temporal-spark schedule list']), create: [0, 'created'] },
  'no Temporal': all([3, 'connection refused', 'TEMPORAL_ADDRESS', 'temporal-spark doctor']),
  active: {
    ...existing,
    describe: [0, /State +active/, '0 3 * * *'],
    'describe -o json': [0, '"paused":false'],
    create: [0, 'unchanged'],
  },
  paused: {
    ...existing,
    describe: [0, /State +paused/, 'the warehouse is down'],
    'describe -o json': [0, '"paused":true', 'the warehouse is down'],
    // One that was paused by hand stays so.
    create: [0, 'unchanged'],
  },
} as const satisfies Readonly<Record<string, Answers>>;

type State = keyof typeof table;

/** A schedule in that state, of its own for each command. */
async function bring(state: State, name: string): Promise<void> {
  const { spark, namespace } = temporal.env;
  if (state === 'never created' || state === 'no Temporal') return;
  const { scheduleId } = await spark.schedules.apply(scheduledApplication(name, namespace));
  if (state === 'active') return;
  await spark.schedules.pause(scheduleId, 'the warehouse is down');
  await eventually(`${name} to be paused`, async () => (await spark.schedules.describe(scheduleId)).paused);
}

describe.each(Object.keys(table) as State[])('a schedule that is %s', (state) => {
  it.each(Object.keys(table[state]) as (keyof Answers)[])('gets a true answer from schedule %s', async (command) => {
    const { namespace, temporalAddress, taskQueue } = temporal.env;
    const name = `${state}-${command}`
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 45);
    await bring(state, name);
    const file = join(directory, `${name}.yaml`);
    await writeFile(file, stringify(scheduledApplication(name, namespace)));
    const [word = '', ...flags] = command.split(' ');
    const { code, stdout, stderr } = await inProcess([
      ...[
        'schedule',
        word,
        ...(word === 'create' ? [file, '--task-queue', taskQueue] : ['-n', namespace, name]),
        ...flags,
      ],
      ...['--address', state === 'no Temporal' ? '127.0.0.1:1' : temporalAddress],
    ]);
    const said = `${stdout}\n${stderr}`;
    const [expected, ...parts]: Answer = table[state][command];
    for (const part of parts) expect(said).toMatch(part);
    expect({ code, said }).toEqual({ code: expected, said });
    if (state !== 'no Temporal') expect(said).toContain(name);
  });
});
