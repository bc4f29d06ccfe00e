import {
  dependenciesOf,
  inOrder,
  type ForEach,
  type PipelineStage,
  type SparkPipelineManifest,
} from '../../manifest/index.ts';
import { present } from '../../validation/present.ts';
import { StageState, type SparkPipelineStatus, type StageStatus } from '../../protocol/index.ts';

/** A pipeline to draw. */
export interface PipelineGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly name: string;
  /** The kind of stage, or its state in a run. */
  readonly facts: string;
  /** The expression that decides whether it runs. */
  readonly condition?: string;
  /** Runs also after a failure. */
  readonly isCleanUp: boolean;
  readonly colour: string;
  /** On the critical path: the stages that determined the duration of the run. */
  readonly critical: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** A condition other than the default. */
  readonly label?: string;
  readonly critical: boolean;
}

const colours: Readonly<Record<StageState, string>> = {
  PENDING: '#f0f0f0',
  RUNNING: '#b3d4ff',
  SUCCEEDED: '#b7e4c7',
  FAILED: '#ffb3b3',
  SKIPPED: '#dddddd',
  CANCELLED: '#ffe0a3',
};

/** @param status of a run; without it the graph shows the kind of each stage */
export function pipelineGraph({ metadata, spec }: SparkPipelineManifest, status?: SparkPipelineStatus): PipelineGraph {
  const states = new Map(status?.stages.map((stage) => [stage.name, stage]));
  const critical = status === undefined ? [] : criticalPath(spec.stages, states);
  const ends = spec.stages.filter(
    ({ name, always }) =>
      always !== true && !spec.stages.some((other) => dependenciesOf(other).some(({ stage }) => stage === name)),
  );
  const edges = spec.stages.flatMap((stage): GraphEdge[] => {
    const { name, always } = stage;
    const needs = dependenciesOf(stage);
    // A clean-up stage without dependencies runs after all others.
    const all =
      needs.length === 0 && always === true ? ends.map((end) => ({ stage: end.name, condition: 'completed' })) : needs;
    return all.map(({ stage: from, condition }) => ({
      from,
      to: name,
      ...(condition === (always === true ? 'completed' : 'succeeded') ? {} : { label: condition }),
      critical: critical.indexOf(from) >= 0 && critical.indexOf(name) === critical.indexOf(from) + 1,
    }));
  });
  return {
    name: metadata.name ?? '',
    nodes: spec.stages.map((stage) => {
      const state = states.get(stage.name);
      return {
        name: stage.name,
        facts: state === undefined ? kindOf(stage) : factsOf(state),
        ...present({ condition: stage.when }),
        isCleanUp: stage.always === true,
        colour: colours[state?.state ?? StageState.Pending],
        critical: critical.includes(stage.name),
      };
    }),
    edges,
  };
}

/** What it runs, where that is not an application, and how many times, where that is known. */
function kindOf(stage: PipelineStage): string {
  const what = Object.keys(stage).find((key) => ['pipeline', 'workflow', 'activity'].includes(key));
  return [what, stage.forEach && `× ${itemsOf(stage.forEach) ?? 'n'}`].filter(Boolean).join(' ');
}

function itemsOf({ items, range }: ForEach): number | undefined {
  if (Array.isArray(items)) return items.length;
  const { from = 0, to, step = 1 } = range ?? {};
  const isKnown = typeof from === 'number' && typeof to === 'number' && typeof step === 'number' && step > 0;
  return isKnown ? Math.max(0, Math.floor((to - from) / step) + 1) : undefined;
}

/** From the stage that ended last back to the start: each time the dependency that ended last. In order of execution. */
export function criticalPath(
  stages: SparkPipelineManifest['spec']['stages'],
  states: ReadonlyMap<string, StageStatus>,
): string[] {
  const endOf = (name: string): number => Date.parse(states.get(name)?.finishedAt ?? '') || 0;
  const latest = (names: readonly string[]): string | undefined =>
    names
      .filter((name) => endOf(name) > 0)
      .reduce<string | undefined>(
        (last, name) => (last === undefined || endOf(name) > endOf(last) ? name : last),
        undefined,
      );
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const path: string[] = [];
  let next = latest(
    inOrder(stages)
      .filter(({ always }) => always !== true)
      .map(({ name }) => name),
  );
  while (next !== undefined) {
    path.unshift(next);
    next = latest(dependenciesOf(byName.get(next)!).map(({ stage }) => stage));
  }
  return path;
}

function factsOf({ state, startedAt, finishedAt, items, attempts = 0 }: StageStatus): string {
  const seconds =
    startedAt === undefined
      ? undefined
      : (Date.parse(finishedAt ?? new Date().toISOString()) - Date.parse(startedAt)) / 1000;
  return [
    state,
    seconds === undefined ? undefined : `${seconds.toFixed(0)} s`,
    items === undefined ? (attempts > 1 ? `${attempts} attempts` : undefined) : `${items.succeeded}/${items.total}`,
  ]
    .filter((fact) => fact !== undefined)
    .join(' · ');
}
