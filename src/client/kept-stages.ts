import { ancestorsOf, type SparkPipelineSpec } from '../manifest/index.ts';
import { StageState, type KeptStages, type StageStatus } from '../workflows/definitions/index.ts';

/**
 * What of an earlier run need not be done again: stages that succeeded, as all they depend on did, and that don't depend
 * on one of `from`.
 */
export function keptStages(
  { stages }: SparkPipelineSpec,
  earlier: readonly StageStatus[],
  from: readonly string[] = [],
): KeptStages {
  const ancestors = ancestorsOf(stages);
  const status = new Map(earlier.map((stage) => [stage.name, stage]));
  const isGood = (name: string): boolean => status.get(name)?.state === StageState.Succeeded && !from.includes(name);
  return Object.fromEntries(
    stages
      .filter(({ name, always }) => always !== true && isGood(name) && [...ancestors.get(name)!].every(isGood))
      .map(({ name }) => {
        const { outputs } = status.get(name)!;
        return [name, outputs === undefined ? {} : { outputs }];
      }),
  );
}
