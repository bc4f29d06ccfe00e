import { DependencyCondition, type PipelineStage, type StageDependency } from './types.ts';

type GraphStage = Pick<PipelineStage, 'name' | 'dependsOn' | 'always'>;

/** The dependencies of a stage, written in full. */
export function dependenciesOf({ dependsOn = [], always = false }: GraphStage): Required<StageDependency>[] {
  const usual = always ? DependencyCondition.Completed : DependencyCondition.Succeeded;
  return dependsOn.map((each) =>
    typeof each === 'string'
      ? { stage: each, condition: usual }
      : { stage: each.stage, condition: each.condition ?? usual },
  );
}

/** Enough for a reader; a graph may have as many as it has dependencies, each through all stages. */
const MOST_CYCLES = 20;

/** The first cycles of a graph, each once and from its first stage on; unknown names are ignored. */
export function findCycles(stages: readonly GraphStage[]): string[][] {
  // Of two with the same name the first counts; the duplicate is reported elsewhere.
  const byName = new Map(stages.toReversed().map((stage) => [stage.name, stage]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  for (const start of stages) {
    // Depth first with an explicit stack: a long chain must not overflow that of JavaScript.
    const path: { name: string; next: Iterator<Required<StageDependency>> }[] = [];
    const places = new Map<string, number>();
    const enter = (name: string): void => {
      const begun = places.get(name);
      if (begun !== undefined && cycles.length < MOST_CYCLES) cycles.push(path.slice(begun).map((step) => step.name));
      else if (begun === undefined && !done.has(name) && byName.has(name)) {
        places.set(name, path.length);
        path.push({ name, next: dependenciesOf(byName.get(name)!).values() });
      }
    };
    enter(start.name);
    while (path.length > 0) {
      const step = path.at(-1)!;
      const next = step.next.next();
      if (next.done !== true) {
        enter(next.value.stage);
        continue;
      }
      path.pop();
      places.delete(step.name);
      done.add(step.name);
    }
  }
  return cycles;
}

/** Each stage after all it depends on, otherwise as written. Needs a graph without cycles. */
export function inOrder<T extends GraphStage>(stages: readonly T[]): T[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const waiting = new Map(stages.map((stage) => [stage.name, new Set(knownDependencies(stage, byName))]));
  const dependents = new Map<string, string[]>(stages.map(({ name }) => [name, []]));
  for (const [name, needs] of waiting) for (const need of needs) dependents.get(need)!.push(name);
  const ready = stages.filter(({ name }) => waiting.get(name)!.size === 0).map(({ name }) => name);
  const order: T[] = [];
  for (const name of ready) {
    order.push(byName.get(name)!);
    for (const dependent of dependents.get(name)!) {
      const needs = waiting.get(dependent)!;
      needs.delete(name);
      if (needs.size === 0) ready.push(dependent);
    }
  }
  return order;
}

/** All that each stage depends on, directly or not. Needs a graph without cycles. */
export function ancestorsOf(stages: readonly GraphStage[]): Map<string, ReadonlySet<string>> {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const ancestors = new Map<string, ReadonlySet<string>>();
  for (const stage of inOrder(stages)) {
    const all = new Set<string>();
    for (const need of knownDependencies(stage, byName)) {
      all.add(need);
      for (const further of ancestors.get(need)!) all.add(further);
    }
    ancestors.set(stage.name, all);
  }
  return ancestors;
}

function knownDependencies(stage: GraphStage, byName: ReadonlyMap<string, GraphStage>): string[] {
  return dependenciesOf(stage).flatMap(({ stage: name }) => (byName.has(name) ? [name] : []));
}
