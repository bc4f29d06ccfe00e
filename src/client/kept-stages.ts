import type { PipelineStage, SparkPipelineManifest, SparkPipelineSpec } from '../manifest/index.ts';
import { ancestorsOf } from '../manifest/pipeline/graph.ts';
import { StageState, type KeptStage, type KeptStages, type StageStatus } from '../protocol/index.ts';
import { present } from '../validation/present.ts';

/**
 * The parts of an earlier run that are not run again: stages that succeeded, and items of fan-outs, as all they depend
 * on did, and that are not of `from` nor depend on one of these.
 */
export function keptStages(
  { stages }: SparkPipelineSpec,
  earlier: readonly StageStatus[],
  from: readonly string[] = [],
): KeptStages {
  const ancestors = ancestorsOf(stages);
  const status = new Map(earlier.map((stage) => [stage.name, stage]));
  const isGood = (name: string): boolean => status.get(name)?.state === StageState.Succeeded && !from.includes(name);
  const keptOf = ({ name, always }: PipelineStage): KeptStage | undefined => {
    if (always === true || from.includes(name) || ![...ancestors.get(name)!].every(isGood)) return undefined;
    const { outputs, done } = status.get(name) ?? {};
    if (isGood(name)) return present({ outputs });
    return done === undefined ? undefined : { done };
  };
  return Object.fromEntries(
    stages.flatMap((stage) => {
      const kept = keptOf(stage);
      return kept === undefined ? [] : [[stage.name, kept] as const];
    }),
  );
}

/** Names of the stages of a manifest that are new in it, or differ from those of the manifest before. */
export function changedStages(earlier: SparkPipelineManifest, { spec }: SparkPipelineManifest): string[] {
  const before = new Map(earlier.spec.stages.map((stage) => [stage.name, JSON.stringify(stage)]));
  return spec.stages.filter((stage) => before.get(stage.name) !== JSON.stringify(stage)).map(({ name }) => name);
}
