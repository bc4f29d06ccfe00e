import type { PipelineStage, SparkPipeline } from '../../manifest/index.ts';
import { dependenciesOf, inOrder } from '../../manifest/pipeline/graph.ts';
import { DependencyCondition } from '../../manifest/pipeline/types.ts';
import type { RunHistoryLimits } from '../../protocol/index.ts';
import type { ScheduleFacts } from './schedule-facts.ts';
import { Stop } from './stop.ts';

const DEFAULT_MAX_CONCURRENT = 200;

export interface PlanFacts {
  readonly workflowId: string;
  /** Which run of the pipeline: the last part of the workflow id. */
  readonly run: string;
  /** RFC 3339; of the first run, where this one continues it. */
  readonly startedAt: string;
  readonly schedule: ScheduleFacts;
  /** IANA zone that the schedule's date is a day of. */
  readonly timeZone: string;
  /** Of how many runs housekeeping keeps the drivers. @default all */
  readonly history?: RunHistoryLimits;
}

/** The constant data of a run. */
export class Plan {
  readonly manifest: SparkPipeline;
  readonly facts: PlanFacts;
  /** Each stage after all it depends on, clean-up last. */
  readonly order: readonly PipelineStage[];
  /** Units that may run at once. */
  readonly maxConcurrent: number;
  private readonly byName: ReadonlyMap<string, PipelineStage>;
  /** Names of the stages that wait for a failure, and of those that follow them. */
  private readonly failureBranches: ReadonlySet<string>;

  constructor(manifest: SparkPipeline, facts: PlanFacts) {
    this.manifest = manifest;
    this.facts = facts;
    this.maxConcurrent = manifest.spec.maxConcurrentStages ?? DEFAULT_MAX_CONCURRENT;
    const stages = inOrder(manifest.spec.stages);
    this.order = [...stages.filter(({ always }) => always !== true), ...stages.filter(({ always }) => always === true)];
    this.byName = new Map(this.order.map((stage) => [stage.name, stage]));
    this.failureBranches = failureBranches(this.order);
  }

  stage(name: string): PipelineStage | undefined {
    return this.byName.get(name);
  }

  /** Clean-up always starts; so does what waits for a failure, and what follows it, unless the run is to end. */
  startsAfter(stop: Stop | undefined, { name, always }: PipelineStage): boolean {
    if (stop === undefined || always === true) return true;
    if (stop === Stop.Cancelled || stop === Stop.TimedOut) return false;
    return this.failureBranches.has(name);
  }
}

function failureBranches(order: readonly PipelineStage[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const stage of order) {
    const follows = dependenciesOf(stage).some(
      (each) => each.condition === DependencyCondition.Failed || names.has(each.stage),
    );
    if (follows && stage.always !== true) names.add(stage.name);
  }
  return names;
}
