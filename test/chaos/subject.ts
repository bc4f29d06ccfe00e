import type { SparkClient } from '../../src/index.ts';
import type { SparkApplicationManifest, SparkPipelineManifest } from '../../src/manifest/index.ts';
import type { Environment } from '../support/environment.ts';
import type { BlowLog } from './blow-log.ts';
import type { Side } from './http2-proxy.ts';
import type { Point } from './points.ts';
import { applyResource } from './resource-life.ts';
import type { Setting } from './setting.ts';
import { EXPECTED, manifestOf, Shape, type Expected } from './shapes.ts';
import { pipelineIdOf, type Step } from './step.ts';

/** One application, and the point of its run at which something is broken. */
export class Subject {
  readonly point: Point;
  readonly setting: Setting;
  readonly namespace: string;
  readonly application: string;
  /** 1, or more where runs before did not come to the point. */
  readonly tries: number;
  /** It has come to its point. */
  struck = false;
  /** What was held there has its verdict. */
  released = false;
  /** The workflow is over, or the harness has given up waiting for that. */
  over = false;
  /** First call to an API server for it since its workflow was asked to end, in milliseconds since the epoch. */
  calledAt: number | undefined;
  /** When its workflow was asked to end. */
  killedAt: number | undefined;
  /** Of the lane that it runs in. */
  blows: BlowLog | undefined;
  /** Of the resource that it is to be the run of; absent until that exists. */
  private currentUid: string | undefined;
  /** Of the first resource of its name. */
  firstUid: string | undefined;
  /** Of the resource that a schedule has created. */
  runName: string | undefined;
  /** Changes that were made to the resource. */
  changes = 0;
  /** All of them were. */
  isChanged = false;
  /** When. */
  changedAt = 0;
  /** What the resource showed when its run had ended, or the time for that was over. */
  endStatus: Readonly<Record<string, unknown>> | undefined;
  private changing: Promise<unknown> = Promise.resolve();
  private readonly counts = new Map<string, number>();
  private readonly seen = new Set<string>();

  constructor(given: Pick<Subject, 'point' | 'setting' | 'namespace' | 'application' | 'tries'>) {
    this.point = given.point;
    this.setting = given.setting;
    this.namespace = given.namespace;
    this.application = given.application;
    this.tries = given.tries;
  }

  /** Of the pipeline, where it is a stage. */
  get parentId(): string | undefined {
    return this.point.shape === Shape.Staged ? pipelineIdOf(this.namespace, this.application) : undefined;
  }

  get workflowId(): string {
    const { parentId } = this;
    return parentId === undefined ? `spark/${this.namespace}/${this.resourceName}` : `${parentId}/stage`;
  }

  /** Whether it is the run of a resource. */
  get isServed(): boolean {
    return this.setting.resources !== undefined;
  }

  /** Of the application: a schedule names those that it creates. */
  get resourceName(): string {
    return this.runName ?? this.application;
  }

  get uid(): string | undefined {
    return this.currentUid;
  }

  set uid(uid: string | undefined) {
    this.currentUid = uid;
    this.firstUid ??= uid;
  }

  /**
   * Makes a change of the resource, one at a time.
   *
   * @param make resolves with how many there are
   * @returns whether all were made
   */
  async change(make: () => Promise<number>): Promise<boolean> {
    const made = this.changing.then(async () => {
      if (this.isChanged) return;
      const count = await make();
      this.changes = Math.min(count, this.changes + 1);
      this.isChanged = this.changes === count;
      this.changedAt = Date.now();
    });
    this.changing = made.catch(() => undefined);
    await made;
    return this.isChanged;
  }

  get expected(): Expected {
    return EXPECTED[this.point.shape];
  }

  get manifest(): SparkApplicationManifest {
    return manifestOf(this.point.shape, this.application, this.namespace, this.setting.annotations, this.tries);
  }

  /** Safe to repeat. */
  async start(env: Environment, spark: SparkClient): Promise<true> {
    try {
      if (this.isServed) {
        await applyResource(env, this);
        return true;
      }
      if (this.parentId === undefined) await spark.start(this.manifest);
      else await spark.pipelines.start(this.pipeline, { run: 'only' });
    } catch (error) {
      if (!(error instanceof Error && /already|running/i.test(`${error.name} ${error.message}`))) throw error;
    }
    return true;
  }

  /** Counts a call; returns which one of its name it is. */
  count({ name, link }: Step): number {
    if (link === 'kubernetes' && this.killedAt !== undefined) this.calledAt ??= Date.now();
    const nth = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, nth);
    return nth;
  }

  /** How many calls of its name there have been. */
  countOf({ name }: Step): number {
    return this.counts.get(name) ?? 0;
  }

  note(step: Step, nth: number, side: Side): void {
    this.seen.add(`${step.name} #${nth} ${side}`);
  }

  has(call: string): boolean {
    return this.seen.has(call);
  }

  isAt({ link, name }: Step, nth: number, side: Side): boolean {
    const { point } = this;
    return point.link === link && point.step === name && point.nth === nth && point.side === side;
  }

  private get pipeline(): SparkPipelineManifest {
    const { application, namespace } = this;
    const { spec } = this.manifest;
    return {
      apiVersion: 'temporal-spark/v1alpha1',
      kind: 'SparkPipeline',
      metadata: { name: application, namespace },
      spec: { stages: [{ name: 'stage', application: { metadata: { name: application }, spec } }] },
    };
  }
}
