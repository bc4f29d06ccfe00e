import { between, blowName, Fault, falls, isLong, of, type Blow } from './fault.ts';
import { grouped } from './grouped.ts';
import { nameOf, pointsOf, type Point } from './points.ts';
import { RESOURCE_CALLS } from './resource-points.ts';
import { RESOURCE_SCENARIOS } from './resource-scenarios.ts';
import { SKEWED_CLOCKS, SlowSubmitter, type Setting } from './setting.ts';
import { Shape } from './shapes.ts';

/** Runs in one setting, what is broken in them, and when. What they must come to is `EXPECTED` of their shape. */
export interface Scenario {
  readonly name: string;
  readonly setting: Setting;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly shapes: readonly Shape[];
  readonly blows: readonly Blow[];
  /** Of the calls of these shapes, such as `create pods #1`. @default all */
  readonly steps?: RegExp;
  /** Such as `after spark-submit #1`: moments that no such run comes to. @default none */
  readonly without?: RegExp;
}

/** One thing broken at one moment of one run. */
export interface FaultPoint {
  readonly scenario: Scenario;
  readonly blow: Blow;
  readonly point: Point;
}

const { Plain, Restarted, Accompanied, Cancelled, Deleted, Updated, Suspended } = Shape;
const LIVES = [Plain, Restarted, Cancelled, Deleted, Updated, Suspended];

const KILLS = of(Fault.KillWorker, Fault.KillTemporal, Fault.KillApiServer, Fault.KillEtcd);
const NETWORK = between(Fault.Delay, Fault.Reset, Fault.HalfClose);
const PARTITIONS = between(Fault.Partition);

/** What may be under way while the workflow gives it up. */
const EARLY: readonly Row[] = [
  {
    shapes: [Shape.CancelledEarly],
    blows: [...of(Fault.None, Fault.LateRequest, Fault.KillWorker, Fault.KillApiServer), ...PARTITIONS],
  },
  { shapes: [Shape.SuspendedEarly], blows: of(Fault.None, Fault.KillWorker, Fault.UpgradeWorker) },
];
/** The one that stands in for a client creates one, because it has no template of the executors. */
const SECOND_CONFIG_MAP = /create configmaps #2$/;
/** A Job is created by the worker; the rest happens in its pod. */
const IN_A_JOB = /^(spark-submit|get pods|RespondActivityTaskCompleted)/;
const FEW = /^(create pods|RespondWorkflowTaskCompleted|delete pods|patch pods)/;
const ON_THE_CLOCK = /^(get pods|delete pods|RespondActivityTaskCompleted|RespondWorkflowTaskCompleted)/;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'the rights of the chart',
    setting: {},
    rows: [
      { shapes: LIVES, blows: [...KILLS, ...of(Fault.UpgradeWorker, Fault.PauseEtcd, Fault.LateRequest), ...NETWORK] },
      { shapes: [Plain, Cancelled, Restarted], blows: between(Fault.Drop) },
      { shapes: [Plain, Cancelled], blows: PARTITIONS },
      { shapes: LIVES, blows: of(Fault.ResetWorkflow) },
    ],
  },
  { name: 'a submission that is given up', setting: {}, rows: EARLY },
  {
    name: 'a slow spark-submit',
    setting: { submitter: SlowSubmitter.Client },
    rows: [
      ...EARLY.map((row) => ({ ...row, without: SECOND_CONFIG_MAP })),
      {
        shapes: [Plain],
        blows: of(Fault.KillWorker, Fault.KillApiServer),
        ...{ steps: /^(get|create) /, without: SECOND_CONFIG_MAP },
      },
    ],
  },
  {
    name: 'a slow spark-submit in a Job',
    // Longer than the heartbeat timeout: the Job of a worker that died submits after the stop.
    setting: { submitter: SlowSubmitter.Job, clientMs: 40_000 },
    rows: EARLY.map(({ blows, ...row }) => ({
      ...row,
      blows: blows.filter(({ fault }) => fault !== Fault.LateRequest),
      steps: IN_A_JOB,
    })),
  },
  {
    name: 'a submission beyond its deadline',
    setting: { submitter: SlowSubmitter.Client, clientMs: 12_000 },
    rows: [
      {
        shapes: [Shape.Overdue],
        blows: [...of(Fault.None, Fault.KillWorker, Fault.KillTemporal), ...PARTITIONS],
        // The client is ended at the deadline.
        without: /^after spark-submit/,
      },
    ],
  },
  {
    name: 'spark-submit with its JVM',
    setting: { submitter: SlowSubmitter.Jvm },
    rows: [{ shapes: [Plain], blows: of(Fault.None, Fault.KillWorker), steps: /^(get pods|create pods)/ }],
  },
  {
    name: 'full slots',
    setting: { slots: 2, waits: 8 },
    rows: [
      { shapes: [Cancelled, Suspended], blows: of(Fault.None, Fault.KillWorker, Fault.KillTemporal) },
      { shapes: [Plain, Updated], blows: of(Fault.None, Fault.KillWorker), steps: FEW },
    ],
  },
  {
    name: 'a hostile tenant',
    setting: { hostileTenant: true },
    rows: [
      { shapes: [Cancelled, Plain], blows: of(Fault.None, Fault.KillWorker), steps: FEW },
      { shapes: [Suspended, Restarted], blows: of(Fault.None), steps: FEW },
    ],
  },
  {
    name: 'a sidecar that outlives its driver',
    setting: {},
    rows: [{ shapes: [Accompanied], blows: [...KILLS, ...of(Fault.ResetWorkflow, Fault.LateRequest)] }],
  },
  {
    name: 'containers that end before their pod',
    setting: { annotations: { 'lab.temporal-spark/phase-delay-seconds': '4' } },
    rows: [{ shapes: [Restarted], blows: [...KILLS, ...of(Fault.LateRequest, Fault.ResetWorkflow)] }],
  },
  {
    name: 'a stage of a pipeline',
    setting: {},
    rows: [
      {
        shapes: [Shape.Staged],
        blows: of(Fault.ResetPipeline, Fault.KillWorker, Fault.UpgradeWorker, Fault.KillTemporal, Fault.KillApiServer),
      },
    ],
  },
  ...Object.entries(SKEWED_CLOCKS).map(([name, clocks]) => ({
    name,
    setting: { clocks },
    rows: [
      { shapes: [Shape.Overrun, Deleted], blows: of(Fault.None, Fault.KillWorker), steps: ON_THE_CLOCK },
      { shapes: [Cancelled], blows: of(Fault.None), steps: ON_THE_CLOCK },
    ],
  })),
  ...RESOURCE_SCENARIOS,
];

/** Of one row of the table, in the order in which runs come to them. */
function pointsOfRow(scenario: Scenario, { shapes, blows, steps = /./, without = /^$/ }: Row): FaultPoint[] {
  const calls = scenario.setting.resources === undefined ? undefined : RESOURCE_CALLS;
  const points = pointsOf(shapes, calls).filter(
    ({ side, step, nth }) => steps.test(`${step} #${nth}`) && !without.test(`${side} ${step} #${nth}`),
  );
  const native = scenario.setting.submitter === undefined || scenario.setting.submitter === SlowSubmitter.Jvm;
  const there = points.filter(({ link }) => !native || link !== 'submitter');
  return blows.flatMap((blow) =>
    there.filter((point) => falls(blow, point)).map((point) => ({ scenario, blow, point })),
  );
}

export const FAULT_POINTS: readonly FaultPoint[] = SCENARIOS.flatMap((scenario) =>
  scenario.rows.flatMap((row) => pointsOfRow(scenario, row)),
);

export function faultPointName({ scenario, blow, point }: FaultPoint): string {
  return `${scenario.name} | ${blowName(blow)} | ${nameOf(point)}`;
}

/** Points that one worker serves in one setting while one thing is broken again and again. */
export interface LanePlan {
  readonly scenario: Scenario;
  readonly blow: Blow;
  readonly points: readonly Point[];
}

/** Runs at once: a worker of two cores shows nothing else with more. */
const MOST = 110;
/** The history of each is read at each change of its status. */
const MOST_RESOURCES = 40;
/** Each of these costs processes of its own, or waits for what lasts long. */
const FEW_AT_ONCE = 12;

/** In the order in which the points name their lanes; the points of a lane in the order in which runs come to them. */
export function plansOf(faultPoints: readonly FaultPoint[]): LanePlan[] {
  const places = new Map(FAULT_POINTS.map((faultPoint, index) => [faultPoint, index]));
  const lanes = grouped(faultPoints, ({ scenario, blow }) => `${scenario.name} | ${blowName(blow)}`);
  return lanes.flatMap((unordered) => {
    const all = unordered.toSorted((one, other) => places.get(one)! - places.get(other)!);
    const { scenario, blow } = all[0]!;
    const { submitter, resources } = scenario.setting;
    const most = resources === undefined ? MOST : MOST_RESOURCES;
    const size = isLong(blow) || submitter !== undefined ? FEW_AT_ONCE : most;
    return Array.from({ length: Math.ceil(all.length / size) }, (_, part) => ({
      scenario,
      blow,
      points: all.slice(part * size, (part + 1) * size).map(({ point }) => point),
    }));
  });
}
