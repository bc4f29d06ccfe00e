import { describe, expect, it } from 'vitest';
import type { PipelineStage, SparkPipelineSpec } from '../../../src/manifest/index.ts';
import { CARRIED_LIMIT } from '../../../src/manifest/size.ts';
import { Controls } from '../../../src/workflows/pipeline/controls.ts';
import { decide, type Decision } from '../../../src/workflows/pipeline/decide.ts';
import { Ledger, type LedgerOptions } from '../../../src/workflows/pipeline/ledger.ts';
import { Plan } from '../../../src/workflows/pipeline/plan.ts';
import { Stop } from '../../../src/workflows/pipeline/stop.ts';
import { UnitState, type UnitRecord } from '../../../src/workflows/pipeline/unit-record.ts';
import { pipelineOf, step } from '../../support/pipelines.ts';

/** A run whose units end when the test ends them. */
class Run {
  readonly controls = new Controls();
  readonly plan: Plan;
  readonly ledger: Ledger;
  active = 0;

  constructor(stages: readonly PipelineStage[], spec: Partial<SparkPipelineSpec> = {}, options: LedgerOptions = {}) {
    const metadata = { name: 'decided', namespace: 'default', labels: {}, annotations: {} };
    const complete = { ...pipelineOf('decided', stages, spec), metadata };
    this.plan = new Plan(complete, {
      ...{ workflowId: 'pipeline/decided/x', run: 'x', startedAt: '2026-01-01T00:00:00Z', timeZone: 'UTC' },
      schedule: { time: '2026-01-01T00:00:00Z', date: '2026-01-01' },
    });
    this.ledger = Ledger.of(this.plan, options);
    this.ledger.publish();
  }

  /** What is decided, in short; each decision is carried out. */
  decide(): string[] {
    const decisions = decide(this.plan, this.ledger, this.controls, this.active);
    for (const decision of decisions) this.apply(decision);
    return decisions.map(inShort);
  }

  /** All decisions until no more follow. */
  settle(): string[] {
    const all: string[] = [];
    for (let next = this.decide(); next.length > 0; next = this.decide()) all.push(...next);
    return all;
  }

  succeeds(name: string, index = 0, outputs?: Readonly<Record<string, unknown>>): this {
    return this.ends(name, index, {
      state: UnitState.Succeeded,
      attempts: 1,
      ...(outputs === undefined ? {} : { outputs }),
    });
  }

  fails(name: string, index = 0): this {
    return this.ends(name, index, { state: UnitState.Failed, attempts: 1, reason: 'Broken', message: 'it broke' });
  }

  cancelled(name: string, index = 0): this {
    return this.ends(name, index, { state: UnitState.Cancelled, attempts: 1, reason: 'Cancelled' });
  }

  stop(how: Stop): this {
    this.controls.stopFor(how);
    return this;
  }

  private ends(name: string, index: number, unit: UnitRecord): this {
    this.ledger.setUnit(name, index, unit);
    this.active -= 1;
    return this;
  }

  private apply(decision: Decision): void {
    if (decision.do === 'stop') return void this.controls.stopFor(decision.how);
    const { ledger } = this;
    const stage = this.plan.stage(decision.stage)!;
    if (decision.do === 'begin') return ledger.begin(stage, decision.items);
    if (decision.do === 'settle') return ledger.settle(stage, decision.state, decision.reason, decision.message);
    const state = decision.do === 'start' ? UnitState.Running : UnitState.Cancelled;
    for (const index of decision.units) ledger.setUnit(stage.name, index, { state, attempts: 0 });
    if (decision.do === 'start') this.active += decision.units.length;
  }
}

function inShort(decision: Decision): string {
  switch (decision.do) {
    case 'stop':
      return `stop: ${decision.how}`;
    case 'begin':
      return `begin ${decision.stage}`;
    case 'settle':
      return `${decision.stage}: ${decision.state}${decision.reason === undefined ? '' : ` ${decision.reason}`}`;
    case 'start':
    case 'cancel':
      return `${decision.do} ${decision.stage} ${decision.units.join(',')}`;
    default:
      return decision satisfies never;
  }
}

const after = (name: string, ...dependsOn: NonNullable<PipelineStage['dependsOn']>): PipelineStage =>
  step(name, {}, { dependsOn });
const each = (name: string, count: number, fields: Partial<PipelineStage> = {}): PipelineStage =>
  step(name, {}, { forEach: { range: { from: 1, to: count } }, ...fields });

describe('a decision', () => {
  it('changes nothing', () => {
    const run = new Run([step('a'), each('b', 3)]);
    const before = JSON.stringify(run.ledger.carried());
    const decisions = decide(run.plan, run.ledger, run.controls, 0);
    expect(decisions.map(inShort)).toEqual(['begin a', 'start a 0', 'begin b', 'start b 0,1,2']);
    expect(JSON.stringify(run.ledger.carried())).toBe(before);
    expect(decide(run.plan, run.ledger, run.controls, 0)).toEqual(decisions);
  });

  it('is empty while all eligible stages run', () => {
    const run = new Run([step('a'), after('b', 'a')]);
    run.settle();
    expect(run.decide()).toEqual([]);
  });
});

describe('dependencies', () => {
  it('start a stage once all it depends on has succeeded', () => {
    const run = new Run([step('a'), step('b'), after('c', 'a', 'b')]);
    expect(run.settle()).toEqual(['begin a', 'start a 0', 'begin b', 'start b 0']);
    expect(run.succeeds('a').settle()).toEqual(['a: SUCCEEDED']);
    expect(run.succeeds('b').settle()).toEqual(['b: SUCCEEDED', 'begin c', 'start c 0']);
  });

  it('that are not met skip a stage, and all that follow from it, in the same pass', () => {
    const run = new Run([step('a'), after('b', { stage: 'a', condition: 'failed' }), after('c', 'b')]);
    run.settle();
    const [settled, ...skipped] = run.succeeds('a').decide();
    expect(settled).toBe('a: SUCCEEDED');
    expect(skipped).toEqual(['b: SKIPPED DependencyNotMet', 'c: SKIPPED DependencyNotMet']);
    expect(run.ledger.stage('b').message).toBe('a has not failed');
    expect(run.ledger.stage('c').message).toBe('b has not succeeded');
  });

  it.each([
    ['completed', 'begin b'],
    ['failed', 'begin b'],
    ['succeeded', 'b: SKIPPED DependencyNotMet'],
  ] as const)('on %s of a stage that failed: %s', (condition, decision) => {
    const run = new Run([step('a'), after('b', { stage: 'a', condition })], { failurePolicy: 'Continue' });
    run.settle();
    expect(run.fails('a').decide()).toEqual(expect.arrayContaining(['a: FAILED Broken', decision]));
  });

  it('a clean-up stage that names none runs after all others', () => {
    const run = new Run([step('tidy', {}, { always: true }), step('a'), after('b', 'a')]);
    expect(run.settle()).toEqual(['begin a', 'start a 0']);
    expect(run.succeeds('a').settle()).toEqual(['a: SUCCEEDED', 'begin b', 'start b 0']);
    expect(run.succeeds('b').settle()).toEqual(['b: SUCCEEDED', 'begin tidy', 'start tidy 0']);
  });
});

describe('a condition', () => {
  it('that is false skips the stage, with the outputs of the stages before it', () => {
    const counted = step('a', {}, { outputs: { rows: 'int' } });
    const run = new Run([counted, { ...after('b', 'a'), when: 'stages.a.outputs.rows > 5' }]);
    run.settle();
    expect(run.succeeds('a', 0, { rows: 3 }).settle()).toEqual(['a: SUCCEEDED', 'b: SKIPPED ConditionFalse']);
  });

  it('that cannot be evaluated fails the stage', () => {
    const run = new Run([{ ...step('a'), when: 'params.missing > 5' }]);
    expect(run.settle()).toEqual(['a: FAILED ExpressionFailed', 'stop: FinishRunning']);
  });
});

describe('a failure policy', () => {
  const branches = [step('a'), step('b'), after('c', 'b'), after('rescue', { stage: 'a', condition: 'failed' })];

  it.each(['FailFast', 'FinishRunning'] as const)('%s starts only what waits for the failure', (failurePolicy) => {
    const run = new Run([...branches, step('tidy', {}, { always: true })], { failurePolicy });
    run.settle();
    run.fails('a').stop(Stop[failurePolicy]);
    expect(run.settle()).toEqual(['a: FAILED Broken', 'begin rescue', 'start rescue 0', 'c: SKIPPED PipelineStopped']);
    run.succeeds('b').succeeds('rescue');
    expect(run.settle()).toEqual(['b: SUCCEEDED', 'rescue: SUCCEEDED', 'begin tidy', 'start tidy 0']);
  });

  it('Continue runs the stages that do not depend on the failed one', () => {
    const run = new Run(branches, { failurePolicy: 'Continue' });
    run.settle();
    expect(run.fails('a').succeeds('b').settle()).toEqual([
      ...['a: FAILED Broken', 'b: SUCCEEDED', 'begin rescue', 'start rescue 0', 'begin c', 'start c 0'],
    ]);
  });

  it.each([{ always: true }, { allowFailure: true }])('is not for a stage with %j', (fields) => {
    const run = new Run([{ ...step('a'), ...fields, when: 'params.missing > 5' }]);
    expect(run.settle()).toEqual(['a: FAILED ExpressionFailed']);
  });

  it('applies to a stage that was cancelled, and to the stages after it in the same pass', () => {
    const run = new Run([step('a'), after('b', 'a'), step('c')], { maxConcurrentStages: 1 });
    run.settle();
    expect(run.cancelled('a').decide()).toEqual([
      'a: CANCELLED Cancelled',
      'stop: FinishRunning',
      'c: SKIPPED PipelineStopped',
      'b: SKIPPED PipelineStopped',
    ]);
  });
});

describe('a stop', () => {
  it.each([
    [Stop.Cancelled, 'Cancelled'],
    [Stop.TimedOut, 'PipelineStopped'],
  ])('%s skips all but clean-up', (how, reason) => {
    const rescue = after('rescue', { stage: 'a', condition: 'failed' });
    const run = new Run([step('a'), rescue, step('tidy', {}, { always: true })]);
    run.settle();
    run.stop(how);
    expect(run.settle()).toEqual([`rescue: SKIPPED ${reason}`]);
    expect(run.cancelled('a').settle()).toContain('begin tidy');
  });

  it('cancels the items of a fan-out that wait, and ends the stage once those that run have ended', () => {
    const run = new Run([each('a', 4, { forEach: { range: { from: 1, to: 4 }, maxConcurrent: 2 } })]);
    run.settle();
    run.stop(Stop.FinishRunning);
    expect(run.settle()).toEqual(['cancel a 2,3']);
    expect(run.succeeds('a', 0).settle()).toEqual([]);
    expect(run.succeeds('a', 1).settle()).toEqual(['a: CANCELLED PipelineStopped']);
    expect(run.ledger.stage('a').done).toEqual({ total: 4, outputs: { 0: {}, 1: {} } });
  });

  it('for a failure gives way to a cancel, and not the other way round', () => {
    const controls = new Controls();
    expect(
      [Stop.FinishRunning, Stop.FailFast, Stop.Cancelled, Stop.FailFast].map((how) => controls.stopFor(how)),
    ).toEqual([true, false, true, false]);
    expect(controls.stopped).toBe(Stop.Cancelled);
  });

  it('ends a pause', () => {
    const run = new Run([step('tidy', {}, { always: true })]);
    run.controls.pausedWith = { note: 'lunch' };
    expect(run.settle()).toEqual([]);
    expect(run.stop(Stop.TimedOut).settle()).toEqual(['begin tidy', 'start tidy 0']);
  });
});

describe('a pause', () => {
  it.each(['pausedWith', 'parentPausedWith'] as const)('(%s) starts nothing, and ends what is over', (field) => {
    const run = new Run([step('a'), after('b', 'a'), after('c', { stage: 'a', condition: 'failed' })]);
    run.settle();
    run.controls[field] = {};
    expect(run.succeeds('a').settle()).toEqual(['a: SUCCEEDED', 'c: SKIPPED DependencyNotMet']);
    run.controls[field] = undefined;
    expect(run.settle()).toEqual(['begin b', 'start b 0']);
  });

  it('holds back the items of a fan-out that wait', () => {
    const run = new Run([each('a', 3)], { maxConcurrentStages: 1 });
    run.settle();
    run.controls.pausedWith = {};
    expect(run.succeeds('a', 0).settle()).toEqual([]);
  });

  it('is what a run does that continues as new', () => {
    const run = new Run([step('a')]);
    run.controls.isContinuing = true;
    expect(run.decide()).toEqual([]);
  });
});

describe('limits', () => {
  it('start no more units than the pipeline allows, those included that still release their semaphore', () => {
    const run = new Run([each('a', 3), step('b')], { maxConcurrentStages: 2 });
    expect(run.settle()).toEqual(['begin a', 'start a 0,1']);
    run.succeeds('a', 0).active += 1;
    expect(run.settle()).toEqual([]);
    run.active -= 1;
    expect(run.settle()).toEqual(['start a 2']);
    expect(run.succeeds('a', 1).settle()).toEqual(['begin b', 'start b 0']);
  });

  it('start no more items than the fan-out allows', () => {
    const run = new Run([each('a', 5, { forEach: { range: { from: 1, to: 5 }, maxConcurrent: 2 } }), step('b')]);
    expect(run.settle()).toEqual(['begin a', 'start a 0,1', 'begin b', 'start b 0']);
    expect(run.fails('a', 1).settle()).toEqual(['start a 2']);
  });

  it('end a fan-out over nothing at once, with empty outputs', () => {
    const none = step('a', {}, { forEach: { items: [] }, outputs: { rows: 'int' } });
    const run = new Run([none, after('b', 'a')]);
    expect(run.settle()).toEqual(['begin a', 'a: SUCCEEDED', 'begin b', 'start b 0']);
    expect(run.ledger.stage('a').outputs).toEqual({ rows: [] });
  });

  it('fail a fan-out whose items the run could not hand on', () => {
    const items = ['x'.repeat(CARRIED_LIMIT / 3), 'y'.repeat(CARRIED_LIMIT / 3)];
    const fanOut = (name: string) => step(name, {}, { forEach: { items: '${{ params.items }}' } });
    const spec = { parameters: { items: { type: 'list<string>' } }, failurePolicy: 'Continue' } as const;
    const run = new Run([fanOut('a'), fanOut('b')], spec);
    run.ledger.setParameters({ items: [] });
    run.ledger.publish();
    expect(run.decide()).toEqual(['begin a', 'a: SUCCEEDED', 'begin b', 'b: SUCCEEDED']);
    const full = new Run([fanOut('a'), fanOut('b')], spec);
    full.ledger.parameters = { items };
    full.ledger.publish();
    expect(full.decide()).toEqual(['begin a', 'start a 0,1', 'b: FAILED ItemsTooLarge']);
    expect(full.ledger.stage('b').message).toMatch(
      /^The 2 items of the fan-out take 1,200,\d+ bytes; this run can keep/,
    );
  });
});

describe('a fan-out', () => {
  it('succeeds with a list of each output, in the order of its items', () => {
    const run = new Run([each('a', 2, { outputs: { rows: 'int' } })]);
    run.settle();
    run.succeeds('a', 1, { rows: 2 }).succeeds('a', 0, { rows: 1 });
    expect(run.settle()).toEqual(['a: SUCCEEDED']);
    expect(run.ledger.stage('a')).toMatchObject({
      outputs: { rows: [1, 2] },
      units: [{ attempts: 1 }, { attempts: 1 }],
    });
  });

  it('fails with the first item that did', () => {
    const run = new Run([each('a', 3)]);
    run.settle();
    expect(run.cancelled('a', 0).fails('a', 2).succeeds('a', 1).settle()).toEqual(['a: FAILED Broken']);
    expect(run.ledger.stage('a')).toMatchObject({ message: 'it broke', done: { total: 3, outputs: { 1: {} } } });
  });
});

describe('a rerun', () => {
  it('keeps what an earlier run has done, and its outputs', () => {
    const first = step('a', {}, { outputs: { rows: 'int' } });
    const next = { ...after('b', 'a'), when: 'stages.a.outputs.rows == 7' };
    const run = new Run([first, next], {}, { keep: { a: { outputs: { rows: 7 } } } });
    expect(run.settle()).toEqual(['begin b', 'start b 0']);
    expect(run.ledger.stage('a')).toMatchObject({ state: 'SUCCEEDED', kept: true });
  });

  it('runs a clean-up stage again, even one with the name of a built-in property', () => {
    const run = new Run([step('constructor', {}, { always: true })], {}, { keep: { a: {} } });
    expect(run.settle()).toEqual(['begin constructor', 'start constructor 0']);
  });

  it('starts only the items that are not done, where there are as many as before', () => {
    const done = { total: 3, outputs: { 0: { rows: 1 }, 2: { rows: 3 } } };
    const outputs = { outputs: { rows: 'int' as const } };
    const run = new Run([each('a', 3, outputs)], {}, { keep: { a: { done } } });
    expect(run.settle()).toEqual(['begin a', 'start a 1']);
    expect(run.succeeds('a', 1, { rows: 2 }).settle()).toEqual(['a: SUCCEEDED']);
    expect(run.ledger.stage('a').outputs).toEqual({ rows: [1, 2, 3] });
    const other = new Run([each('a', 2, outputs)], {}, { keep: { a: { done } } });
    expect(other.settle()).toEqual(['begin a', 'start a 0,1']);
  });
});

describe('the budget of what a run hands on', () => {
  it('is released when a stage has ended, all but the message', () => {
    const run = new Run([each('a', 3)]);
    const before = run.ledger.remaining;
    run.settle();
    expect(run.ledger.remaining).toBeLessThan(before);
    run.fails('a', 0).fails('a', 1).fails('a', 2).settle();
    expect(before - run.ledger.remaining).toBe(JSON.stringify('it broke').length);
  });

  it('keeps a reason, and leaves out a message that does not fit', () => {
    const run = new Run([step('a')]);
    run.ledger.setParameters({ large: 'x'.repeat(CARRIED_LIMIT + 100_000) });
    run.settle();
    run.fails('a');
    expect(run.ledger.unit('a', 0)).toEqual({ state: 'failed', attempts: 1, reason: 'Broken' });
    expect(run.settle()).toEqual(['a: FAILED Broken']);
  });
});
