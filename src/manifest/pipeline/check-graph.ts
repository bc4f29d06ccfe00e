import type { ProblemPath, Violation } from '../../validation/problem.ts';
import { asList, asText, isRecord, type UnknownRecord } from '../../validation/unknown-data.ts';
import { dependenciesOf, findCycles, inOrder } from './graph.ts';
import { DependencyCondition, type PipelineStage } from './types.ts';
import { unknownName } from './unknown-name.ts';

/** To find a similar name takes time in proportion to all names. */
const MOST_SUGGESTIONS = 100;

/** Checks that names are unique, dependencies exist and have no cycle, and every stage can run. */
export function checkGraph(stages: readonly UnknownRecord[], at: ProblemPath): Violation[] {
  // Of two with the same name the first counts.
  const byName = new Map(stages.toReversed().map((stage) => [stage['name'], stage]));
  const names = [...new Set(stages.flatMap(({ name }) => asText(name) ?? []))];
  let suggestions = 0;
  const namesFor = (stage: UnknownRecord): readonly string[] => {
    suggestions += 1;
    return suggestions > MOST_SUGGESTIONS ? [] : names.filter((name) => name !== stage['name']);
  };
  const readable = stages.filter(isReadable) as unknown as PipelineStage[];
  const position = new Map(stages.map(({ name }, index) => [name, index]));
  const cycles = findCycles(readable);
  return [
    ...checkNames(stages, at),
    ...stages.flatMap((stage, index) => checkDependencies(stage, [...at, index, 'dependsOn'], byName, namesFor)),
    ...cycles.map((cycle) => ({
      path: [...at, position.get(cycle[0]!)!, 'dependsOn'],
      code: 'cycle',
      message: `has a cycle: ${[...cycle, cycle[0]].join(' needs ')}`,
      remedy: 'remove one of these dependencies',
    })),
    ...(cycles.length > 0 ? [] : checkReachable(readable, at, position)),
  ];
}

function checkNames(stages: readonly UnknownRecord[], at: ProblemPath): Violation[] {
  const first = new Map<unknown, number>();
  return stages.flatMap(({ name }, index) => {
    if (name === undefined) return [];
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, index);
      return [];
    }
    return [
      {
        path: [...at, index, 'name'],
        code: 'duplicate',
        message: `is already the name of stages[${earlier}]`,
        remedy: 'give each stage its own name',
      },
    ];
  });
}

function checkDependencies(
  dependent: UnknownRecord,
  at: ProblemPath,
  byName: ReadonlyMap<unknown, UnknownRecord>,
  namesFor: (stage: UnknownRecord) => readonly string[],
): Violation[] {
  const { dependsOn, always } = dependent;
  return asList(dependsOn).flatMap((each, index) => {
    const stage = isRecord(each) ? each['stage'] : each;
    const path = isRecord(each) ? [...at, index, 'stage'] : [...at, index];
    if (typeof stage !== 'string') return [];
    const needed = byName.get(stage);
    if (needed === undefined) return [unknownName(path, 'is not a stage of this pipeline', stage, namesFor(dependent))];
    if (needed['always'] === true && always !== true) {
      return [
        {
          path,
          code: 'not_supported',
          message: 'is a clean-up stage (always), which runs after all others',
          remedy: 'make this one a clean-up stage too, or remove "always" from that one',
        },
      ];
    }
    return [];
  });
}

/** Stages that cannot run, regardless of how the others end. */
function checkReachable(
  stages: readonly PipelineStage[],
  at: ProblemPath,
  position: ReadonlyMap<unknown, number>,
): Violation[] {
  const conditions = stages.flatMap(dependenciesOf).map(({ condition }) => condition);
  if (!conditions.includes(DependencyCondition.Failed)) return [];
  // How other stages must have ended for a stage to run: name -> succeeded or failed.
  const needs = new Map<string, ReadonlyMap<string, DependencyCondition>>();
  const violations: Violation[] = [];
  for (const stage of inOrder(stages)) {
    const all = new Map<string, DependencyCondition>();
    const contradiction = dependenciesOf(stage)
      .filter(({ condition }) => condition !== DependencyCondition.Completed)
      .flatMap(({ stage: name, condition }) => [...(needs.get(name) ?? []), [name, condition] as const])
      .find(([name, condition]) => {
        const other = all.get(name);
        all.set(name, condition);
        return other !== undefined && other !== condition;
      });
    needs.set(stage.name, all);
    if (contradiction === undefined) continue;
    violations.push({
      path: [...at, position.get(stage.name)!, 'dependsOn'],
      code: 'unreachable',
      message: `can never be fulfilled: ${contradiction[0]} must have both succeeded and failed`,
      remedy: 'remove one of these dependencies, or use the condition "completed"',
    });
  }
  return violations;
}

function isReadable({ name, dependsOn }: UnknownRecord): boolean {
  return (
    typeof name === 'string' &&
    asList(dependsOn).every((each) => typeof each === 'string' || (isRecord(each) && typeof each['stage'] === 'string'))
  );
}
